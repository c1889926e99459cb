import { describe, expect, test } from 'vitest';
import { truncateKSpace } from '../degrade/k-space.ts';
import { addBandEnergy, inconsistency, noBandEnergy } from './k-space-consistency.ts';

const plane = {
  rows: 24,
  columns: 20,
  values: Float64Array.from({ length: 480 }, (_, i) => 50 + 10 * Math.sin(i * 0.71) + 9 * Math.cos(i * i * 0.013)),
};
const band = { rows: 6, columns: 6 };

describe('k-space consistency', () => {
  test('the truth agrees with its truncation in the measured part, up to what the magnitude changed', () => {
    const low = truncateKSpace(plane, band);

    expect(inconsistency(addBandEnergy(noBandEnergy, low, plane.values, band))).toBeLessThan(0.02);
  });

  test('a change of high frequencies is no inconsistency', () => {
    const checkered = plane.values.map((value, i) => value + ((i + Math.floor(i / 20)) % 2 === 0 ? 3 : -3));

    expect(inconsistency(addBandEnergy(noBandEnergy, plane, checkered, band))).toBeLessThan(1e-12);
  });

  test('a brighter result is inconsistent by as much, and its energy is higher', () => {
    const energy = addBandEnergy(
      noBandEnergy,
      plane,
      plane.values.map((value) => value * 1.1),
      band,
    );

    expect(inconsistency(energy)).toBeCloseTo(0.1, 10);
    expect(energy.result / energy.input).toBeCloseTo(1.21, 10);
  });
});
