import type { Task } from './tasks.ts';

/** One slice or frame as it is stored, and what its numbers mean. */
export interface StoredImage {
  readonly rows: number;
  readonly columns: number;
  readonly stored: Int16Array | Uint16Array;
  /** Output value = stored · slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  /** What Bits Stored and Pixel Representation can hold. */
  readonly lowest: number;
  readonly highest: number;
  /** Pixel Padding Value (Range Limit), stored values, both included. */
  readonly padding: { readonly first: number; readonly last: number } | undefined;
  /** Physical value = output value · factor: SUV per unit in PET (`suv.ts`), 1 elsewhere. */
  readonly factor: number;
}

/** Unit range: x = (v − base)/range, clipped to [0, 1]. */
export interface UnitScale {
  readonly base: number;
  readonly range: number;
}

/** A slice as the networks see it, and which of its voxels they may change. */
export interface NormalisedSlice {
  /** `[H, W]`, 0..1; padding is 0. */
  readonly x: Float32Array;
  /** 0: restored; 1: padding; 2: outside the valid range. 1 and 2 are kept bit for bit. */
  readonly kept: Uint8Array;
}

/** AMIR's ranges for CT and PET; MR has one per series. */
const fixedScales: Readonly<Record<Task, UnitScale>> = {
  'mri-super-resolution': { base: 0, range: 1 },
  'ct-denoising': { base: -1024, range: 4095 },
  'pet-synthesis': { base: 0, range: 20 },
};

/** Where the result of a slice and its source fade into each other, below the upper end of the range. */
const fadeFrom = 0.95;

/** Unit range of a task (model-spec.md 2.8); `seriesScale` is s of `mrSeriesScale` and counts for MR alone. */
export function unitScale(task: Task, seriesScale: number): UnitScale {
  return { ...fixedScales[task], ...(task === 'mri-super-resolution' ? { range: seriesScale } : {}) };
}

/** Physical values, float64: HU, MR units or SUV. */
export function physicalValues(image: StoredImage): Float64Array {
  const { slope, intercept, factor } = image;
  return Float64Array.from(image.stored, (stored) => (stored * slope + intercept) * factor);
}

/**
 * 1 where a voxel is padding: by the tags, or, in a CT slice without them, every voxel of the value that its four
 * corners share when that is −1024 HU or less (the round field of view).
 */
export function paddingMask(image: StoredImage, task: Task): Uint8Array {
  const { stored, rows, columns, padding } = image;
  if (padding !== undefined) {
    const { first, last } = padding;
    return Uint8Array.from(stored, (value) => (value >= first && value <= last ? 1 : 0));
  }
  const corner = stored[0] ?? 0;
  const corners = [columns - 1, (rows - 1) * columns, rows * columns - 1].map((index) => stored[index]);
  const round =
    task === 'ct-denoising' &&
    corners.every((value) => value === corner) &&
    corner * image.slope + image.intercept <= -1024;
  return round ? Uint8Array.from(stored, (value) => (value === corner ? 1 : 0)) : new Uint8Array(stored.length);
}

/**
 * s of an MR series: P, the 99.9th percentile (nearest rank) of the values above 0 over all slices, padding excluded;
 * the maximum if that is at most 2P, else 2P. `undefined` when nothing is above 0.
 */
export function mrSeriesScale(
  slices: readonly { readonly values: Float64Array; readonly padding: Uint8Array }[],
): number | undefined {
  const positive: Float64Array[] = slices.map(({ values, padding }) =>
    values.filter((value, i) => value > 0 && padding[i] !== 1),
  );
  const all = new Float64Array(positive.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of positive) {
    all.set(part, at);
    at += part.length;
  }
  if (all.length === 0) return undefined;
  all.sort();
  const percentile = all[Math.ceil(0.999 * all.length) - 1] ?? 0;
  return Math.min(all[all.length - 1] ?? 0, 2 * percentile);
}

/** Into the unit range: padding 0, the rest clipped; what lies outside the valid range is marked to be kept. */
export function normalise(values: Float64Array, padding: Uint8Array, scale: UnitScale): NormalisedSlice {
  const x = new Float32Array(values.length);
  const kept = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const unit = ((values[i] ?? 0) - scale.base) / scale.range;
    if (padding[i] === 1) kept[i] = 1;
    else if (!(unit >= 0 && unit <= 1)) kept[i] = 2;
    x[i] = kept[i] === 1 || !(unit > 0) ? 0 : Math.min(1, unit);
  }
  return { x, kept };
}

/** What the classifier sees: physical values, padding at the slice's minimum, standardised, clipped to ±4. */
export function standardise(values: Float64Array, padding: Uint8Array): Float32Array {
  let minimum = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (padding[i] !== 1) minimum = Math.min(minimum, values[i] ?? 0);
  const filled = values.map((value, i) => (padding[i] === 1 ? (Number.isFinite(minimum) ? minimum : 0) : value));
  const mean = filled.reduce((sum, value) => sum + value, 0) / filled.length;
  const deviation = Math.sqrt(filled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / filled.length);
  return Float32Array.from(filled, (value) =>
    deviation > 0 ? Math.min(4, Math.max(-4, (value - mean) / deviation)) : 0,
  );
}

/**
 * The network's y `[H, W]` in physical values: near the upper end it fades into the source, kept voxels are the
 * source's. model-spec.md 2.8, "Transition" and "Back".
 */
export function restoredValues(
  source: Float64Array,
  slice: NormalisedSlice,
  y: Float32Array,
  scale: UnitScale,
): Float64Array {
  return source.map((value, i) => {
    if (slice.kept[i] !== 0) return value;
    const x = slice.x[i] ?? 0;
    const tau = Math.min(1, Math.max(0, (x - fadeFrom) / (1 - fadeFrom)));
    const a = tau * tau * (3 - 2 * tau);
    return ((1 - a) * (y[i] ?? 0) + a * x) * scale.range + scale.base;
  });
}

/** Stored values of a result, and how many did not fit the encoding. */
export interface StoredResult {
  readonly stored: Int16Array | Uint16Array;
  readonly clamped: number;
}

/**
 * Physical values to stored ones: rounded half to even, clamped to the encoding; padding and, while the slope is the
 * source's, all kept voxels verbatim. `slope` differs from the image's where a PET slope was recomputed.
 */
export function toStored(
  image: StoredImage,
  values: Float64Array,
  kept: Uint8Array,
  slope = image.slope,
): StoredResult {
  const stored = image.stored.slice();
  let clamped = 0;
  for (let i = 0; i < values.length; i++) {
    if (kept[i] === 1 || (kept[i] === 2 && slope === image.slope)) continue;
    const rounded = roundHalfEven(((values[i] ?? 0) / image.factor - image.intercept) / slope);
    const inside = Math.min(image.highest, Math.max(image.lowest, rounded));
    if (inside !== rounded) clamped++;
    stored[i] = inside;
  }
  return { stored, clamped };
}

/** Nearest integer, ties to the even one; what is no number becomes 0 and differs from itself, so it counts as clamped. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
