import type { Plane } from '../degrade/k-space.ts';
import { boxSums, close, countOn, erode, type Mask } from '../degrade/masks.ts';

/** Noise of one CT slice in soft tissue. */
export interface CtNoise {
  /** σ_f, HU; `undefined` where fewer than 2,000 pixels of soft tissue allow no estimate. */
  readonly sigmaHu: number | undefined;
  readonly pixels: number;
}

/** Fewer such pixels give anatomy, not noise (model-spec.md 2.9). */
const fewestPixels = 2000;
const windowRadius = 7;
const medianRadius = 2;
/** Mode of the 15×15 local deviation against the true deviation of noise with a CT's texture (model-spec.md 2.9). */
const modeToDeviation = 0.82;

/** σ_f: mode of the 15×15 local deviation in eroded soft tissue ÷ 0.82. `hu` in HU; model-spec.md 2.9, step 4. */
export function estimateCtNoise(hu: Plane): CtNoise {
  const tissue = erode(softTissue(hu), 8);
  const pixels = countOn(tissue);
  if (pixels < fewestPixels) return { sigmaHu: undefined, pixels };
  const deviation = localDeviation(hu, windowRadius);
  return { sigmaHu: modeOf(deviation.filter((_, i) => tissue.on[i] === 1)) / modeToDeviation, pixels };
}

/**
 * 0–120 HU after a 5×5 median, closed: without both, noise punches holes into the mask. The median lies in the range
 * where less than half of the window lies below it and less than half above: two counts instead of a sort.
 */
export function softTissue(hu: Plane): Mask {
  const { rows, columns, values } = hu;
  const size = boxSums(new Uint8Array(values.length).fill(1), rows, columns, medianRadius);
  const below = boxSums(
    Uint8Array.from(values, (value) => (value < 0 ? 1 : 0)),
    rows,
    columns,
    medianRadius,
  );
  const above = boxSums(
    Uint8Array.from(values, (value) => (value > 120 ? 1 : 0)),
    rows,
    columns,
    medianRadius,
  );
  const on = Uint8Array.from(size, (n, i) => (2 * (below[i] ?? 0) < n && 2 * (above[i] ?? 0) < n ? 1 : 0));
  return close({ rows, columns, on }, 2);
}

/** Deviation of the (2r+1)² neighbourhood of each pixel; windows at the border are smaller. */
export function localDeviation(image: Plane, radius: number): Float64Array {
  const { rows, columns, values } = image;
  const ones = new Uint8Array(values.length).fill(1);
  const count = boxSums(ones, rows, columns, radius);
  const sum = boxSums(values, rows, columns, radius);
  const squares = boxSums(
    values.map((value) => value * value),
    rows,
    columns,
    radius,
  );
  return sum.map((s, i) => {
    const n = count[i] ?? 1;
    return Math.sqrt(Math.max(0, (squares[i] ?? 0) / n - (s / n) ** 2));
  });
}

/** Middle of the shortest interval that holds a quarter of the values: a mode without bins. */
export function modeOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const span = Math.max(1, Math.floor(sorted.length / 4));
  let best = 0;
  let narrowest = Number.POSITIVE_INFINITY;
  for (let from = 0; from + span < sorted.length; from++) {
    const width = (sorted[from + span] ?? 0) - (sorted[from] ?? 0);
    if (width >= narrowest) continue;
    narrowest = width;
    best = from;
  }
  return ((sorted[best] ?? 0) + (sorted[Math.min(best + span, sorted.length - 1)] ?? 0)) / 2;
}
