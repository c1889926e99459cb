import { describe, expect, test } from 'vitest';
import { findHotRegions, type Volume } from './hot-regions.ts';
import { compareUptake, totalActivity } from './uptake.ts';

interface Ball {
  readonly centre: readonly [number, number, number];
  readonly radius: number;
  readonly suv: number;
}

/** 24³ voxels of 4 mm, background 1 SUV, balls of uniform uptake. */
function volumeWith(balls: readonly Ball[]): Volume {
  const size = 24;
  const slices = Array.from({ length: size }, (_, z) =>
    Float64Array.from({ length: size * size }, (_unused, i) => {
      const [x, y] = [i % size, Math.floor(i / size)];
      const ball = balls.find(
        ({ centre: [cx, cy, cz], radius }) => (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 <= radius * radius,
      );
      return ball?.suv ?? 1;
    }),
  );
  return { rows: size, columns: size, slices, pixelMm: 4, sliceMm: 4 };
}

const lesion: Ball = { centre: [6, 6, 6], radius: 2.5, suv: 8 }; // 81 voxels, 5.2 ml
const second: Ball = { centre: [16, 16, 12], radius: 3, suv: 5 };

describe('findHotRegions', () => {
  test('finds lesions, the hottest first, with their uptake', () => {
    const regions = findHotRegions(volumeWith([second, lesion]));

    expect(regions.map(({ suvMax, suvMean }) => [suvMax, suvMean])).toEqual([
      [8, 8],
      [5, 5],
    ]);
    expect(regions[0]?.voxels.length).toBe(81);
  });

  test.for([
    { name: 'smaller than 1 ml', ball: { ...lesion, radius: 1 } },
    { name: 'larger than 100 ml', ball: { ...lesion, centre: [12, 12, 12], radius: 9 } as Ball },
    { name: 'below 3 SUV', ball: { ...lesion, suv: 2.9 } },
  ])('leaves out what is $name', ({ ball }) => {
    expect(findHotRegions(volumeWith([ball]))).toEqual([]);
  });
});

describe('compareUptake', () => {
  test('measures the change of each region', () => {
    const change = compareUptake(volumeWith([lesion, second]), volumeWith([{ ...lesion, suv: 7.2 }, second]));

    expect(change.regions).toBe(2);
    expect(change.suvMeanPercent[0]).toBeCloseTo(-10, 10);
    expect(change.suvMeanPercent[1]).toBeCloseTo(0, 10);
    expect([change.lost, change.appeared]).toEqual([0, 0]);
  });

  test('counts a lesion that vanishes as lost and one that nobody had as new', () => {
    const change = compareUptake(volumeWith([lesion]), volumeWith([second]));

    expect([change.lost, change.appeared]).toEqual([1, 1]);
  });
});

test('total activity is the sum of all voxels', () => {
  expect(totalActivity(volumeWith([lesion]))).toBe(24 ** 3 + 81 * 7);
});
