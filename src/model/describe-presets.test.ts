import { expect, test } from 'vitest';
import { describePresets } from './describe-presets.ts';

test('describePresets names every preset with the totals of model-spec.md 2.7', () => {
  const totals = describePresets().map(({ name, parameters }) => [name, parameters.total]);

  expect(totals).toEqual([
    ['full', 38_406_917],
    ['base32', 8_956_773],
    ['small24', 4_157_973],
    ['tiny16', 1_552_037],
    ['micro8', 341_813],
  ]);
});
