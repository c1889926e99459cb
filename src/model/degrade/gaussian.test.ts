import { describe, expect, test } from 'vitest';
import { sigmaOfFwhm, smooth } from './gaussian.ts';

describe('smooth', () => {
  test('spreads a point to a Gaussian of the asked width and keeps its sum', () => {
    const values = new Float64Array(41 * 41);
    values[20 * 41 + 20] = 1;
    const sigma = sigmaOfFwhm(6);

    const { values: spread } = smooth({ rows: 41, columns: 41, values }, sigma);

    expect(spread.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    expect((spread[20 * 41 + 23] ?? 0) / (spread[20 * 41 + 20] ?? 1)).toBeCloseTo(0.5, 10);
  });
});
