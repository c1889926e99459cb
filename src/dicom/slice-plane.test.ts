import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parsePart10 } from './part10.ts';
import { normalOf, readFramePlanes, readSlicePlane } from './slice-plane.ts';

const fixture = (name: string) => parsePart10(readFileSync(`test/fixtures/zoo/${name}.dcm`)).dataSet;

describe('planes', () => {
  test('of a classic CT slice: axial, normal towards the head', () => {
    const plane = readSlicePlane(fixture('mf-ct-odd-23x38-a'));

    expect(plane && normalOf(plane).map((cosine) => Math.round(cosine))).toEqual([0, 0, 1]);
  });

  test('of each frame of a legacy converted CT', () => {
    const planes = readFramePlanes(fixture('mf-ct-legacy-converted'));

    expect(planes).toHaveLength(3);
    expect(planes.every((plane) => plane !== undefined)).toBe(true);
  });

  test('are not there when a position is missing', () => {
    expect(readSlicePlane(fixture('cs-greek'))).toBeUndefined();
  });
});
