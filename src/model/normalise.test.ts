import { describe, expect, test } from 'vitest';
import {
  mrSeriesScale,
  normalise,
  paddingMask,
  physicalValues,
  restoredValues,
  roundHalfEven,
  type StoredImage,
  standardise,
  toStored,
  unitScale,
} from './normalise.ts';
import type { Task } from './tasks.ts';

function image(stored: readonly number[], change: Partial<StoredImage> = {}): StoredImage {
  return {
    rows: 1,
    columns: stored.length,
    stored: Int16Array.from(stored),
    slope: 1,
    intercept: 0,
    lowest: -32768,
    highest: 32767,
    padding: undefined,
    factor: 1,
    ...change,
  };
}

function noPadding(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** Through the network's range and back with an identity for a network. */
function throughIdentity(source: StoredImage, task: Task, seriesScale: number): ReturnType<typeof toStored> {
  const values = physicalValues(source);
  const padding = paddingMask(source, task);
  const scale = unitScale(task, seriesScale);
  const slice = normalise(values, padding, scale);
  return toStored(source, restoredValues(values, slice, slice.x, scale), slice.kept);
}

describe('a network that changes nothing gives every stored value back', () => {
  const signed = Array.from({ length: 65_536 }, (_, i) => i - 32_768);

  test.for([
    { name: 'CT, slope 1', task: 'ct-denoising', source: image(signed) },
    { name: 'CT, intercept −1024', task: 'ct-denoising', source: image(signed, { intercept: -1024 }) },
    { name: 'MR', task: 'mri-super-resolution', source: image(signed), seriesScale: 20_011 },
    { name: 'PET, small slope', task: 'pet-synthesis', source: image(signed, { slope: 0.000_61 }) },
    { name: 'PET in Bq/ml', task: 'pet-synthesis', source: image(signed, { slope: 0.209_3, factor: 0.000_173 }) },
    { name: 'PET, large slope', task: 'pet-synthesis', source: image(signed, { slope: 3.703, factor: 0.000_173 }) },
  ] as const)('$name', (row) => {
    const { stored, clamped } = throughIdentity(row.source, row.task, 'seriesScale' in row ? row.seriesScale : 1);

    expect(stored.findIndex((value, i) => value !== row.source.stored[i])).toBe(-1);
    expect(clamped).toBe(0);
  });
});

describe('paddingMask', () => {
  test('the padding range of the tags includes both ends', () => {
    const source = image([-2000, -1500, -1000, 5], { padding: { first: -2000, last: -1500 } });

    expect([...paddingMask(source, 'ct-denoising')]).toEqual([1, 1, 0, 0]);
  });

  test.for([
    { name: 'a round field of view is found by its corners', stored: [-1024, 5, 7, -1024], mask: [1, 0, 0, 1] },
    { name: 'corners of ordinary air are no padding', stored: [-1000, 5, 7, -1000], mask: [0, 0, 0, 0] },
    { name: 'corners that differ are no padding', stored: [-1024, 5, 7, -1025], mask: [0, 0, 0, 0] },
  ])('$name', ({ stored, mask }) => {
    const source = image([...stored, ...stored], { rows: 2, columns: 4 });

    expect([...paddingMask(source, 'ct-denoising')]).toEqual([...mask, ...mask]);
  });

  test('only CT has a round field of view without a tag', () => {
    expect([...paddingMask(image([-1024, 5, -1024]), 'mri-super-resolution')]).toEqual([0, 0, 0]);
  });
});

describe('mrSeriesScale', () => {
  test('is the maximum where the maximum is no outlier', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => i / 10);

    expect(mrSeriesScale([{ values, padding: noPadding(5000) }])).toBe(499.9);
  });

  test('is twice the 99.9th percentile, nearest rank, over all slices where one voxel outshines the rest', () => {
    const first = Float64Array.from({ length: 1000 }, (_, i) => i);
    const second = Float64Array.from({ length: 1001 }, (_, i) => (i === 0 ? 9e4 : 1000 + i));
    const padding = noPadding(1001);
    padding[5] = 1; // 1005 counts no more: of 1,999 positive values rank 1,998 is 2000

    expect(
      mrSeriesScale([
        { values: first, padding: noPadding(1000) },
        { values: second, padding },
      ]),
    ).toBe(2 * 2000);
  });

  test('there is none for a series without signal', () => {
    expect(mrSeriesScale([{ values: new Float64Array(9), padding: noPadding(9) }])).toBeUndefined();
  });
});

