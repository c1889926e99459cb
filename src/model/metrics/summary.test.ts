import { describe, expect, test } from 'vitest';
import { bootstrapInterval, quantile, summarise } from './summary.ts';

describe('summarise', () => {
  test('gives mean, median and 5th percentile', () => {
    const values = Array.from({ length: 101 }, (_, i) => 100 - i);

    expect(summarise(values)).toEqual({ mean: 50, median: 50, percentile5: 5 });
  });

  test('of nothing is nothing', () => {
    expect(summarise([])).toBeUndefined();
  });
});

test('a quantile lies between its neighbours', () => {
  expect(quantile([10, 20], 0.25)).toBe(12.5);
});

describe('bootstrapInterval', () => {
  test('holds the mean, and is the same every time', () => {
    const groups = Array.from({ length: 9 }, (_, i) => [i, i + 1]);

    const interval = bootstrapInterval(groups);

    expect(interval?.low).toBeGreaterThan(2);
    expect(interval?.low).toBeLessThan(4.5);
    expect(interval?.high).toBeGreaterThan(4.5);
    expect(bootstrapInterval(groups)).toEqual(interval);
  });

  test('needs two patients', () => {
    expect(bootstrapInterval([[1, 2, 3], []])).toBeUndefined();
  });
});
