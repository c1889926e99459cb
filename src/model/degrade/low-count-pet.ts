import type { Words } from '../philox.ts';
import { drawBinomial, stochasticRound, uniformOf } from './draws.ts';
import type { Plane } from './k-space.ts';
import { close, countOn, fillHoles, type Mask } from './masks.ts';
import { projectLines } from './parallel-beam.ts';
import { createPetScanner, type PetScanner, petViews, projectActivity, reconstruct } from './pet-scanner.ts';

/** One PET slice as the scanner saw it at full dose, before its counts are scaled to the series. */
export interface PetExposure {
  readonly suv: Plane;
  readonly scanner: PetScanner;
  /** Attenuated line integrals at unit sensitivity; views × bins. */
  readonly lines: Float64Array;
  /** e^{−0.0096·L} per bin. */
  readonly attenuation: Float64Array;
  /** Their sum: trues at unit sensitivity. */
  readonly trues: number;
  readonly bodyMm2: number;
}

/** One slice with its noise-free reconstruction: every dose and seed starts here. */
export interface LowCountPet {
  /** LQ in SUV at a dose fraction; the slice itself at 1. */
  simulate(words: Words, doseFraction: number): Float64Array;
}

const attenuationPerMm = 0.0096;
const truesPerSlice = 1e6;
const backgroundShare = 0.4;
const largeBodyMm2 = 1e4;
const smallestSide = 128;
/** Counter words that keep these draws apart from all others of the key. */
const stream = { counts: 2, thinning: 3 } as const;

/** Projects one slice (model-spec.md 2.9, PET steps 1 to 3); slices below 128 pixels are set in zeros. */
export function exposePet(suv: Plane, pixelMm: number): PetExposure {
  const framed = pad(suv);
  const scanner = createPetScanner(framed.rows, framed.columns, pixelMm);
  const body = bodyMask(framed);
  const inside = { rows: body.rows, columns: body.columns, values: Float64Array.from(body.on) };
  const lengths = projectLines(inside, petViews, scanner.bins);
  const attenuation = lengths.values.map((length) => Math.exp(-attenuationPerMm * length * pixelMm));
  const lines = projectActivity(scanner, framed).map((value, i) => value * (attenuation[i] ?? 0));
  const trues = lines.reduce((sum, value) => sum + value, 0);
  return { suv, scanner, lines, attenuation, trues, bodyMm2: countOn(body) * pixelMm ** 2 };
}

/**
 * s of a series: 10⁶ trues in the median slice of those with a body above 10⁴ mm². A crop without such a slice gets
 * its share of the counts, by the area of its largest slice.
 */
export function sensitivityOf(exposures: readonly PetExposure[]): number {
  const seen = exposures.filter((exposure) => exposure.trues > 0);
  const large = seen.filter((exposure) => exposure.bodyMm2 > largeBodyMm2);
  const counted = large.length > 0 ? large : seen;
  if (counted.length === 0) return 0;
  const area = Math.max(...counted.map((exposure) => exposure.bodyMm2));
  return (truesPerSlice * Math.min(1, area / largeBodyMm2)) / median(counted.map((exposure) => exposure.trues));
}

/** Reconstructs the noise-free reference once (model-spec.md 2.9, PET step 5). */
export function prepareLowCountPet(exposure: PetExposure, sensitivity: number): LowCountPet {
  const { suv, scanner, attenuation, trues } = exposure;
  if (trues <= 0 || sensitivity <= 0) return { simulate: () => suv.values.slice() };
  const background = (backgroundShare * trues * sensitivity) / attenuation.length;
  const expected = exposure.lines.map((value) => value * sensitivity + background);
  const gain = attenuation.map((value) => value * sensitivity);
  const reference = reconstruct(scanner, expected, { gain, background });
  return {
    simulate: (words, doseFraction) => {
      if (doseFraction >= 1) return suv.values.slice();
      const thinned = thin(expected, scanner.bins, doseFraction, words);
      const lowGain = gain.map((value) => value * doseFraction);
      const low = reconstruct(scanner, thinned, { gain: lowGain, background: background * doseFraction });
      return addNoise(suv, low, reference);
    },
  };
}

/** Counts at full dose by stochastic rounding, then a binomial share of them (step 4). */
function thin(expected: Float64Array, bins: number, share: number, words: Words): Float64Array {
  return expected.map((mean, i) => {
    const view = Math.floor(i / bins);
    const bin = i % bins;
    const full = stochasticRound(mean, uniformOf(words(bin, view, 0, stream.counts)[0] ?? 0));
    const w = words(bin, view, 0, stream.thinning);
    return drawBinomial(full, share, w[0] ?? 0, w[1] ?? 0);
  });
}

/** max(0, f + OSEM(low) − OSEM(noise-free)): f keeps its resolution, only noise is new (step 6). */
function addNoise(suv: Plane, low: Plane, reference: Plane): Float64Array {
  const top = Math.floor((low.rows - suv.rows) / 2);
  const left = Math.floor((low.columns - suv.columns) / 2);
  return suv.values.map((value, i) => {
    const y = Math.floor(i / suv.columns) + top;
    const at = y * low.columns + (i % suv.columns) + left;
    return Math.max(0, value + (low.values[at] ?? 0) - (reference.values[at] ?? 0));
  });
}

/** f above a tenth of the 90th percentile of its positive values, closed and filled (step 2). */
function bodyMask(suv: Plane): Mask {
  const positive = suv.values.filter((value) => value > 0).toSorted();
  const threshold = 0.1 * (positive[Math.ceil(0.9 * positive.length) - 1] ?? Number.POSITIVE_INFINITY);
  const on = Uint8Array.from(suv.values, (value) => (value > threshold ? 1 : 0));
  return fillHoles(close({ rows: suv.rows, columns: suv.columns, on }, 1));
}

function pad(suv: Plane): Plane {
  const rows = Math.max(smallestSide, suv.rows);
  const columns = Math.max(smallestSide, suv.columns);
  const top = Math.floor((rows - suv.rows) / 2);
  const left = Math.floor((columns - suv.columns) / 2);
  const values = new Float64Array(rows * columns);
  for (let y = 0; y < suv.rows; y++) {
    values.set(suv.values.subarray(y * suv.columns, (y + 1) * suv.columns), (y + top) * columns + left);
  }
  return { rows, columns, values };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
