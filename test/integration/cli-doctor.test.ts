import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { destinationNameOf } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { freePort, runCli, writeConfig } from '../peers/node-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'diffcode-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A configuration of its own whose only destination is switched off. */
async function configOf(name: string): Promise<{ readonly at: string; readonly ledgerFile: string }> {
  const at = writeConfig(join(folder, name), await freePort(), {
    node: { model: { weights: join(folder, 'none.safetensors') } },
    destinations: { pacs: { aeTitle: 'PACS', host: '127.0.0.1', port: 104, enabled: false } },
    rules: [{ name: 'rest', do: 'forward', originals: ['pacs'] }],
  });
  return { at, ledgerFile: join(folder, name, 'ledger.db') };
}

test('doctor names what fails and what to do, and ends with 5 when weights are missing', async () => {
  const { at } = await configOf('no-weights');
  const { status, stdout } = runCli(['doctor', '--json', '--config', at]);

  expect(status).toBe(5);
  expect(JSON.parse(stdout)).toMatchObject({
    notice: 'research use only, not for diagnosis',
    isHealthy: false,
    checks: expect.arrayContaining([
      expect.objectContaining({ name: 'configuration', verdict: 'ok' }),
      expect.objectContaining({ name: 'ledger', verdict: 'ok', found: 'none yet: the first start makes it' }),
      expect.objectContaining({ name: 'port', verdict: 'ok' }),
      expect.objectContaining({
        name: 'weights',
        verdict: 'fail',
        found: expect.stringContaining('MODEL_WEIGHTS_MISSING'),
        todo: expect.any(String),
      }),
    ]),
  });
});

test('doctor ends with 3 when the configuration has a fault, with its place', async () => {
  const { at } = await configOf('faulty');
  writeFileSync(join(at, 'node.yaml'), 'scp:\n  prt: 104\n');
  const { status, stdout } = runCli(['doctor', '--config', at]);

  expect(status).toBe(3);
  expect(stdout).toMatch(/fail {2}configuration: node\.yaml:2:\d+: /);
});

test('doctor --rebuild keeps a damaged ledger under another name and makes a new one', async () => {
  const { at, ledgerFile } = await configOf('damaged');
  writeFileSync(ledgerFile, 'this is no database, whatever its name says. '.repeat(100));
  const before = runCli(['doctor', '--config', at]);
  const rebuilt = runCli(['doctor', '--rebuild', '--config', at]);
  const kept = readdirSync(join(ledgerFile, '..')).filter((name) => name.startsWith('ledger.db.damaged-'));

  expect(before.stdout).toContain('fail  ledger: the file is damaged');
  expect(rebuilt.stdout).toContain('ok    rebuild: 0 received and 0 derived objects');
  expect(rebuilt.stdout).toContain('ok    ledger: sound');
  expect(kept).toHaveLength(1);
});

test('deliveries retry is audited, and never makes a ledger', async () => {
  const { at, ledgerFile } = await configOf('deliveries');
  const words = ['deliveries', 'retry', '--destination', destinationNameOf('pacs'), '--config', at];
  const without = runCli(words);
  await (await openLedger({ file: ledgerFile })).close();
  const done = runCli(words);

  expect(without.status).toBe(5);
  expect(done).toMatchObject({ status: 0, stdout: '0 deliveries to pacs are due now\n' });
  expect(readFileSync(join(folder, 'deliveries', 'audit.jsonl'), 'utf8')).toContain('"action":"delivery.retried"');
});

test('reload says that no node runs, and refuses a faulty configuration before', async () => {
  const { at, ledgerFile } = await configOf('reload');
  writeFileSync(`${ledgerFile}.pid`, `${process.pid}\n`);
  const valid = runCli(['reload', '--config', at]);
  writeFileSync(join(at, 'rules.yaml'), '- name: [\n');

  expect(valid).toMatchObject({ status: 1, stdout: expect.stringContaining('no node runs') });
  expect(runCli(['reload', '--config', at]).status).toBe(3);
  expect(existsSync(ledgerFile)).toBe(false);
});
