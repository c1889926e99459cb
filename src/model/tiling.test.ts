import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crop, cut, type Plane, padToLatents, planTiles, TileBlender } from './tiling.ts';

const settings = { above: 128 * 128, size: 64, overlap: 16 };

function numbered(width: number, height: number): Plane {
  return { width, height, values: Float32Array.from({ length: width * height }, (_, at) => at) };
}

describe('padToLatents', () => {
  test('mirrors the right and lower part without repeating the edge', () => {
    const { width, height, values } = padToLatents(numbered(13, 9));
    const row = (at: number) => [...values.subarray(at * 16, at * 16 + 16)];

    expect([width, height]).toEqual([16, 16]);
    expect(row(0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 11, 10, 9]);
    expect(row(9)).toEqual(row(7));
    expect(row(15)).toEqual(row(1));
  });

  test('any slice comes back when it is cropped', () => {
    const side = fc.integer({ min: 32, max: 70 });
    const property = fc.property(side, side, (width, height) => {
      const plane = numbered(width, height);
      expect(crop(padToLatents(plane), width, height)).toEqual(plane.values);
    });
    fc.assert(property, { seed: 20_250_726, numRuns: 40 });
  });
});

describe('planTiles', () => {
  test('leaves a slice of up to the limit whole', () => {
    expect(planTiles(128, 128, settings)).toEqual([{ x: 0, y: 0, width: 128, height: 128 }]);
  });

  test('cuts 1032 × 1024 into tiles of 512 that overlap by at least 64', () => {
    const tiles = planTiles(1032, 1024, { above: 1024 * 1024, size: 512, overlap: 64 });

    expect([...new Set(tiles.map(({ x }) => x))]).toEqual([0, 256, 520]);
    expect([...new Set(tiles.map(({ y }) => y))]).toEqual([0, 256, 512]);
  });

  test('any slice is covered by tiles at multiples of 8, and blending its own pieces gives it back', () => {
    const side = fc.integer({ min: 4, max: 60 }).map((positions) => 8 * positions);
    const property = fc.property(side, side, (width, height) => {
      const plane = numbered(width, height);
      const tiles = planTiles(width, height, settings);
      const blender = new TileBlender(width, height, settings.overlap);
      for (const tile of tiles) blender.add(tile, cut(plane, tile));

      const blended = blender.finish().values;

      expect(tiles.every(({ x, y }) => x % 8 === 0 && y % 8 === 0)).toBe(true);
      expect(blended.every((value, at) => Math.abs(value - at) <= at * 1e-6)).toBe(true);
    });
    fc.assert(property, { seed: 20_250_726, numRuns: 60 });
  });
});

describe('TileBlender', () => {
  test('goes from one tile to the next in a straight line over the overlap', () => {
    const tiles = planTiles(112, 64, { above: 1, size: 64, overlap: 16 });
    const blender = new TileBlender(112, 64, 16);
    for (const [index, tile] of tiles.entries()) blender.add(tile, new Float32Array(64 * 64).fill(index));

    const { values } = blender.finish();

    expect(tiles.map(({ x }) => x)).toEqual([0, 48]);
    expect(values[47]).toBe(0);
    expect(values[48]).toBeCloseTo(0.5 / 16, 6);
    expect(values[55]).toBeCloseTo(7.5 / 16, 6);
    expect(values[63]).toBeCloseTo(15.5 / 16, 6);
    expect(values[64]).toBe(1);
  });
});
