import { estimateCtNoise, softTissue } from '../estimators/ct-noise.ts';
import type { Words } from '../philox.ts';
import { fillNormals } from './draws.ts';
import type { Plane } from './k-space.ts';
import { countOn, type Mask } from './masks.ts';
import { filteredBackProjection, projectLines, type Sinogram } from './parallel-beam.ts';

/** One CT slice with its projections: every dose and seed starts here. */
export interface LowDoseCt {
  /** σ_f of the slice, HU; `undefined` where soft tissue is too small to tell. */
  readonly sigmaHu: number | undefined;
  /** Noise to be added at a dose fraction, HU: its deviation in soft tissue is `addedNoiseHu`. */
  noise(words: Words, doseFraction: number): Float64Array;
}

export interface CtGeometry {
  /** Side of a pixel, mm; the mean of both where they differ. */
  readonly pixelMm: number;
  readonly kernel: 'soft' | 'sharp';
}

const muWaterPerMm = 0.0192;
const photons = 1e5;
const electronicVariance = 100;
const coarseViews = 360;
const hannCutOff = { soft: 0.5, sharp: 0.7 } as const;
/** At quarter dose, HU; other doses scale both by the ratio of their variances. */
const quarterDoseFloorHu = 18;
const quarterDoseCapHu = 35;
/** Counter word that keeps these draws apart from all others of the key. */
const stream = 1;

/** Deviation of the noise that a dose fraction adds to σ_f: clamp(√3·σ_f, 18, 35) HU at ¼, scaled by √((1−a)/3a). */
export function addedNoiseHu(sigmaHu: number | undefined, doseFraction: number): number {
  const quarter = Math.min(quarterDoseCapHu, Math.max(quarterDoseFloorHu, Math.sqrt(3) * (sigmaHu ?? 0)));
  return quarter * Math.sqrt((1 - doseFraction) / (3 * doseFraction));
}

/** Projects a slice once (model-spec.md 2.9, CT steps 1 and 4); `hu` in HU, padding below −1024 counts as air. */
export function prepareLowDoseCt(hu: Plane, geometry: CtGeometry): LowDoseCt {
  const lines = lineIntegrals(hu, geometry.pixelMm);
  const { sigmaHu } = estimateCtNoise(hu);
  const tissue = scalingRegion(hu);
  return {
    sigmaHu,
    noise: (words, doseFraction) => {
      if (doseFraction >= 1) return new Float64Array(hu.values.length);
      const sinogram = drawNoise(lines, words, doseFraction);
      const grid = { rows: hu.rows, columns: hu.columns, pixelMm: geometry.pixelMm };
      const { values } = filteredBackProjection(sinogram, grid, hannCutOff[geometry.kernel]);
      const scale = addedNoiseHu(sigmaHu, doseFraction) / deviationIn(values, tissue);
      return values.map((value) => value * scale);
    },
  };
}

/** Whether a Convolution Kernel (0018,1210) names a sharp filter: bone and lung kernels of the large vendors. */
export function isSharpKernel(kernel: string): boolean {
  const name = kernel.trim().toUpperCase();
  const siemens = /^[A-Z]+?(\d{2})/.exec(name);
  if (/BONE|LUNG|EDGE|DETAIL|SHARP/.test(name)) return true;
  if (/^(D|E|YD|YE|L)$/.test(name)) return true;
  const toshiba = /^FC(\d{2})/.exec(name);
  if (toshiba !== null) return Number(toshiba[1]) >= 30;
  return siemens !== null && Number(siemens[1]) >= 50;
}

/** p on the grid of the noise: 720 views, bins as wide as a pixel. */
function lineIntegrals(hu: Plane, pixelMm: number): Sinogram {
  const bins = 64 * Math.ceil((Math.SQRT2 * Math.max(hu.rows, hu.columns)) / 64);
  const coarse = projectLines(halve(hu), coarseViews, bins / 2);
  const values = new Float64Array(2 * coarseViews * bins);
  for (let view = 0; view < 2 * coarseViews; view++) {
    for (let bin = 0; bin < bins; bin++) {
      const p = (coarseAt(coarse, view >> 1, bin) + coarseAt(coarse, (view + 1) >> 1, bin)) / 2;
      values[view * bins + bin] = p * 2 * pixelMm;
    }
  }
  return { views: 2 * coarseViews, bins, values };
}

/** Linear interpolation between the coarse bins; the view after the last is the first, mirrored. */
function coarseAt(coarse: Sinogram, view: number, fineBin: number): number {
  const last = coarse.bins - 1;
  const mirrored = view === coarse.views;
  const position = (fineBin - (2 * coarse.bins - 1) / 2) / 2 + last / 2;
  const t = Math.min(last, Math.max(0, mirrored ? last - position : position));
  const left = Math.min(last - 1, Math.floor(t));
  const from = (mirrored ? 0 : view) * coarse.bins + left;
  const a = coarse.values[from] ?? 0;
  return a + (t - left) * ((coarse.values[from + 1] ?? 0) - a);
}

/** μ in mm⁻¹ on the 2×2-averaged image. */
function halve(hu: Plane): Plane {
  const rows = Math.ceil(hu.rows / 2);
  const columns = Math.ceil(hu.columns / 2);
  const values = new Float64Array(rows * columns);
  for (let y = 0; y < hu.rows; y++) {
    for (let x = 0; x < hu.columns; x++) {
      const mu = muWaterPerMm * Math.max(0, 1 + (hu.values[y * hu.columns + x] ?? 0) / 1000);
      const at = (y >> 1) * columns + (x >> 1);
      values[at] = (values[at] ?? 0) + mu / 4;
    }
  }
  return { rows, columns, values };
}

/** Added noise of −ln(counts): the variance at dose a less the variance at full dose (model-spec.md 2.9, step 2). */
function drawNoise(lines: Sinogram, words: Words, a: number): Sinogram {
  const values = new Float64Array(lines.values.length);
  for (let view = 0; view < lines.views; view++) {
    const row = values.subarray(view * lines.bins, (view + 1) * lines.bins);
    fillNormals(row, words, view, stream);
    for (let bin = 0; bin < lines.bins; bin++) {
      const inverseCounts = Math.exp(lines.values[view * lines.bins + bin] ?? 0) / photons;
      const electronic = ((1 + a) / a) * electronicVariance * inverseCounts;
      row[bin] = (row[bin] ?? 0) * Math.sqrt(((1 - a) / a) * inverseCounts * (1 + electronic));
    }
  }
  return { ...lines, values };
}

/** Soft tissue; where a slice has too little of it, everything denser than fat; else the whole slice. */
function scalingRegion(hu: Plane): Mask {
  const tissue = softTissue(hu);
  if (countOn(tissue) >= 2000) return tissue;
  const body = { ...tissue, on: Uint8Array.from(hu.values, (value) => (value > -200 ? 1 : 0)) };
  return countOn(body) >= 200 ? body : { ...tissue, on: new Uint8Array(hu.values.length).fill(1) };
}

function deviationIn(values: Float64Array, region: Mask): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (region.on[i] !== 1) continue;
    const value = values[i] ?? 0;
    sum += value;
    squares += value * value;
    count++;
  }
  return Math.sqrt(squares / count - (sum / count) ** 2);
}
