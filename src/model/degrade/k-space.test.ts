import { describe, expect, test } from 'vitest';
import { findSupport, supportBand } from './interpolated-support.ts';
import { cropKSpace, keptFrequencies, type Plane, truncateKSpace } from './k-space.ts';

/** Smooth shapes with fine texture: content up to the edge of k-space. */
function texture(rows: number, columns: number): Plane {
  let state = 1;
  const values = Float64Array.from({ length: rows * columns }, (_, i) => {
    state = (state * 48_271) % 0x7fffffff;
    return 200 + 80 * Math.sin((i % columns) / 5) * Math.cos(Math.floor(i / columns) / 7) + (40 * state) / 0x7fffffff;
  });
  return { rows, columns, values };
}

describe('keptFrequencies', () => {
  test.for([
    [256, 4, 64],
    [195, 4, 48],
    [272, 4, 68],
    [256, 1, 256],
    [100, 2.5, 40],
    [7, 1.01, 6],
  ])('%i at factor %f keeps %i', ([size = 0, factor = 0, kept]) => {
    expect(keptFrequencies(size, factor)).toBe(kept);
  });
});

describe('truncateKSpace', () => {
  test('keeps the mean and the low waves, and removes the high ones', () => {
    const size = 32;
    const wave = (cycles: number): Float64Array =>
      Float64Array.from({ length: size * size }, (_, i) => 10 + Math.cos((2 * Math.PI * cycles * (i % size)) / size));
    const kept = { rows: 8, columns: 8 };

    const low = truncateKSpace({ rows: size, columns: size, values: wave(3) }, kept).values;
    const high = truncateKSpace({ rows: size, columns: size, values: wave(5) }, kept).values;

    expect(low[1]).toBeCloseTo(wave(3)[1] ?? Number.NaN, 10);
    expect(high.every((value) => Math.abs(value - 10) < 1e-10)).toBe(true);
  });

  test('of everything is the image itself', () => {
    const image = texture(15, 22);
    const same = truncateKSpace(image, { rows: 15, columns: 22 }).values;

    expect(same.every((value, i) => Math.abs(value - (image.values[i] ?? 0)) < 1e-9)).toBe(true);
  });
});

describe('zero-filled k-space', () => {
  const measured = texture(96, 64);

  test('a full axis has no step', () => {
    const support = findSupport([measured]);

    expect([support.rows.fraction, support.columns.fraction]).toEqual([1, 1]);
  });

  test('a truncated axis is found and cropped back to what was measured', () => {
    const enlarged = truncateKSpace(measured, { rows: 48, columns: 64 });

    const support = findSupport([enlarged]);
    const band = supportBand(support, 96, 64);

    expect(support.columns.fraction).toBe(1);
    expect(support.rows.fraction).toBeGreaterThan(0.45);
    expect(support.rows.fraction).toBeLessThan(0.55);
    expect(band.columns).toBe(64);
    expect(cropKSpace(enlarged, band)).toMatchObject(band);
  });

  test('cropping keeps intensities', () => {
    const flat = { rows: 12, columns: 10, values: new Float64Array(120).fill(7) };

    expect(cropKSpace(flat, { rows: 6, columns: 10 }).values.every((value) => Math.abs(value - 7) < 1e-12)).toBe(true);
  });
});
