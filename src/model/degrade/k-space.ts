import { fft2 } from './fft.ts';

/** One real image, row-major, float64. */
export interface Plane {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** Kept indices of one axis: `count` of them around DC at ⌊N/2⌋, from ⌊N/2⌋−n/2 on (model-spec.md 2.9). */
export interface KeptBand {
  readonly rows: number;
  readonly columns: number;
}

/** n = 2·⌊N/2f + ½⌋ frequencies of an axis of N at truncation factor f; all N at factor 1. */
export function keptFrequencies(size: number, factor: number): number {
  return factor <= 1 ? size : Math.min(size, 2 * Math.floor(size / (2 * factor) + 0.5));
}

/** Keeps the central band of k-space, zero-fills the rest and takes the magnitude: same size, lower resolution. */
export function truncateKSpace(image: Plane, kept: KeptBand): Plane {
  const re = Float64Array.from(image.values);
  const im = new Float64Array(re.length);
  fft2({ re, im }, image.rows, image.columns);
  const rowKept = keptMask(image.rows, kept.rows);
  const columnKept = keptMask(image.columns, kept.columns);
  for (let y = 0; y < image.rows; y++) {
    for (let x = 0; x < image.columns; x++) {
      if (rowKept[y] === 1 && columnKept[x] === 1) continue;
      re[y * image.columns + x] = 0;
      im[y * image.columns + x] = 0;
    }
  }
  fft2({ re, im }, image.rows, image.columns, 'inverse');
  return { rows: image.rows, columns: image.columns, values: magnitude(re, im) };
}

/** The image that the central band alone describes, `band.rows` × `band.columns`, same intensity, same field of view. */
export function cropKSpace(image: Plane, band: KeptBand): Plane {
  const re = Float64Array.from(image.values);
  const im = new Float64Array(re.length);
  fft2({ re, im }, image.rows, image.columns);
  const smallRe = new Float64Array(band.rows * band.columns);
  const smallIm = new Float64Array(band.rows * band.columns);
  const scale = (band.rows * band.columns) / (image.rows * image.columns);
  for (let y = 0; y < band.rows; y++) {
    const fromY = unshifted(y, band.rows, image.rows);
    for (let x = 0; x < band.columns; x++) {
      const from = fromY * image.columns + unshifted(x, band.columns, image.columns);
      smallRe[y * band.columns + x] = (re[from] ?? 0) * scale;
      smallIm[y * band.columns + x] = (im[from] ?? 0) * scale;
    }
  }
  fft2({ re: smallRe, im: smallIm }, band.rows, band.columns, 'inverse');
  return { rows: band.rows, columns: band.columns, values: magnitude(smallRe, smallIm) };
}

/** 1 where an unshifted index lies in the kept band. */
function keptMask(size: number, kept: number): Uint8Array {
  const half = Math.floor(kept / 2);
  const mask = new Uint8Array(size);
  for (let frequency = -half; frequency < kept - half; frequency++) mask[(frequency + size) % size] = 1;
  return mask;
}

/** Index in the large spectrum of the frequency that index `i` of the small one stands for. */
function unshifted(i: number, small: number, large: number): number {
  const frequency = i < small - Math.floor(small / 2) ? i : i - small;
  return (frequency + large) % large;
}

function magnitude(re: Float64Array, im: Float64Array): Float64Array {
  return re.map((value, i) => Math.sqrt(value * value + (im[i] ?? 0) ** 2));
}
