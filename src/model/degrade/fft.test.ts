import { describe, expect, test } from 'vitest';
import { createFft, fft2 } from './fft.ts';

/** Values without a pattern that a transform could hide behind. */
function wave(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(i * i * 0.37 + seed) + 0.2 * Math.cos(1.7 * i));
}

function slowTransform(re: Float64Array, im: Float64Array): { re: Float64Array; im: Float64Array } {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * ((j * k) % n)) / n;
      out.re[k] =
        (out.re[k] ?? Number.NaN) + (re[j] ?? Number.NaN) * Math.cos(angle) - (im[j] ?? Number.NaN) * Math.sin(angle);
      out.im[k] =
        (out.im[k] ?? Number.NaN) + (re[j] ?? Number.NaN) * Math.sin(angle) + (im[j] ?? Number.NaN) * Math.cos(angle);
    }
  }
  return out;
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

describe('createFft', () => {
  test.for([1, 2, 3, 8, 12, 39, 97, 195, 256])('a row of %i equals the defining sum', (n) => {
    const re = wave(n, 1);
    const im = wave(n, 2);
    const expected = slowTransform(re, im);

    createFft(n).forward(re, im);

    expect(largestDifference(re, expected.re)).toBeLessThan(1e-10 * n);
    expect(largestDifference(im, expected.im)).toBeLessThan(1e-10 * n);
  });

  test.for([64, 203, 584])('forward and inverse of %i give the row back', (n) => {
    const re = wave(n, 3);
    const im = wave(n, 4);
    const [reBefore, imBefore] = [re.slice(), im.slice()];
    const fft = createFft(n);

    fft.forward(re, im);
    fft.inverse(re, im);

    expect(largestDifference(re, reBefore)).toBeLessThan(1e-12);
    expect(largestDifference(im, imBefore)).toBeLessThan(1e-12);
  });
});

describe('fft2', () => {
  test('a plane of 6 × 10 puts its sum at the origin and keeps its energy', () => {
    const re = wave(60, 5);
    const im = new Float64Array(60);
    const sum = re.reduce((a, b) => a + b, 0);
    const energy = re.reduce((a, b) => a + b * b, 0);

    fft2({ re, im }, 6, 10);

    expect(re[0]).toBeCloseTo(sum, 10);
    const spectrum = re.reduce((a, b, i) => a + b * b + (im[i] ?? Number.NaN) * (im[i] ?? Number.NaN), 0);
    expect(spectrum / 60).toBeCloseTo(energy, 10);
  });
});
