import { convolveSeparable, gaussianKernel } from '../degrade/gaussian.ts';
import type { Plane } from '../degrade/k-space.ts';
import type { Task } from '../tasks.ts';

/** AMIR's three figures of one slice (model-spec.md 4.1). RMSE in physical units. */
export interface SliceFigures {
  readonly psnr: number;
  readonly ssim: number;
  readonly rmse: number;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** What counts in a comparison: CT in a soft-tissue window, PET in its range, MR whole (its series are scaled). */
const testWindows: Readonly<Record<Task, Range>> = {
  'mri-super-resolution': { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
  'ct-denoising': { low: -160, high: 240 },
  'pet-synthesis': { low: 0, high: 20 },
};

/**
 * PSNR, SSIM and RMSE of a result against its reference, both cut to the task's window; the range is the reference's
 * own. `undefined` where the reference is flat: such slices are left out and counted. model-spec.md 4.1.
 */
export function compareSlices(reference: Plane, result: Float64Array, task: Task): SliceFigures | undefined {
  const { low, high } = testWindows[task];
  const cut = (value: number): number => Math.min(high, Math.max(low, value));
  const g = { ...reference, values: reference.values.map(cut) };
  const r = { ...reference, values: result.map(cut) };
  const range = rangeOf(g.values);
  if (range === 0) return undefined;
  const meanSquare = g.values.reduce((sum, value, i) => sum + (value - (r.values[i] ?? 0)) ** 2, 0) / g.values.length;
  return {
    psnr: 10 * Math.log10((range * range) / meanSquare),
    ssim: structuralSimilarity(g, r, range),
    rmse: Math.sqrt(meanSquare),
  };
}

function rangeOf(values: Float64Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}

/** 11×11 Gaussian of σ 1.5, zeros outside, mean over all pixels; depends on the offset, so values are physical. */
function structuralSimilarity(g: Plane, r: Plane, range: number): number {
  const kernel = gaussianKernel(1.5, 5);
  const local = (of: (gi: number, ri: number) => number): Float64Array =>
    convolveSeparable({ ...g, values: g.values.map((gi, i) => of(gi, r.values[i] ?? 0)) }, kernel).values;
  const meanG = local((gi) => gi);
  const meanR = local((_, ri) => ri);
  const squareG = local((gi) => gi * gi);
  const squareR = local((_, ri) => ri * ri);
  const product = local((gi, ri) => gi * ri);
  const c1 = (0.01 * range) ** 2;
  const c2 = (0.03 * range) ** 2;
  const sum = meanG.reduce((total, mg, i) => {
    const mr = meanR[i] ?? 0;
    const covariance = (product[i] ?? 0) - mg * mr;
    const variances = (squareG[i] ?? 0) - mg * mg + (squareR[i] ?? 0) - mr * mr;
    return total + ((2 * mg * mr + c1) * (2 * covariance + c2)) / ((mg * mg + mr * mr + c1) * (variances + c2));
  }, 0);
  return sum / meanG.length;
}
