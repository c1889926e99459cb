import { describe, expect, test } from 'vitest';
import { schedule } from './schedule.ts';

// biome-ignore format: the table of model-spec.md 2.5
const table = [
  // t, beta, alphaBar, c1, c2, sigma
  [1, 0.1, 0.9, 1, 0, 0],
  [2, 0.227143, 0.695571, 0.70784, 0.288778, 0.273154],
  [3, 0.354286, 0.44914, 0.536394, 0.444084, 0.442486],
  [4, 0.481429, 0.232911, 0.420608, 0.51713, 0.587981],
  [5, 0.608571, 0.0911682, 0.323164, 0.528066, 0.716699],
  [6, 0.735714, 0.0240944, 0.227627, 0.478754, 0.827737],
  [7, 0.862857, 0.00330438, 0.13438, 0.362603, 0.919162],
  [8, 0.99, 3.30438e-5, 0.0569108, 0.0996729, 0.993359],
] as const;

describe('schedule', () => {
  test.for(table)('at step %d has the constants of model-spec.md 2.5', ([t, beta, alphaBar, c1, c2, sigma]) => {
    const rounded = { t, beta, alphaBar, c1, c2, sigma };
    const step = schedule[t - 1];

    expect(step && { ...step, ...sixDigits(step) }).toEqual(rounded);
  });
});

function sixDigits(step: object): Record<string, number> {
  return Object.fromEntries(Object.entries(step).map(([name, value]) => [name, Number(Number(value).toPrecision(6))]));
}
