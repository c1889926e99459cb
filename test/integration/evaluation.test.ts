import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Codecs, openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { prepareShards } from '../../src/evaluate/prepare.ts';
import type { EvaluationReport } from '../../src/evaluate/report.ts';
import type { RestoreRequest } from '../../src/model/restorer.ts';
import { readSafetensors } from '../../src/model/safetensors.ts';
import { tasks } from '../../src/model/tasks.ts';

const dataFolder = path.resolve(import.meta.dirname, '../fixtures/demo');

/** A model that changes nothing. */
const identity = { restoreSlice: async ({ values }: RestoreRequest) => ({ values }) };

let codecs: Codecs;
let workFolder: string;

beforeAll(async () => {
  codecs = await openCodecs();
  workFolder = await mkdtemp(path.join(os.tmpdir(), 'evaluation-'));
});

afterAll(() => rm(workFolder, { recursive: true, force: true }));

/** Every file that `prepare` writes. */
async function prepared(name: string): Promise<ReadonlyMap<string, Buffer>> {
  const shardFolder = path.join(workFolder, name);
  await prepareShards({
    dataFolder,
    shardFolder,
    tasks: ['pet-synthesis'],
    realisations: 2,
    seed: 5,
    mix: 'training',
    codecs,
  });
  const files = await readdir(shardFolder);
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(path.join(shardFolder, file))] as const)),
  );
}

describe('evaluate', () => {
  let report: EvaluationReport;
  const seen: number[] = [];

  beforeAll(async () => {
    report = await evaluate({
      dataFolder,
      tasks,
      restorer: identity,
      withBaselines: false,
      codecs,
      onProgress: ({ slices }) => seen.push(slices),
    });
  }, 60_000);

  test.for(tasks)('%s: a model that changes nothing has exactly the figures of its input', (task) => {
    const figures = report.tasks[task];

    expect(figures?.n).toBeGreaterThanOrEqual(3);
    expect(figures?.restored).toEqual(figures?.input);
    expect(figures?.gain?.psnr).toEqual({ mean: 0, median: 0, percentile5: 0 });
  });

  test('inputs are as degraded as the simulation says', () => {
    expect(report.tasks['mri-super-resolution']?.input.psnr).toBeGreaterThan(24);
    expect(report.tasks['mri-super-resolution']?.input.psnr).toBeLessThan(32);
    expect(report.tasks['ct-denoising']?.input.psnr).toBeGreaterThan(24);
    expect(report.tasks['ct-denoising']?.input.psnr).toBeLessThan(35);
    expect(report.tasks['pet-synthesis']?.input.psnr).toBeGreaterThan(22);
    expect(report.tasks['pet-synthesis']?.input.psnr).toBeLessThan(40);
  });

  test('a CT series has a ceiling, a PET series its uptake, an MR series its scale', () => {
    const [ct, pet, mr] = (['ct-denoising', 'pet-synthesis', 'mri-super-resolution'] as const).map(
      (task) => report.tasks[task]?.series[0],
    );

    expect(ct?.ceilingDb).toBeGreaterThan(4);
    expect(Math.abs(ct?.input.huShift?.soft ?? Number.NaN)).toBeLessThan(1);
    expect(pet?.input.uptake?.totalActivityRatio).toBeCloseTo(1, 1);
    expect(mr?.scale).toBeGreaterThan(0);
  });

  test('progress counts every restored slice', () => {
    expect(seen.at(-1)).toBe(13);
  });

  test('a folder without series is refused', async () => {
    await expect(evaluate({ dataFolder: workFolder, tasks, codecs })).rejects.toMatchObject({
      code: 'EVALUATE_NO_SERIES',
    });
  });
});

describe('prepare', () => {
  test('the same data and seed give the same bytes; a shard holds what its manifest says', async () => {
    const first = await prepared('first');
    const second = await prepared('second');

    expect([...second.keys()]).toEqual([...first.keys()]);
    for (const [file, bytes] of first) expect(second.get(file)?.equals(bytes)).toBe(true);
    const shard = readSafetensors(first.get('pet-.safetensors') ?? Buffer.alloc(0));
    expect(shard.tensors.get('lq')?.shape).toEqual([2, 6, 128, 128]);
  }, 60_000);

  test('a folder with files in it is left alone', async () => {
    await mkdir(path.join(workFolder, 'used'));
    await writeFile(path.join(workFolder, 'used', 'notes.txt'), 'mine');

    await expect(prepared('used')).rejects.toMatchObject({ code: 'EVALUATE_NOT_EMPTY' });
  });
});
