import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const backoff = { firstMs: 5_000, maxMs: 900_000 };

describe('backoffMs', () => {
  test('doubles from 5 s to 15 min', () => {
    const longest = [1, 2, 3, 4, 8, 9, 1_000].map((failures) => backoffMs(failures, backoff, () => 1));

    expect(longest).toEqual([5_000, 10_000, 20_000, 40_000, 640_000, 900_000, 900_000]);
  });

  test('is anything between nothing and the whole', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.double({ min: 0, max: 1, noNaN: true }), (failures, share) => {
        const waitMs = backoffMs(failures, backoff, () => share);

        expect(Number.isInteger(waitMs)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(backoffMs(failures, backoff, () => 1));
      }),
      { seed: 20_260_101 },
    );
  });
});
