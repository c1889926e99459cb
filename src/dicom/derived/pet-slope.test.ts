import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalStringAtLeast, largestStoredValue, recomputedPetSlope } from './pet-slope.ts';

const ds = /^[+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$/;

describe('decimalStringAtLeast', () => {
  test.for([
    { value: 1.5, text: '1.5' },
    { value: 100_000, text: '1e5' },
    { value: 100, text: '100' },
    { value: 0.25, text: '0.25' },
    { value: 1 / 3, text: '0.33333333333334' },
    { value: 2 / 3, text: '0.66666666666667' },
    { value: 1.189_115_168_7e-4, text: '1.1891151687e-4' },
    { value: 123_456_789.123_456_78, text: '123456789.123457' },
    { value: 9.999_999_999_999_999e-5, text: '1e-4' },
    { value: 0.000_012_345_678_901_234_5, text: '1.23456789013e-5' },
  ])('$value is written as $text', ({ value, text }) => {
    expect(decimalStringAtLeast(value)).toBe(text);
  });

  test('any positive value gives a DS of at most 16 bytes, never below it and close to it', () => {
    const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
    fc.assert(
      fc.property(positive, (value) => {
        const text = decimalStringAtLeast(value);

        expect(text.length).toBeLessThanOrEqual(16);
        expect(text).toMatch(ds);
        expect(Number(text)).toBeGreaterThanOrEqual(value);
        expect(Number(text) / value - 1).toBeLessThan(1e-8);
      }),
      { seed: 20_260_101 },
    );
  });
});

describe('recomputedPetSlope', () => {
  test('the slope stays while the largest result fits', () => {
    expect(recomputedPetSlope(0.5, 16_383.5, 32_767)).toBeUndefined();
  });

  test('the slope stays while the largest result rounds to the largest stored value', () => {
    expect(recomputedPetSlope(0.5, 16_383.5 * (1 + 1e-7), 32_767)).toBeUndefined();
    expect(recomputedPetSlope(0.5, 16_383.75, 32_767)).toBeDefined();
  });

  test('a larger result raises the slope just enough for the largest stored value', () => {
    const slope = recomputedPetSlope(0.5, 20_000, 32_767);

    expect(slope).toEqual({ text: '0.61037018951995', value: 0.610_370_189_519_95 });
    expect(Math.round(20_000 / (slope?.value ?? 0))).toBe(32_767);
  });
});

test.for([
  { bitsStored: 16, pixelRepresentation: 1 as const, largest: 32_767 },
  { bitsStored: 16, pixelRepresentation: 0 as const, largest: 65_535 },
  { bitsStored: 12, pixelRepresentation: 0 as const, largest: 4095 },
])('$bitsStored bits, representation $pixelRepresentation, hold $largest', (encoding) => {
  expect(largestStoredValue(encoding.bitsStored, encoding.pixelRepresentation)).toBe(encoding.largest);
});
