import { describe, expect, test } from 'vitest';
import { nominalDegradation } from '../model/degrade/degradation.ts';
import type { StoredImage } from '../model/normalise.ts';
import { buildShard, hasSignal, type Sample } from './shard.ts';

function image(rows: number, columns: number, valueAt: (index: number) => number, slope = 1): StoredImage {
  return {
    rows,
    columns,
    stored: Int16Array.from({ length: rows * columns }, (_, i) => valueAt(i)),
    slope,
    intercept: 0,
    lowest: -32768,
    highest: 32767,
    padding: undefined,
    factor: 1,
  };
}

function sample(reference: StoredImage, realisations: readonly StoredImage[]): Sample {
  const slice = { sopInstanceUid: '1.2', frame: 1, image: reference, pixelMm: 1, positionMm: 0 };
  const physical = Float64Array.from(reference.stored, (stored) => stored * reference.slope);
  const padding = new Uint8Array(physical.length);
  const low = realisations.map((version) => ({ degradation: nominalDegradation('ct-denoising'), image: version }));
  return { reference: { slice, physical, padding, sigmaHu: undefined, degrade: () => reference }, realisations: low };
}

describe('buildShard', () => {
  test('MR: reference and realisations are each in their own scale, and a factor leads from one to the other', () => {
    const bright = image(32, 32, (i) => i);
    const dim = image(32, 32, (i) => Math.floor(i / 2));

    const { tensors } = buildShard('mri-super-resolution', [sample(bright, [dim, bright])]);

    expect(tensors.get('hq_factor')?.data).toEqual(Float32Array.of(1023 / 511, 1));
    expect(tensors.get('hq')?.data[1023]).toBe(1);
    expect(tensors.get('lq')?.data[1023]).toBe(1);
    expect(tensors.get('lq')?.shape).toEqual([2, 1, 32, 32]);
  });

  test('CT: units of u, 256 HU above water is 1', () => {
    const { tensors } = buildShard('ct-denoising', [
      sample(
        image(32, 32, (i) => (i === 5 ? 256 : 0)),
        [],
      ),
    ]);

    expect(tensors.get('hq')?.data[5]).toBeCloseTo(16 * (256 / 4095), 6);
    expect(tensors.get('hq')?.data[6]).toBeCloseTo(0, 6);
  });

  test('a small PET crop lies in zeros, and its border does not count', () => {
    const crop = image(40, 50, () => 5);

    const shard = buildShard('pet-synthesis', [sample(crop, [image(40, 50, () => 7)])]);

    expect([shard.rows, shard.columns]).toEqual([128, 128]);
    expect(shard.valid).toEqual([47, 42, 81, 86]);
    expect(shard.tensors.get('hq')?.data[0]).toBe(0);
    expect(shard.tensors.get('hq')?.data[47 * 128 + 42]).toBe(1);
    expect(shard.squaredError.count).toBe(34 * 44);
    expect(Math.sqrt(shard.squaredError.sum / shard.squaredError.count)).toBeCloseTo(2 / 20, 6);
  });

  test('a noisy CT reference weighs less', () => {
    const noisy = image(64, 64, (i) => 40 + ((i * 7919) % 101) - 50);

    const { tensors } = buildShard('ct-denoising', [
      sample(noisy, []),
      sample(
        image(64, 64, () => 40),
        [],
      ),
    ]);

    expect(tensors.get('weight')?.data).toEqual(Float32Array.of(0.25, 1));
  });
});

describe('hasSignal', () => {
  test('a slice of air has none, one with a body has', () => {
    const air = new Float64Array(400).fill(-1000);
    const body = air.map((hu, i) => (i < 40 ? 30 : hu));

    expect(hasSignal('ct-denoising', air, 1)).toBe(false);
    expect(hasSignal('ct-denoising', body, 1)).toBe(true);
  });
});
