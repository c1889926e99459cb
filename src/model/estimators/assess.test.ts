import { describe, expect, test } from 'vitest';
import { fillNormals } from '../degrade/draws.ts';
import { smooth } from '../degrade/gaussian.ts';
import { type Plane, truncateKSpace } from '../degrade/k-space.ts';
import { createPhilox } from '../philox.ts';
import { assess } from './assess.ts';

const size = 128;

function normals(seed: number): Float64Array {
  const row = new Float64Array(size * size);
  fillNormals(row, createPhilox([seed, 3]), 0, 0);
  return row;
}

/** Noise with a CT's texture, of a known deviation. */
function texture(seed: number, deviation: number): Float64Array {
  const { values } = smooth({ rows: size, columns: size, values: normals(seed) }, 1);
  const own = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  return values.map((value) => (value * deviation) / own);
}

function plane(values: Float64Array): Plane {
  return { rows: size, columns: size, values };
}

/** A round body of 2 SUV with relative noise. */
function noisyBody(deviation: number): Plane {
  return plane(
    texture(5, deviation).map((value, i) => (Math.hypot((i % size) - 64, i / size - 64) < 50 ? 2 * (1 + value) : 0)),
  );
}

describe('assess', () => {
  test.for([12, 30])('CT: noise of %i HU is found within a fifth', (deviation) => {
    const slices = [1, 2, 3].map((seed) => plane(texture(seed, deviation).map((value) => 50 + value)));

    const { measure, value } = assess('ct-denoising', slices, 0.7);

    expect(measure).toBe('noise-hu');
    expect(value).toBeGreaterThan(0.8 * deviation);
    expect(value).toBeLessThan(1.2 * deviation);
  });

  test('CT: a series without soft tissue can not be told', () => {
    expect(assess('ct-denoising', [plane(new Float64Array(size * size).fill(-1000))], 0.7).value).toBeUndefined();
  });

  test('MR: the share of k-space that is filled', () => {
    const full = plane(normals(4).map((value) => 500 + 100 * value));
    const quarter = truncateKSpace(full, { rows: size / 4, columns: size / 4 });

    expect(assess('mri-super-resolution', [full], 1).value).toBe(1);
    expect(assess('mri-super-resolution', [quarter], 1).value).toBeLessThan(0.1);
  });

  test('PET: relative noise grows with the noise', () => {
    const quiet = assess('pet-synthesis', [noisyBody(0.1)], 4).value ?? Number.NaN;
    const loud = assess('pet-synthesis', [noisyBody(0.3)], 4).value ?? Number.NaN;

    expect(loud / quiet).toBeGreaterThan(2);
    expect(loud / quiet).toBeLessThan(4);
  });
});
