import type { Degradation } from '../model/degrade/degradation.ts';
import { laplacianNoise } from '../model/estimators/laplacian-noise.ts';
import { mrSeriesScale, paddingMask, physicalValues, type StoredImage, unitScale } from '../model/normalise.ts';
import type { HostTensor } from '../model/safetensors.ts';
import { type InputScale, inputScales, type Task } from '../model/tasks.ts';
import type { Simulated } from './simulation.ts';

/** One low-quality version of a slice, and how it was made. */
export interface Realisation {
  readonly degradation: Degradation;
  readonly image: StoredImage;
}

/** One reference slice with its realisations, as a shard holds it. */
export interface Sample {
  readonly reference: Simulated;
  readonly realisations: readonly Realisation[];
}

/** Part of each slice in which a loss may count: y from, x from, y to, x to; the ends are excluded. */
type ValidRegion = readonly [number, number, number, number];

export interface Shard {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly rows: number;
  readonly columns: number;
  readonly valid: ValidRegion;
  /** Root mean square of LQ − HQ in the unit range x inside the valid region, all realisations; per slice squared. */
  readonly squaredError: { readonly sum: number; readonly count: number };
}

/** Crops smaller than this are set in zeros: the trainer cuts patches of up to this side. */
const smallestSide = 128;
/** Activity goes on outside a crop: its border is not to be learnt. */
const cropBorder = 3;
/** A slice with a larger share of x below 0.01 has no signal. */
const mostEmpty = 0.95;
/** References up to this noise, HU, count fully; above it with the inverse of their variance, a quarter at least. */
const fullWeightHu = 8;

/** Whether a reference shows enough to learn from (model-spec.md 3). */
export function hasSignal(task: Task, physical: Float64Array, seriesScale: number): boolean {
  const { base, range } = unitScale(task, seriesScale);
  const empty = physical.reduce((count, value) => count + ((value - base) / range < 0.01 ? 1 : 0), 0);
  return empty <= mostEmpty * physical.length;
}

/**
 * Tensors of one series in units of u (engines.md 8): `hq` [S,H,W], `lq` [R,S,H,W], `hq_factor` [R], `weight` [S].
 * MR: `hq` is in units of its own series scale, each realisation of `lq` in units of its own; u_hq of realisation r is
 * hq · hq_factor[r], clipped to 1.
 */
export function buildShard(task: Task, samples: readonly Sample[]): Shard {
  const [first] = samples;
  if (first === undefined) throw new RangeError('a shard needs a slice');
  const { image } = first.reference.slice;
  const frame = frameOf(task, image);
  const size = frame.rows * frame.columns;
  const realisations = first.realisations.length;
  const referenceScale = scaleOfSeries(
    task,
    samples.map((sample) => sample.reference.slice.image),
  );
  const hq = new Float32Array(samples.length * size);
  const lq = new Float32Array(realisations * samples.length * size);
  const factors = new Float32Array(realisations);
  for (const [index, { reference }] of samples.entries()) {
    putSlice(hq.subarray(index * size, (index + 1) * size), reference.slice.image, task, referenceScale, frame);
  }
  for (let r = 0; r < realisations; r++) {
    const images = samples.map((sample) => sample.realisations[r]?.image ?? sample.reference.slice.image);
    const scale = scaleOfSeries(task, images);
    factors[r] = referenceScale / scale;
    for (const [index, low] of images.entries()) {
      const from = (r * samples.length + index) * size;
      putSlice(lq.subarray(from, from + size), low, task, scale, frame);
    }
  }
  const { rows, columns, valid } = frame;
  const shape = [samples.length, rows, columns];
  const weights = Float32Array.from(samples, ({ reference }) => weightOf(task, reference));
  return {
    tensors: new Map([
      ['hq', { shape, data: hq }],
      ['lq', { shape: [realisations, ...shape], data: lq }],
      ['hq_factor', { shape: [realisations], data: factors }],
      ['weight', { shape: [samples.length], data: weights }],
    ]),
    rows,
    columns,
    valid,
    squaredError: squaredError(hq, lq, factors, frame, inputScales[task]),
  };
}

interface Frame {
  readonly rows: number;
  readonly columns: number;
  readonly top: number;
  readonly left: number;
  readonly valid: ValidRegion;
}

function frameOf(task: Task, image: StoredImage): Frame {
  const { rows, columns } = image;
  if (task !== 'pet-synthesis' || (rows >= smallestSide && columns >= smallestSide)) {
    return { rows, columns, top: 0, left: 0, valid: [0, 0, rows, columns] };
  }
  const framed = { rows: Math.max(rows, smallestSide), columns: Math.max(columns, smallestSide) };
  const top = Math.floor((framed.rows - rows) / 2);
  const left = Math.floor((framed.columns - columns) / 2);
  const valid: ValidRegion = [
    top + cropBorder,
    left + cropBorder,
    top + rows - cropBorder,
    left + columns - cropBorder,
  ];
  return { ...framed, top, left, valid };
}

/** s of an MR series of images; 1 elsewhere, where ranges are fixed. */
export function scaleOfSeries(task: Task, images: readonly StoredImage[]): number {
  if (task !== 'mri-super-resolution') return 1;
  const slices = images.map((image) => ({ values: physicalValues(image), padding: paddingMask(image, task) }));
  return mrSeriesScale(slices) ?? 1;
}

function putSlice(into: Float32Array, image: StoredImage, task: Task, seriesScale: number, frame: Frame): void {
  const { base, range } = unitScale(task, seriesScale);
  const { gain, offset } = inputScales[task];
  const values = physicalValues(image);
  const padding = paddingMask(image, task);
  into.fill(gain * (0 - offset));
  for (let y = 0; y < image.rows; y++) {
    for (let x = 0; x < image.columns; x++) {
      const from = y * image.columns + x;
      const unit = padding[from] === 1 ? 0 : Math.min(1, Math.max(0, ((values[from] ?? 0) - base) / range));
      into[(y + frame.top) * frame.columns + x + frame.left] = gain * (unit - offset);
    }
  }
}

/** Noisy CT references teach noise: they count less. */
function weightOf(task: Task, { slice, physical }: Simulated): number {
  if (task !== 'ct-denoising') return 1;
  const plane = { rows: slice.image.rows, columns: slice.image.columns, values: physical };
  const noise = laplacianNoise(plane, (hu) => hu >= -50 && hu <= 150);
  return noise === undefined ? 1 : Math.min(1, Math.max(0.25, (fullWeightHu / noise) ** 2));
}

function squaredError(
  hq: Float32Array,
  lq: Float32Array,
  factors: Float32Array,
  frame: Frame,
  { gain, offset }: InputScale,
): { sum: number; count: number } {
  const size = frame.rows * frame.columns;
  const largest = gain * (1 - offset);
  const [top, left, bottom, right] = frame.valid;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < lq.length; i++) {
    const y = Math.floor((i % size) / frame.columns);
    const x = i % frame.columns;
    if (y < top || y >= bottom || x < left || x >= right) continue;
    const factor = factors[Math.floor(i / hq.length)] ?? 1;
    const target = Math.min(largest, (hq[i % hq.length] ?? 0) * factor);
    sum += (((lq[i] ?? 0) - target) / gain) ** 2;
    count++;
  }
  return { sum, count };
}
