import { sigmaOfFwhm, smooth } from '../degrade/gaussian.ts';
import type { Plane } from '../degrade/k-space.ts';
import { countOn, erode } from '../degrade/masks.ts';
import { localDeviation, modeOf } from './ct-noise.ts';

/** Full width of the Gaussian that takes the noise away and leaves organs. */
const smoothingMm = 12;
/** Warm tissue: smoothed uptake within these shares of its 90th percentile; hot spots and air are left out. */
const warmShares = { from: 0.3, to: 1.2 } as const;
const fewestPixels = 60;

/**
 * Relative noise of one PET slice: mode of the local deviation (5×5) of what a 12 mm Gaussian takes away, ÷ the
 * smoothed uptake, in warm tissue. `undefined` where the slice has too little of it.
 */
export function estimatePetNoise(suv: Plane, pixelMm: number): number | undefined {
  const level = smooth(suv, sigmaOfFwhm(smoothingMm) / pixelMm);
  const positive = level.values.filter((value) => value > 0).toSorted();
  const reference = positive[Math.ceil(0.9 * positive.length) - 1] ?? 0;
  const isWarm = (value: number): boolean => value > warmShares.from * reference && value < warmShares.to * reference;
  const on = Uint8Array.from(level.values, (value) => (isWarm(value) ? 1 : 0));
  const warm = erode({ rows: suv.rows, columns: suv.columns, on }, 1);
  if (countOn(warm) < fewestPixels) return undefined;
  const rest = suv.values.map((value, i) => value - (level.values[i] ?? 0));
  const deviation = localDeviation({ ...suv, values: rest }, 2);
  return modeOf(deviation.map((value, i) => value / (level.values[i] ?? 1)).filter((_, i) => warm.on[i] === 1));
}
