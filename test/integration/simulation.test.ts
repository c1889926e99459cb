import { describe, expect, test } from 'vitest';
import { lowQualityWords } from '../../src/model/degrade/degradation.ts';
import type { Plane } from '../../src/model/degrade/k-space.ts';
import { exposePet, prepareLowCountPet, sensitivityOf } from '../../src/model/degrade/low-count-pet.ts';
import { addedNoiseHu, prepareLowDoseCt } from '../../src/model/degrade/low-dose-ct.ts';
import { estimateCtNoise } from '../../src/model/estimators/ct-noise.ts';
import { compareSlices } from '../../src/model/metrics/compare-slices.ts';

interface Ellipse {
  readonly centreMm: readonly [number, number];
  readonly radiiMm: readonly [number, number];
  readonly value: number;
}

/** The last ellipse that holds a pixel gives its value. */
function draw(size: number, pixelMm: number, background: number, ellipses: readonly Ellipse[]): Plane {
  const values = Float64Array.from({ length: size * size }, (_, i) => {
    const x = ((i % size) - (size - 1) / 2) * pixelMm;
    const y = (Math.floor(i / size) - (size - 1) / 2) * pixelMm;
    const holding = ellipses.findLast(
      ({ centreMm: [cx, cy], radiiMm: [rx, ry] }) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1,
    );
    return holding?.value ?? background;
  });
  return { rows: size, columns: size, values };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: Float64Array): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

describe('quarter-dose CT of a chest phantom, 340 × 240 mm, 512², 0.7 mm (model-spec.md 2.9)', () => {
  const size = 512;
  const hu = draw(size, 0.7, -1000, [
    { centreMm: [0, 0], radiiMm: [170, 120], value: 40 },
    { centreMm: [-80, -10], radiiMm: [40, 60], value: -800 },
    { centreMm: [80, -10], radiiMm: [40, 60], value: -800 },
    { centreMm: [0, 75], radiiMm: [18, 18], value: 500 },
  ]);
  const scan = prepareLowDoseCt(hu, { pixelMm: 0.7, kernel: 'soft' });
  const noise = scan.noise(lowQualityWords(20_250_726, '1.2.3', 1, 'ct-denoising'), 0.25);
  const inSoft = (values: Float64Array): Float64Array => values.filter((_, i) => hu.values[i] === 40);

  test('has the asked deviation in soft tissue, and no shift there', () => {
    expect(deviation(inSoft(noise))).toBeCloseTo(addedNoiseHu(scan.sigmaHu, 0.25), 0);
    expect(Math.abs(mean(inSoft(noise)))).toBeLessThan(0.2);
  });

  test('is as correlated as filtered noise under a Hann window at half of Nyquist', () => {
    const products = noise.map((value, i) => value * (noise[i + 1] ?? 0));

    const lagOne = mean(inSoft(products)) / mean(inSoft(noise.map((value) => value * value)));

    expect(lagOne).toBeGreaterThan(0.86);
    expect(lagOne).toBeLessThan(0.95);
  });

  test('gives the estimator of σ_f what was added, within a quarter', () => {
    const noisy = { ...hu, values: hu.values.map((value, i) => value + (noise[i] ?? 0)) };

    const found = (estimateCtNoise(noisy).sigmaHu ?? Number.NaN) / deviation(inSoft(noise));

    expect(found).toBeGreaterThan(0.75);
    expect(found).toBeLessThan(1.25);
  });
});

describe('PET at a twelfth of 10⁶ trues, phantom of 360 × 240 mm, 128², 4.07 mm (model-spec.md 2.9)', () => {
  const liver: Ellipse = { centreMm: [-70, 0], radiiMm: [65, 60], value: 2 };
  const suv = draw(128, 4.07, 0, [
    { centreMm: [0, 0], radiiMm: [180, 120], value: 1 },
    { centreMm: [80, -20], radiiMm: [55, 60], value: 0.4 },
    liver,
    { centreMm: [-70, 10], radiiMm: [9, 9], value: 8 },
    { centreMm: [60, 60], radiiMm: [12, 12], value: 6 },
    { centreMm: [10, -60], radiiMm: [7, 7], value: 10 },
  ]);
  const exposure = exposePet(suv, 4.07);
  const scan = prepareLowCountPet(exposure, sensitivityOf([exposure]));
  const low = scan.simulate(lowQualityWords(20_250_726, '1.2.3', 1, 'pet-synthesis'), 1 / 12);
  const inLiver = (values: Float64Array): Float64Array => values.filter((_, i) => suv.values[i] === 2);

  test('has the noise of the specification in the liver: a variation of about 0.32', () => {
    const variation = deviation(inLiver(low)) / mean(inLiver(low));

    expect(variation).toBeGreaterThan(0.22);
    expect(variation).toBeLessThan(0.42);
  });

  test('has hardly any bias in liver and lesions', () => {
    const lesions = (values: Float64Array): Float64Array => values.filter((_, i) => (suv.values[i] ?? 0) >= 6);

    expect(mean(inLiver(low)) / 2).toBeCloseTo(1, 1);
    expect(mean(lesions(low)) / mean(lesions(suv.values))).toBeCloseTo(1, 1);
  });

  test('stands about 32 dB from its source', () => {
    const psnr = compareSlices(suv, low, 'pet-synthesis')?.psnr ?? Number.NaN;

    expect(psnr).toBeGreaterThan(28);
    expect(psnr).toBeLessThan(35);
  });
});
