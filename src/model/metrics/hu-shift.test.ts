import { describe, expect, test } from 'vitest';
import { addHuShift, meanShiftHu, noHuShift, tissues } from './hu-shift.ts';

const size = 64;

/** Vertical bands of 20 columns: lung, soft tissue, bone; the rest air. */
function phantom(): { rows: number; columns: number; values: Float64Array } {
  const values = Float64Array.from(
    { length: size * size },
    (_, i) => [-700, 40, 600][Math.floor((i % size) / 20)] ?? -1000,
  );
  return { rows: size, columns: size, values };
}

describe('mean HU shift', () => {
  test('is found in the tissue where it is, and nowhere else', () => {
    const g = phantom();
    const shifted = g.values.map((hu) => (hu === 40 ? hu + 2.5 : hu));

    const shift = addHuShift(noHuShift(), g, g.values, shifted);

    expect(meanShiftHu(shift, 'soft')).toBeCloseTo(2.5, 10);
    expect(meanShiftHu(shift, 'lung')).toBeCloseTo(0, 10);
    expect(meanShiftHu(shift, 'bone')).toBeCloseTo(0, 10);
  });

  test('of a tissue that the series hardly shows is unknown', () => {
    const shift = addHuShift(noHuShift(), phantom(), phantom().values, phantom().values);

    expect(tissues.filter((tissue) => meanShiftHu(shift, tissue) === undefined)).toEqual(['air', 'fat']);
  });

  test('of a series is the mean over the voxels of all slices', () => {
    const g = phantom();
    const first = addHuShift(noHuShift(), g, g.values, g.values);

    const both = addHuShift(
      first,
      g,
      g.values,
      g.values.map((hu) => hu + 3),
    );

    expect(meanShiftHu(both, 'soft')).toBeCloseTo(1.5, 10);
  });
});
