import { describe, expect, test } from 'vitest';
import type { Degradation } from '../model/degrade/degradation.ts';
import { fillNormals } from '../model/degrade/draws.ts';
import { createPhilox } from '../model/philox.ts';
import { applicabilityOf, assessedOf } from './seen-range.ts';
import type { Sample } from './shard.ts';

const size = 96;

/** Soft tissue with white noise of a deviation. */
function noisy(deviation: number): Sample['realisations'][number]['image'] {
  const noise = new Float64Array(size * size);
  fillNormals(noise, createPhilox([deviation, 1]), 0, 0);
  return {
    rows: size,
    columns: size,
    stored: Int16Array.from(noise, (value) => 50 + deviation * value),
    slope: 1,
    intercept: 0,
    lowest: -32768,
    highest: 32767,
    padding: undefined,
    factor: 1,
  };
}

function sampleOf(versions: readonly { readonly deviation: number; readonly fraction: number }[]): Sample {
  const image = noisy(5);
  const slice = { sopInstanceUid: '1.2', frame: 1, image, pixelMm: 1, positionMm: 0 };
  const reference = {
    slice,
    physical: new Float64Array(0),
    padding: new Uint8Array(0),
    sigmaHu: 5,
    degrade: () => image,
  };
  const realisations = versions.map(({ deviation, fraction }) => {
    const degradation: Degradation = { kind: 'dose', fraction };
    return { degradation, image: noisy(deviation) };
  });
  return { reference, realisations };
}

describe('the range that training saw', () => {
  test('counts what was degraded, and not what was left nearly as it was', () => {
    const levels = assessedOf('ct-denoising', [
      sampleOf([
        { deviation: 20, fraction: 0.25 },
        { deviation: 7, fraction: 0.7 },
        { deviation: 5, fraction: 1 },
      ]),
      sampleOf([{ deviation: 40, fraction: 0.1 }]),
    ]);

    expect(levels).toHaveLength(2);
    expect((levels[1] ?? 0) / (levels[0] ?? 1)).toBeCloseTo(2, 0);
  });

  test('is from the 2nd to the 98th percentile of each task', () => {
    const assessed = Array.from({ length: 101 }, (_, i) => i);

    expect(applicabilityOf([{ task: 'ct-denoising', assessed }])).toEqual({ 'ct-denoising': { lower: 2, upper: 98 } });
  });
});
