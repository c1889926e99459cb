import { sigmaOfFwhm, smooth } from './gaussian.ts';
import type { Plane } from './k-space.ts';

/** A round scanner over one slice: geometry and resolution of model-spec.md 2.9, PET step 1. */
export interface PetScanner {
  readonly rows: number;
  readonly columns: number;
  readonly pixelMm: number;
  readonly bins: number;
}

export const petViews = 168;
const subsets = 12;
const iterations = 3;
const resolutionMm = 4.5;
const postFilterMm = 4;

/** What a scan was counted with: sensitivity and attenuation per bin, background per bin. */
export interface PetCounting {
  /** Counts per unit of A·G·f; views × bins. */
  readonly gain: Float64Array;
  /** Uniform background, counts per bin. */
  readonly background: number;
}

/** A scanner whose bins, as wide as a pixel, cover the slice's diagonal. */
export function createPetScanner(rows: number, columns: number, pixelMm: number): PetScanner {
  return { rows, columns, pixelMm, bins: Math.ceil(Math.hypot(rows, columns)) + 2 };
}

/** A·G·f in pixels: the slice blurred by the resolution, then projected; views × bins. */
export function projectActivity(scanner: PetScanner, activity: Plane): Float64Array {
  const blurred = smooth(activity, sigmaOfFwhm(resolutionMm) / scanner.pixelMm);
  const lines = new Float64Array(petViews * scanner.bins);
  for (let view = 0; view < petViews; view++) projectView(scanner, blurred.values, view, rowOf(scanner, lines, view));
  return lines;
}

/** OSEM, 12 subsets × 3 iterations from a uniform start, then the post-filter; in units of the activity. */
export function reconstruct(scanner: PetScanner, counts: Float64Array, counting: PetCounting): Plane {
  const { rows, columns } = scanner;
  let image: Plane = { rows, columns, values: new Float64Array(rows * columns).fill(1) };
  const sensitivities = Array.from({ length: subsets }, (_, subset) =>
    backProject(scanner, subset, (index) => counting.gain[index] ?? 0),
  );
  const expected = new Float64Array(petViews * scanner.bins);
  for (let step = 0; step < subsets * iterations; step++) {
    const subset = step % subsets;
    expectCounts(scanner, image, subset, counting, expected);
    const ratio = backProject(
      scanner,
      subset,
      (index) => ((counting.gain[index] ?? 0) * (counts[index] ?? 0)) / (expected[index] ?? 1),
    );
    image = multiplied(image, ratio, sensitivities[subset] ?? ratio);
  }
  return smooth(image, sigmaOfFwhm(postFilterMm) / scanner.pixelMm);
}

function multiplied(image: Plane, ratio: Plane, sensitivity: Plane): Plane {
  const values = image.values.map((value, i) => {
    const seen = sensitivity.values[i] ?? 0;
    return seen > 0 ? (value * (ratio.values[i] ?? 0)) / seen : 0;
  });
  return { ...image, values };
}

/** Counts that the image explains, for the views of one subset: s, s+12, … */
function expectCounts(
  scanner: PetScanner,
  image: Plane,
  subset: number,
  counting: PetCounting,
  expected: Float64Array,
): void {
  const blurred = smooth(image, sigmaOfFwhm(resolutionMm) / scanner.pixelMm);
  for (let view = subset; view < petViews; view += subsets) {
    const row = rowOf(scanner, expected, view);
    row.fill(0);
    projectView(scanner, blurred.values, view, row);
    const from = view * scanner.bins;
    for (let bin = 0; bin < row.length; bin++) {
      row[bin] = (counting.gain[from + bin] ?? 0) * (row[bin] ?? 0) + counting.background;
    }
  }
}

function backProject(scanner: PetScanner, subset: number, lineAt: (index: number) => number): Plane {
  const { rows, columns, bins } = scanner;
  const values = new Float64Array(rows * columns);
  const row = new Float64Array(bins);
  for (let view = subset; view < petViews; view += subsets) {
    for (let bin = 0; bin < bins; bin++) row[bin] = lineAt(view * bins + bin);
    smearView(scanner, row, view, values);
  }
  return smooth({ rows, columns, values }, sigmaOfFwhm(resolutionMm) / scanner.pixelMm);
}

function rowOf(scanner: PetScanner, lines: Float64Array, view: number): Float64Array {
  return lines.subarray(view * scanner.bins, (view + 1) * scanner.bins);
}

/** Hot loop: each pixel splits linearly between two bins; the bins cover the diagonal, so t ≥ 0. */
function projectView(scanner: PetScanner, image: Float64Array, view: number, row: Float64Array): void {
  const angle = (Math.PI * view) / petViews;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let y = 0; y < scanner.rows; y++) {
    let t = firstBin(scanner, y, cos, sin);
    const end = (y + 1) * scanner.columns;
    for (let at = y * scanner.columns; at < end; at++, t += cos) {
      const value = image[at] ?? 0;
      const left = t | 0;
      const right = (t - left) * value;
      row[left] = (row[left] ?? 0) + value - right;
      row[left + 1] = (row[left + 1] ?? 0) + right;
    }
  }
}

/** The adjoint of `projectView`. */
function smearView(scanner: PetScanner, row: Float64Array, view: number, image: Float64Array): void {
  const angle = (Math.PI * view) / petViews;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let y = 0; y < scanner.rows; y++) {
    let t = firstBin(scanner, y, cos, sin);
    const end = (y + 1) * scanner.columns;
    for (let at = y * scanner.columns; at < end; at++, t += cos) {
      const left = t | 0;
      const a = row[left] ?? 0;
      image[at] = (image[at] ?? 0) + a + (t - left) * ((row[left + 1] ?? 0) - a);
    }
  }
}

function firstBin(scanner: PetScanner, y: number, cos: number, sin: number): number {
  return (scanner.bins - 1) / 2 + (y - (scanner.rows - 1) / 2) * sin - ((scanner.columns - 1) / 2) * cos;
}
