import { describe, expect, test } from 'vitest';
import { createPhilox } from '../philox.ts';
import { drawBinomial, fillNormals, stochasticRound } from './draws.ts';

const words = createPhilox([0xd3a91ba6, 0xdf2f3382]);

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length };
}

describe('fillNormals', () => {
  test('20,000 normals have mean 0 and variance 1', () => {
    const row = new Float64Array(20_000);

    fillNormals(row, words, 7, 1);

    const { mean, variance } = moments([...row]);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });

  test('a longer row begins like a shorter one', () => {
    const short = new Float64Array(7);
    const long = new Float64Array(50);

    fillNormals(short, words, 3, 1);
    fillNormals(long, words, 3, 1);

    expect([...long.subarray(0, 7)]).toEqual([...short]);
  });
});

describe('drawBinomial', () => {
  test.for([
    { name: 'inversion, few trials', trials: 9, p: 0.25 },
    { name: 'inversion, many trials', trials: 300, p: 1 / 12 },
    { name: 'normal approximation', trials: 4000, p: 1 / 12 },
  ])('$name keeps mean and variance', ({ trials, p }) => {
    const counts = Array.from({ length: 8000 }, (_, i) => {
      const w = words(i, 1, 2, 3);
      return drawBinomial(trials, p, w[0] ?? 0, w[1] ?? 0);
    });

    const { mean, variance } = moments(counts);
    expect(mean / (trials * p)).toBeCloseTo(1, 1.5);
    expect(variance / (trials * p * (1 - p))).toBeCloseTo(1, 1);
    expect(counts.every((count) => Number.isInteger(count) && count >= 0 && count <= trials)).toBe(true);
  });

  test('nothing is drawn from nothing, and everything with p = 1', () => {
    expect(drawBinomial(0, 0.5, 1, 1)).toBe(0);
    expect(drawBinomial(17, 1, 1, 1)).toBe(17);
  });
});

describe('stochasticRound', () => {
  test('rounds up with the probability of the fraction', () => {
    expect(stochasticRound(2.25, 0.2)).toBe(3);
    expect(stochasticRound(2.25, 0.3)).toBe(2);
    expect(stochasticRound(4, 0)).toBe(4);
  });
});
