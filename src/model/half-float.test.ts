import { describe, expect, test } from 'vitest';
import { narrowFloat16, widenBfloat16, widenFloat16 } from './half-float.ts';

const everyHalf = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

// biome-ignore format: value, bits of the nearest half
const narrowed = [
  [0, 0x0000], [-0, 0x8000], [1, 0x3c00], [-2, 0xc000], [65504, 0x7bff],
  [65519.996, 0x7bff],             // below the midpoint to infinity
  [65520, 0x7c00],                 // at the midpoint: even is infinity
  [1 + 2 ** -11, 0x3c00],          // tie to even, down
  [1 + 3 * 2 ** -11, 0x3c02],      // tie to even, up
  [2 ** -24, 0x0001],              // smallest subnormal
  [2 ** -25, 0x0000],              // tie to even: zero
  [1.5 * 2 ** -25, 0x0001],
  [2047 * 2 ** -25, 0x0400],       // rounds up into the normal range
] as const;

describe('narrowFloat16', () => {
  test('gives back every finite half that was widened', () => {
    const finite = everyHalf.filter((bits) => (bits & 0x7c00) !== 0x7c00);

    expect(narrowFloat16(widenFloat16(finite))).toEqual(finite);
  });

  test.for(narrowed)('rounds %d to the nearest half, ties to even', ([value, bits]) => {
    expect(narrowFloat16(Float32Array.of(value))[0]).toBe(bits);
  });
});

describe('widenBfloat16', () => {
  test('takes the upper half of a float32', () => {
    expect([...widenBfloat16(Uint16Array.of(0x3f80, 0xc020, 0x7f80))]).toEqual([1, -2.5, Number.POSITIVE_INFINITY]);
  });
});
