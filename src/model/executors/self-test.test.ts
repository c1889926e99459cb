import { describe, expect, test } from 'vitest';
import { selfTest } from './self-test.ts';

const floats = (...values: number[]) => ({ dims: [values.length], data: Float32Array.from(values) });
const codes = (...values: number[]) => ({ dims: [values.length], data: Int32Array.from(values) });
const truth = { restored: floats(0, 0.5, 10), indices: codes(3, 4) };

describe('selfTest', () => {
  test('accepts values within a thousandth of the range and the same codes', () => {
    expect(selfTest(truth, { restored: floats(0.009, 0.5, 10), indices: codes(3, 4) })).toBeUndefined();
  });

  test.for([
    { name: 'a value that is off', found: { restored: floats(0.02, 0.5, 10), indices: codes(3, 4) } },
    { name: 'a value that is no number', found: { restored: floats(Number.NaN, 0.5, 10), indices: codes(3, 4) } },
    { name: 'another code', found: { restored: floats(0, 0.5, 10), indices: codes(3, 5) } },
    { name: 'another size', found: { restored: floats(0, 0.5), indices: codes(3, 4) } },
    { name: 'a missing output', found: { restored: floats(0, 0.5, 10) } },
  ])('refuses $name', ({ found }) => {
    expect(selfTest(truth, found)).toEqual(expect.any(String));
  });
});
