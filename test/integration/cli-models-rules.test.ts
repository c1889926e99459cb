import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { runCli, writeConfig } from '../peers/node-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'diffcode-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const demo = fileURLToPath(new URL('../fixtures/demo', import.meta.url));

const pacs = { pacs: { aeTitle: 'PACS', host: '127.0.0.1', port: 104 } };
const ctRule = {
  name: 'ct',
  match: { Modality: 'CT' },
  do: 'restore',
  task: 'ct-denoising',
  originals: ['pacs'],
  restored: ['pacs'],
};
const rest = { name: 'rest', do: 'forward', originals: ['pacs'] };
const early = { name: 'early', when: 'instance', match: { Modality: 'MR' }, do: 'forward', originals: ['pacs'] };
const config = (name: string, rules: readonly unknown[]): string =>
  writeConfig(join(folder, name), 104, { destinations: pacs, rules });

test('models prints every preset with its values per module, without any weights', () => {
  const { status, stdout } = runCli(['models', '--json']);
  const models: unknown = JSON.parse(stdout);

  expect(status).toBe(0);
  expect(models).toMatchObject({
    presets: expect.arrayContaining([
      {
        name: 'full',
        parameters: {
          cls: expect.any(Number),
          evq: expect.any(Number),
          gvq: expect.any(Number),
          elq: expect.any(Number),
          dm: expect.any(Number),
          codebook: expect.any(Number),
          'bb.enc': expect.any(Number),
          'bb.dec': expect.any(Number),
          total: expect.any(Number),
        },
      },
    ]),
    installed: expect.any(Array),
  });
  expect(runCli(['models']).stdout).toMatch(/^preset +cls +evq/);
});

test('rules test explains every series, on arrival as well, and names what it can not read', () => {
  const unreadable = join(folder, 'note.txt');
  writeFileSync(unreadable, 'no DICOM');
  const matching = config('matching', [early, ctRule, rest]);
  const { status, stdout, stderr } = runCli(['rules', 'test', demo, unreadable, '--json', '--config', matching]);
  const report: unknown = JSON.parse(stdout);

  expect(status).toBe(0);
  expect(report).toMatchObject({
    series: expect.arrayContaining([
      expect.objectContaining({ rule: 'ct', decision: expect.stringMatching(/restore|exclude/), originals: ['pacs'] }),
      expect.objectContaining({
        rule: 'rest',
        decision: 'forward',
        onArrival: [{ rule: 'early', originals: ['pacs'] }],
      }),
    ]),
  });
  expect(stderr).toContain('note.txt: not a DICOM object');
});

test('rules test ends with 1 when a series matches no rule, and says so', () => {
  const { status, stdout } = runCli(['rules', 'test', demo, '--config', config('partly', [ctRule])]);

  expect(status).toBe(1);
  expect(stdout).toContain('quarantined (no rule matches): nothing is sent');
  expect(stdout).toContain('not ct: Modality is');
});

test('a mistyped configuration is answered with file, line and column of each fault', () => {
  const faulty = config('faulty', [ctRule]);
  writeFileSync(join(faulty, 'rules.yaml'), '- name: ct\n  do: forwrd\n  originals: [pacs]\n');
  writeFileSync(join(faulty, 'node.yaml'), 'scp:\n  prt: 104\n');
  const { status, stderr } = runCli(['rules', 'test', demo, '--config', faulty]);

  expect(status).toBe(3);
  expect(stderr).toMatch(/rules\.yaml:2:\d+: /);
  expect(stderr).toMatch(/node\.yaml:2:\d+: /);
});

test.for([
  { what: 'an unknown command', words: ['modles'], says: "no command is called 'modles'" },
  { what: 'an unknown option', words: ['models', '--jsn'], says: 'jsn' },
  { what: 'rules without test', words: ['rules', 'try', demo], says: 'rules test PATHS' },
  { what: 'rules test without paths', words: ['rules', 'test'], says: 'rules test PATHS' },
])('$what is wrong usage', ({ words, says }) => {
  const { status, stderr } = runCli(words);

  expect(status).toBe(2);
  expect(stderr).toContain(says);
});
