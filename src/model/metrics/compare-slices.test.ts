import { describe, expect, test } from 'vitest';
import { compareSlices } from './compare-slices.ts';

const size = 16;
const reference = Float64Array.from({ length: size * size }, (_, k) => k);
const result = reference.map((value, k) => value + 8 * ((Math.floor(k / size) + (k % size)) % 2));
const plane = { rows: size, columns: size, values: reference };

describe('compareSlices', () => {
  test("gives AMIR's figures for the test vector of model-spec.md 4.1", () => {
    const figures = compareSlices(plane, result, 'mri-super-resolution');

    expect(figures?.psnr).toBeCloseTo(33.079304, 6);
    expect(figures?.ssim).toBeCloseTo(0.988824, 6);
    expect(figures?.rmse).toBeCloseTo(5.656854, 6);
  });

  test('an offset of −1000 changes SSIM alone, because outside the image are zeros', () => {
    const lower = { ...plane, values: reference.map((value) => value - 1000) };

    const figures = compareSlices(
      lower,
      result.map((value) => value - 1000),
      'mri-super-resolution',
    );

    expect(figures?.psnr).toBeCloseTo(33.079304, 6);
    expect(figures?.ssim).toBeCloseTo(0.997345, 6);
  });

  test('CT counts from −160 to 240 HU only', () => {
    const wide = { ...plane, values: reference.map((value) => value * 10 - 1024) };
    const changedOutside = wide.values.map((hu) => (hu > 260 ? hu + 500 : hu < -200 ? hu - 300 : hu));

    expect(compareSlices(wide, changedOutside, 'ct-denoising')).toMatchObject({ rmse: 0, ssim: 1, psnr: Infinity });
  });

  test('a flat reference has no figures', () => {
    expect(compareSlices({ ...plane, values: new Float64Array(256) }, result, 'pet-synthesis')).toBeUndefined();
  });
});
