import { describe, expect, test } from 'vitest';
import { lowQualityWords } from './degradation.ts';
import type { Plane } from './k-space.ts';
import { addedNoiseHu, isSharpKernel, prepareLowDoseCt } from './low-dose-ct.ts';

const size = 112;

/** A round body of soft tissue in air, 3 mm pixels. */
function body(): Plane {
  const values = Float64Array.from({ length: size * size }, (_, i) =>
    Math.hypot((i % size) - 56, Math.floor(i / size) - 56) < 50 ? 50 : -1000,
  );
  return { rows: size, columns: size, values };
}

const geometry = { pixelMm: 3, kernel: 'soft' } as const;
const words = () => lowQualityWords(20_250_726, '1.2.3', 1, 'ct-denoising');

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Deviation of neighbours from each other, as a share of the whole. */
function roughness(noise: Float64Array): number {
  return deviation(noise.map((value, i) => value - (noise[i + 1] ?? value))) / deviation(noise);
}

describe('addedNoiseHu', () => {
  test.for([
    { name: 'a quiet scan gets the floor', sigmaHu: 5, dose: 0.25, added: 18 },
    { name: 'an unknown one too', sigmaHu: undefined, dose: 0.25, added: 18 },
    { name: 'a usual one √3 of its own', sigmaHu: 15, dose: 0.25, added: 15 * Math.sqrt(3) },
    { name: 'a loud one the cap', sigmaHu: 30, dose: 0.25, added: 35 },
    { name: 'a tenth of the dose adds more', sigmaHu: 15, dose: 0.1, added: 15 * Math.sqrt(9) },
    { name: 'full dose adds nothing', sigmaHu: 15, dose: 1, added: 0 },
  ])('$name', ({ sigmaHu, dose, added }) => {
    expect(addedNoiseHu(sigmaHu, dose)).toBeCloseTo(added, 10);
  });
});

describe('prepareLowDoseCt', () => {
  const hu = body();
  const scan = prepareLowDoseCt(hu, geometry);
  const inBody = (noise: Float64Array): Float64Array => noise.filter((_, i) => hu.values[i] === 50);

  test('the noise has the deviation that it is scaled to, and hardly any mean', () => {
    const noise = inBody(scan.noise(words(), 0.25));

    expect(deviation(noise)).toBeCloseTo(addedNoiseHu(scan.sigmaHu, 0.25), 0);
    expect(Math.abs(noise.reduce((sum, value) => sum + value, 0) / noise.length)).toBeLessThan(0.5);
  });

  test('the same seed gives the same bytes, another one other noise', () => {
    const first = scan.noise(words(), 0.25);

    expect(prepareLowDoseCt(body(), geometry).noise(words(), 0.25)).toEqual(first);
    expect(scan.noise(lowQualityWords(1, '1.2.3', 1, 'ct-denoising'), 0.25)).not.toEqual(first);
  });

  test('full dose adds nothing', () => {
    expect(scan.noise(words(), 1).every((value) => value === 0)).toBe(true);
  });

  test('a sharp kernel makes finer noise', () => {
    const sharp = prepareLowDoseCt(hu, { ...geometry, kernel: 'sharp' }).noise(words(), 0.25);

    expect(roughness(sharp)).toBeGreaterThan(1.2 * roughness(scan.noise(words(), 0.25)));
  });
});

describe('isSharpKernel', () => {
  test.for(['B70f', 'B60s', 'Br64d', 'BONE', 'BONEPLUS', 'LUNG', 'EDGE', 'D', 'YE', 'FC51'])(
    '%s is sharp',
    (kernel) => {
      expect(isSharpKernel(kernel)).toBe(true);
    },
  );

  test.for(['B20f', 'B31f', 'Br40d', 'I31f', 'STANDARD', 'SOFT', 'STD+', 'B', 'C', 'FC08', ''])(
    '%s is not',
    (kernel) => {
      expect(isSharpKernel(kernel)).toBe(false);
    },
  );
});
