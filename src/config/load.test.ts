import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from './errors.ts';
import { defaultConfig, loadConfig, shippedFolder } from './load.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterEach(() => rm(folder, { recursive: true }));

const sound = (): undefined => undefined;

test('the files as shipped are sound, accept the loopback alone, and end with a rule for everything else', async () => {
  const config = await defaultConfig(sound);

  expect(config.callers.flatMap(({ addresses }) => addresses)).toEqual(['127.0.0.1/32', '::1/128']);
  expect(config.scp.host).toBe('127.0.0.1');
  expect(config.rules.at(-1)).toMatchObject({ name: 'everything-else', match: {}, do: 'forward' });
  expect(config.destinations['pacs']).toMatchObject({ host: '127.0.0.1' });
});

test('the files as shipped restore CT, MR and PET, and refuse where there is nothing to restore', async () => {
  const { rules } = await defaultConfig(sound);
  const restoring = rules.filter((rule) => rule.do === 'restore');

  expect(restoring.map(({ match, task }) => [match['Modality'], task])).toEqual([
    ['CT', 'ct-denoising'],
    ['MR', 'mri-super-resolution'],
    ['PT', 'pet-synthesis'],
  ]);
  expect(restoring.map(({ applicability }) => applicability)).toEqual(['refuse', 'refuse', 'refuse']);
});

test('the files as shipped keep their data in the data folder beside config', async () => {
  const { spool, ledger } = await defaultConfig(sound);

  expect(spool.folder).toBe(join(shippedFolder, '..', 'data', 'spool'));
  expect(ledger.file).toBe(join(shippedFolder, '..', 'data', 'ledger.db'));
});

test('every file that is missing is named, and the folder of the user is not', async () => {
  await writeFile(join(folder, 'node.yaml'), '');

  const failure = await loadConfig(folder, sound).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(ConfigError);
  expect(String(failure)).toContain('destinations.yaml:1:1: can’t be read (ENOENT)');
  expect(String(failure)).toContain('rules.yaml:1:1: can’t be read (ENOENT)');
  expect(String(failure)).not.toContain(folder);
});

test('paths are relative to the folder that is loaded, not to where the node was started', async () => {
  await writeFile(join(folder, 'node.yaml'), 'spool: { folder: here }');
  await writeFile(join(folder, 'destinations.yaml'), '');
  await writeFile(join(folder, 'rules.yaml'), '');

  expect((await loadConfig(folder, sound)).spool.folder).toBe(join(folder, 'here'));
});
