import { describe, expect, test } from 'vitest';
import { fillNormals } from '../../model/degrade/draws.ts';
import { type Plane, truncateKSpace } from '../../model/degrade/k-space.ts';
import { createPhilox } from '../../model/philox.ts';
import { lanczosFromBand } from './lanczos.ts';
import { nonLocalMeans } from './non-local-means.ts';

const size = 64;

function rms(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0) / a.length);
}

function plane(values: Float64Array): Plane {
  return { rows: size, columns: size, values };
}

describe('nonLocalMeans', () => {
  const step = Float64Array.from({ length: size * size }, (_, i) => (i % size < 32 ? 0 : 100));
  const noise = new Float64Array(size * size);
  fillNormals(noise, createPhilox([1, 1]), 0, 0);

  test('takes most of the noise and leaves the edge', () => {
    const noisy = step.map((value, i) => value + 10 * (noise[i] ?? 0));

    const clean = nonLocalMeans(plane(noisy), 10);

    expect(rms(clean, step)).toBeLessThan(4);
    expect((clean[20 * size + 33] ?? 0) - (clean[20 * size + 30] ?? 0)).toBeGreaterThan(90);
  });

  test('without noise changes nothing', () => {
    expect(nonLocalMeans(plane(step), 0)).toEqual(step);
  });
});

describe('lanczosFromBand', () => {
  test('enlarges a smooth image to what it was', () => {
    const smooth = Float64Array.from(
      { length: size * size },
      (_, i) =>
        100 +
        20 * Math.cos((2 * Math.PI * (i % size)) / size) +
        9 * Math.sin((4 * Math.PI * Math.floor(i / size)) / size),
    );
    const band = { rows: 16, columns: 16 };

    const enlarged = lanczosFromBand(truncateKSpace(plane(smooth), band), band);

    const inner = enlarged.filter((_, i) => i % size < 50 && Math.floor(i / size) < 50);
    const expected = smooth.filter((_, i) => i % size < 50 && Math.floor(i / size) < 50);
    expect(rms(inner, expected)).toBeLessThan(0.6);
  });
});
