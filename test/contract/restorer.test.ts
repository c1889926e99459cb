import { describe, expect, test } from 'vitest';
import { noiseKey } from '../../src/model/noise.ts';
import { type AblationName, ablations, type ModelShape, presets } from '../../src/model/presets.ts';
import { createRestorer, distributionLimits, type Restorer } from '../../src/model/restorer.ts';
import { tasks } from '../../src/model/tasks.ts';
import type { TileSettings } from '../../src/model/tiling.ts';
import { readWeights, type Weights, writeWeights } from '../../src/model/weights.ts';
import { largestDifference } from './executors.ts';
import { fillParameters, uniform } from './random-weights.ts';

const key = noiseKey({ baseSeed: 0, sourceSopInstanceUid: '1.2.826.0.1.3680043.8.498.1', frame: 1, sample: 0 });

function weightsOf(ablation: AblationName, trained = tasks.slice()): Weights {
  const model: ModelShape = { preset: presets.micro8, ablation: ablations[ablation] };
  return readWeights(writeWeights(model, 'slim', fillParameters(model, 21), { tasks: trained, notes: {} }));
}

async function restorerOf(ablation: AblationName, tiles?: TileSettings): Promise<Restorer> {
  const options = { weights: weightsOf(ablation), engine: 'onnx-cpu', threads: 1 } as const;
  return createRestorer(tiles === undefined ? options : { ...options, tiles });
}

/** A phantom in [0, 1]: slopes, discs and a little noise. */
function phantom(rows: number, columns: number): Float32Array {
  const noise = uniform(rows * columns, 31);
  return Float32Array.from(noise, (value, at) => {
    const [row, column] = [Math.floor(at / columns) / rows, (at % columns) / columns];
    const inside = Math.hypot(row - 0.5, column - 0.5) < 0.4 ? 0.3 : 0;
    const organ = Math.hypot(row - 0.4, column - 0.6) < 0.1 ? 0.2 : 0;
    return 0.2 + 0.05 * column + inside + organ + 0.02 * value;
  });
}

