import { expect, test } from 'vitest';
import { changedKeys } from './changed-keys.ts';
import { parseConfig } from './parse.ts';

function configOf(node: string, rules = '') {
  const texts = { 'node.yaml': node, 'destinations.yaml': '', 'rules.yaml': rules };
  return parseConfig(texts, { folder: '/etc/diffcode', checkExpression: () => undefined });
}

test('a reload names each key of node.yaml that only a restart brings into force', () => {
  const inForce = configOf('scp: { port: 104 }\ncallers: []\nwindows: {}');
  const read = configOf(`
scp: { port: 105, limits: { associations: 8 } }
callers: [{ aeTitle: CT1, addresses: [10.0.0.7] }]
windows: { nights: { from: '22:00', to: '06:00', timezone: UTC } }
`);

  expect(changedKeys(inForce, read)).toEqual(['scp.port', 'scp.limits.associations', 'callers', 'windows.nights']);
});

test('a reload of other rules names nothing', () => {
  const inForce = configOf('scp: { port: 104 }');

  expect(changedKeys(inForce, configOf('scp:\n  port: 104', '- { name: all, do: forward }'))).toEqual([]);
});