describe('normalise', () => {
  test('clips what is out of range, fills padding with 0 and marks both', () => {
    const values = Float64Array.of(-2000, -1024, 0, 3071, 4000, -1500);
    const padding = Uint8Array.of(1, 0, 0, 0, 0, 0);

    const slice = normalise(values, padding, unitScale('ct-denoising', 1));

    expect([...slice.x]).toEqual([0, 0, Math.fround(1024 / 4095), 1, 1, 0]);
    expect([...slice.kept]).toEqual([1, 0, 0, 0, 2, 2]);
  });
});

describe('restoredValues', () => {
  const scale = unitScale('pet-synthesis', 1);

  test('fades into the source between 0.95 and 1 of the range', () => {
    const values = Float64Array.of(10, 19.5, 20);
    const slice = normalise(values, noPadding(3), scale);

    const restored = restoredValues(values, slice, new Float32Array(3), scale);

    expect(restored[0]).toBe(0);
    expect(restored[1]).toBeCloseTo(19.5 / 2, 4);
    expect(restored[2]).toBe(20);
  });

  test('leaves voxels that are kept as they were', () => {
    const values = Float64Array.of(-0.3, 25, 7);
    const slice = normalise(values, Uint8Array.of(0, 0, 1), scale);

    expect([...restoredValues(values, slice, new Float32Array(3).fill(0.5), scale)]).toEqual([-0.3, 25, 7]);
  });
});

describe('toStored', () => {
  test('rounds half to even, clamps to the encoding and counts what it clamped', () => {
    const source = image([0, 0, 0, 0, 0], { lowest: 0, highest: 4095 });
    const values = Float64Array.of(2.5, 3.5, -1, 5000, Number.NaN);

    const { stored, clamped } = toStored(source, values, noPadding(5));

    expect([...stored]).toEqual([2, 4, 0, 4095, 0]);
    expect(clamped).toBe(3);
  });

  test('with a new slope only padding stays verbatim', () => {
    const source = image([100, 100, 100], { slope: 1 });

    const { stored } = toStored(source, Float64Array.of(100, 100, 100), Uint8Array.of(0, 1, 2), 2);

    expect([...stored]).toEqual([50, 100, 50]);
  });
});

describe('roundHalfEven', () => {
  test.for([
    [-2.5, -2],
    [-1.5, -2],
    [-0.5, 0],
    [0.5, 0],
    [1.5, 2],
    [2.4999, 2],
  ])('%f becomes %i', ([value = 0, expected]) => {
    expect(roundHalfEven(value) + 0).toBe(expected);
  });
});

describe('standardise', () => {
  test('gives mean 0 and deviation 1, padding at the minimum', () => {
    const values = Float64Array.of(-5000, 0, 10, 20);

    const seen = standardise(values, Uint8Array.of(1, 0, 0, 0));

    const deviation = Math.sqrt((7.5 ** 2 * 2 + 2.5 ** 2 + 12.5 ** 2) / 4);
    expect([...seen]).toEqual([-7.5, -7.5, 2.5, 12.5].map((value) => Math.fround(value / deviation)));
  });

  test('a slice of one value is all zeros', () => {
    expect([...standardise(new Float64Array(3).fill(7), noPadding(3))]).toEqual([0, 0, 0]);
  });
});