describe('restoreSlice', () => {
  test('gives as many values as it was given, for sides that are no multiples of 8', async () => {
    const restorer = await restorerOf('full');
    const slice = { values: phantom(45, 67), rows: 45, columns: 67 };

    const restored = await restorer.restoreSlice({ ...slice, task: 'ct-denoising', noiseKey: key, eta: 0 });
    await restorer.release();

    expect(restored.values).toHaveLength(45 * 67);
    expect(restored.values.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(restored.distance?.positions).toBe(6 * 9);
    expect(restored.tiles).toBe(1);
  });

  test('is a function of slice, task and key alone', async () => {
    const restorer = await restorerOf('full');
    const request = { values: phantom(64, 48), rows: 64, columns: 48, task: 'pet-synthesis', eta: 1 } as const;

    const first = await restorer.restoreSlice({ ...request, noiseKey: key });
    const again = await restorer.restoreSlice({ ...request, noiseKey: key });
    const other = await restorer.restoreSlice({ ...request, noiseKey: [1, 2] });
    await restorer.release();

    expect(again).toEqual(first);
    expect(largestDifference(other.values, first.values)).toBeGreaterThan(0);
  });

  test.for(['V1', 'V2', 'V3'] as const)('works for the ablation %s', async (ablation) => {
    const restorer = await restorerOf(ablation);
    const slice = { values: phantom(32, 40), rows: 32, columns: 40 };

    const restored = await restorer.restoreSlice({ ...slice, task: 'ct-denoising', noiseKey: key, eta: 0 });
    await restorer.release();

    expect(restored.values).toHaveLength(32 * 40);
    expect(restored.distance === undefined).toBe(ablation !== 'V3');
  });

  test.for([
    { name: 'a side below 32', rows: 31, columns: 64, code: 'MODEL_IMAGE_SIZE' },
    { name: 'too few values', rows: 65, columns: 64, code: 'MODEL_IMAGE_SIZE' },
  ])('refuses $name', async ({ rows, columns, code }) => {
    const restorer = await restorerOf('V1');
    const values = phantom(Math.min(rows, 64), columns);

    const restoring = restorer.restoreSlice({ values, rows, columns, task: 'ct-denoising', noiseKey: key, eta: 0 });

    await expect(restoring).rejects.toMatchObject({ code });
    await restorer.release();
  });

  test('refuses a task that the weights were not trained for', async () => {
    const weights = weightsOf('V1', ['ct-denoising']);
    const restorer = await createRestorer({ weights, engine: 'onnx-cpu', threads: 1 });
    const request = { values: phantom(32, 32), rows: 32, columns: 32, noiseKey: key, eta: 0 };

    const restoring = restorer.restoreSlice({ ...request, task: 'pet-synthesis' });

    await expect(restoring).rejects.toMatchObject({ code: 'MODEL_TASK_ABSENT' });
    await restorer.release();
  });
});

describe('a slice in tiles', () => {
  const side = 512;
  const tiles = { above: 256 * 256, size: 256, overlap: 64 };

  test('differs from the whole by at most 0.5 % of the range, without a step at the seams', async () => {
    const slice = { values: phantom(side, side), rows: side, columns: side, noiseKey: key, eta: 0 } as const;
    const [whole, tiled] = [await restorerOf('full'), await restorerOf('full', tiles)];

    const expected = (await whole.restoreSlice({ ...slice, task: 'mri-super-resolution' })).values;
    const found = await tiled.restoreSlice({ ...slice, task: 'mri-super-resolution' });
    await whole.release();
    await tiled.release();

    const square = expected.reduce((sum, value, at) => sum + (value - (found.values[at] ?? 0)) ** 2, 0);
    const range = expected.reduce((a, b) => Math.max(a, b)) - expected.reduce((a, b) => Math.min(a, b));
    expect(found.tiles).toBe(9);
    console.log(`tiles: RMS ${((100 * Math.sqrt(square / expected.length)) / range).toFixed(3)} % of the range`);
    expect(Math.sqrt(square / expected.length) / range).toBeLessThanOrEqual(0.005);
    expect(seamRatio(found.values, expected)).toBeLessThanOrEqual(1.1);
  });

  /** Mean absolute jump from column to column where tiles begin or end, against the untiled image's there. */
  function seamRatio(found: Float32Array, expected: Float32Array): number {
    const seams = [128, 256, 384]; // starts 0, 128, 256; ends 256, 384
    return jumpAt(found, seams) / jumpAt(expected, seams);
  }

  function jumpAt(values: Float32Array, columns: readonly number[]): number {
    let sum = 0;
    for (let row = 0; row < side; row++) {
      for (const column of columns) {
        sum += Math.abs((values[row * side + column] ?? 0) - (values[row * side + column - 1] ?? 0));
      }
    }
    return sum / (side * columns.length);
  }
});

describe('classify', () => {
  test('gives logits, probabilities and a distance for each task', async () => {
    const restorer = await restorerOf('V2');

    const found = await restorer.classify({ values: uniform(53 * 40, 5), rows: 53, columns: 40 });
    await restorer.release();

    const probabilities = Object.values(found?.probabilities ?? {});
    expect(Object.keys(found?.logits ?? {}).toSorted()).toEqual([...tasks].toSorted());
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
    expect(found?.featureDistances['ct-denoising']).toBeGreaterThan(0);
  });

  test('gives nothing for weights without a classifier', async () => {
    const restorer = await restorerOf('V1');

    expect(await restorer.classify({ values: uniform(32 * 32, 5), rows: 32, columns: 32 })).toBeUndefined();
    await restorer.release();
  });
});

describe('distributionLimits', () => {
  test('are the row of the task; weights without a classifier have none', () => {
    const weights = weightsOf('full');
    const [, , , , residualShare, firstResidualShare, featureDistance, doubt] =
      weights.tensors.get('ood.limits')?.data ?? [];

    expect(distributionLimits(weights, 'ct-denoising')).toEqual({
      residualShare,
      firstResidualShare,
      featureDistance,
      doubt,
    });
    expect(distributionLimits(weightsOf('V1'), 'ct-denoising')).toBeUndefined();
  });
});

describe('the engine auto', () => {
  test('is the CPU where nothing faster loads, and says why not', async () => {
    const restorer = await createRestorer({ weights: weightsOf('full'), engine: 'auto', threads: 1 });
    await restorer.release();

    const chosen = restorer.findings.filter(({ verdict }) => verdict === 'chosen');
    expect(chosen.map(({ engine }) => engine)).toEqual([restorer.engine]);
    expect(restorer.findings.map(({ engine }) => engine)).toContain('onnx-cpu');
    for (const { verdict, reason } of restorer.findings) {
      if (verdict === 'absent' || verdict === 'refused') expect(reason).not.toBe('');
      expect(reason).not.toContain('/');
    }
  });

  test('a named engine that passes the self-test is used', async () => {
    const restorer = await createRestorer({ weights: weightsOf('full'), engine: 'tfjs-wasm', threads: 1 });
    await restorer.release();

    expect(restorer.findings.map(({ engine, verdict }) => [engine, verdict])).toEqual([['tfjs-wasm', 'chosen']]);
  });
});
