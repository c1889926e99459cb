import { fft2 } from './fft.ts';
import { type KeptBand, keptFrequencies, type Plane } from './k-space.ts';

/** What the spectrum of one axis says: where it steps down, as a fraction of Nyquist, and by how much. */
interface SupportStep {
  readonly fraction: number;
  readonly stepDb: number;
}

export interface KSpaceSupport {
  readonly rows: SupportStep;
  readonly columns: SupportStep;
}

/** A fall of this much in the mean power spectrum is the edge of what was measured (model-spec.md 2.9). */
const edgeDb = 4;

/** Bins that an edge may take: a Hann window spreads a sharp one over two. */
const gap = 2;

/**
 * Finds zero-filled k-space: the largest sudden fall of the mean power spectrum per axis, over all slices of a series.
 * `fraction` is 1 and `stepDb` the largest fall seen where none reaches 4 dB from `lowest` of Nyquist on.
 */
export function findSupport(slices: readonly Plane[], lowest = 0.25): KSpaceSupport {
  const [first] = slices;
  if (first === undefined) return { rows: { fraction: 1, stepDb: 0 }, columns: { fraction: 1, stepDb: 0 } };
  const alongRows = new Float64Array(Math.floor(first.rows / 2));
  const alongColumns = new Float64Array(Math.floor(first.columns / 2));
  for (const slice of slices) addSpectrum(slice, alongRows, alongColumns);
  return { rows: largestStep(alongRows, lowest), columns: largestStep(alongColumns, lowest) };
}

/** The band that was measured: whole axes but for those with a step; even counts, as the truncation keeps them. */
export function supportBand(support: KSpaceSupport, rows: number, columns: number): KeptBand {
  return {
    rows: support.rows.fraction < 1 ? keptFrequencies(rows, 1 / support.rows.fraction) : rows,
    columns: support.columns.fraction < 1 ? keptFrequencies(columns, 1 / support.columns.fraction) : columns,
  };
}

/** Adds |F|² of one slice to the profiles over |frequency| of both axes. A Hann window keeps the borders out of it. */
function addSpectrum(slice: Plane, alongRows: Float64Array, alongColumns: Float64Array): void {
  const { rows, columns } = slice;
  const re = new Float64Array(rows * columns);
  const im = new Float64Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const wy = hann(y, rows);
    for (let x = 0; x < columns; x++) {
      re[y * columns + x] = (slice.values[y * columns + x] ?? 0) * wy * hann(x, columns);
    }
  }
  fft2({ re, im }, rows, columns);
  for (let y = 0; y < rows; y++) {
    const fy = Math.min(y, rows - y);
    for (let x = 0; x < columns; x++) {
      const fx = Math.min(x, columns - x);
      const power = (re[y * columns + x] ?? 0) ** 2 + (im[y * columns + x] ?? 0) ** 2;
      if (fy < alongRows.length) alongRows[fy] = (alongRows[fy] ?? 0) + power;
      if (fx < alongColumns.length) alongColumns[fx] = (alongColumns[fx] ?? 0) + power;
    }
  }
}

function hann(i: number, size: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size);
}

/** Largest difference between the mean levels just below and just above a frequency, beyond the trend around it. */
function largestStep(power: Float64Array, lowest: number): SupportStep {
  const level = power.map((value) => 10 * Math.log10(value + Number.MIN_VALUE));
  const width = Math.max(3, Math.round(level.length * 0.05));
  let best: SupportStep = { fraction: 1, stepDb: 0 };
  for (let at = Math.max(2 * width, Math.ceil(level.length * lowest)); at + gap + 2 * width <= level.length; at++) {
    const above = at + gap;
    const fall = meanOf(level, at - width, at) - meanOf(level, above, above + width);
    const before = meanOf(level, at - 2 * width, at - width) - meanOf(level, at - width, at);
    const after = meanOf(level, above, above + width) - meanOf(level, above + width, above + 2 * width);
    const stepDb = fall - Math.max(0, (before + after) / 2);
    if (stepDb > best.stepDb) best = { fraction: at / level.length, stepDb };
  }
  return best.stepDb >= edgeDb ? best : { fraction: 1, stepDb: best.stepDb };
}

function meanOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] ?? 0;
  return sum / (to - from);
}
