import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInstalledWeights, readWeightsIndex } from './installed-weights.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diffcode-weights-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = { name: 'small', preset: 'tiny16', sha256: '0'.repeat(64), tasks: ['ct-denoising'], default: true };

test('weights that are not those of the index are refused by their digest', async () => {
  await writeFile(join(folder, 'index.json'), JSON.stringify([entry]));
  await writeFile(join(folder, 'small.safetensors'), 'other bytes');

  await expect(openInstalledWeights('default', folder)).rejects.toMatchObject({ code: 'MODEL_WEIGHTS_DIGEST' });
});

test('weights that the index names and the folder lacks are missing, as are names that it does not know', async () => {
  await writeFile(join(folder, 'index.json'), JSON.stringify([entry]));

  await expect(openInstalledWeights('default', folder)).rejects.toMatchObject({ code: 'MODEL_WEIGHTS_MISSING' });
  await expect(openInstalledWeights('large', folder)).rejects.toMatchObject({ code: 'MODEL_WEIGHTS_MISSING' });
});

test('a folder without an index has no weights, and an index of another form is refused', async () => {
  expect(await readWeightsIndex(folder)).toEqual([]);
  await writeFile(join(folder, 'index.json'), '[{ "name": "small" }]');

  await expect(readWeightsIndex(folder)).rejects.toMatchObject({ code: 'MODEL_WEIGHTS_INDEX' });
});
