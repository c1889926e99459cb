import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Codecs } from '../dicom/codecs/codecs.ts';
import {
  type Degradation,
  lowQualityWords,
  mixedDegradation,
  nominalDegradation,
} from '../model/degrade/degradation.ts';
import type { KSpaceSupport } from '../model/degrade/interpolated-support.ts';
import { sha256, writeSafetensors } from '../model/safetensors.ts';
import { codebookNames, inputScales, type Task, tasks } from '../model/tasks.ts';
import { EvaluateError } from './errors.ts';
import { findScans, readScan, type Skipped } from './read-series.ts';
import { applicabilityOf, assessedOf } from './seen-range.ts';
import { buildShard, hasSignal, type Sample, type Shard, scaleOfSeries } from './shard.ts';
import { type Simulated, simulateSeries } from './simulation.ts';
import type { Series } from './slice.ts';

export interface PrepareOptions {
  /** Holds CT/, MR/, PT/ with DICOM files of high quality. */
  readonly dataFolder: string;
  /** Must be empty or absent. */
  readonly shardFolder: string;
  readonly tasks: readonly Task[];
  /** Low-quality versions of each slice; the trainer takes version `epoch mod realisations`. */
  readonly realisations: number;
  /** Version r is drawn with `seed + r`. */
  readonly seed: number;
  /** `training`: the mix of model-spec.md 2.9; `nominal`: exactly 4×, ¼, 1/12 in every version. */
  readonly mix: 'training' | 'nominal';
  readonly codecs: Codecs;
  readonly onProgress?: (progress: { readonly done: number; readonly scans: number; readonly name: string }) => void;
}

/** One shard in the manifest. */
interface ShardEntry {
  readonly file: string;
  readonly sha256: string;
  readonly task: Task;
  /** Folder of the source, relative to the data folder. */
  readonly source: string;
  readonly slices: number;
  readonly withoutSignal: number;
  readonly rows: number;
  readonly columns: number;
  readonly valid: readonly number[];
  /** CT: σ_f of the reference, mean over the slices that have one. */
  readonly sigmaHu: number | null;
  readonly support: KSpaceSupport | null;
  /** Per realisation, per slice: what was taken away. */
  readonly degradations: readonly (readonly string[])[];
  readonly squaredError: Shard['squaredError'];
  /** What `assess` finds in the realisations that are degraded enough: CT and PET per slice, MR per realisation. */
  readonly assessed: readonly number[];
}

export interface Manifest {
  readonly format: 'diffcode-shards-1';
  readonly seed: number;
  readonly realisations: number;
  readonly mix: PrepareOptions['mix'];
  readonly inputScales: typeof inputScales;
  readonly shards: readonly ShardEntry[];
  readonly skipped: readonly Skipped[];
  /** RMS error of LQ in x per task: the gain should bring it to about 0.05 (model-spec.md 2.8). */
  readonly rmsError: Readonly<Record<string, number>>;
  /** Range of degradation per task, as `assess` measures it: `applicability` in the metadata of the weights. */
  readonly applicability: ReturnType<typeof applicabilityOf>;
  /** SHA-256 over everything above. */
  readonly digest: string;
}

/**
 * Writes one safetensors shard per series of whole slices in units of u, and `manifest.json` (engines.md 8).
 * @throws EvaluateError EVALUATE_NOT_EMPTY · EVALUATE_NO_SERIES
 */
export async function prepareShards(options: PrepareOptions): Promise<Manifest> {
  await mkdir(options.shardFolder, { recursive: true });
  const present = await readdir(options.shardFolder);
  if (present.length > 0) throw new EvaluateError('EVALUATE_NOT_EMPTY', { files: present.length });
  const scans = await findScans(options.dataFolder, options.tasks);
  const shards: ShardEntry[] = [];
  const skipped: Skipped[] = [];
  for (const [done, scan] of scans.entries()) {
    options.onProgress?.({ done, scans: scans.length, name: scan.name });
    const read = await readScan(scan, options.codecs);
    skipped.push(...read.skipped);
    for (const [part, series] of read.series.entries()) {
      const entry = await writeShard(series, part, options);
      if ('reason' in entry) skipped.push(entry);
      else shards.push(entry);
    }
  }
  if (shards.length === 0)
    throw new EvaluateError('EVALUATE_NO_SERIES', { scans: scans.length, skipped: skipped.length });
  const manifest = sealed(options, shards, skipped);
  await writeFile(join(options.shardFolder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  options.onProgress?.({ done: scans.length, scans: scans.length, name: '' });
  return manifest;
}

async function writeShard(series: Series, part: number, options: PrepareOptions): Promise<ShardEntry | Skipped> {
  const simulated = simulateSeries(series);
  const samples: Sample[] = [];
  const degradations: string[][] = [];
  const seriesScale = scaleOfSeries(
    series.task,
    series.slices.map(({ image }) => image),
  );
  let withoutSignal = 0;
  for (const reference of simulated.slices) {
    if (!hasSignal(series.task, reference.physical, seriesScale)) {
      withoutSignal++;
      continue;
    }
    const plan = planOf(series, reference, options);
    samples.push({
      reference,
      realisations: plan.map((degradation, r) => ({
        degradation,
        image: reference.degrade(degradation, options.seed + r),
      })),
    });
    degradations.push(plan.map(describe));
  }
  if (samples.length === 0) return { name: series.name, reason: 'no slice with signal' };
  const shard = buildShard(series.task, samples);
  const file = `${codebookNames[series.task]}-${series.name.split(/[\\/]/).slice(1).join('-')}${part === 0 ? '' : `-${part}`}.safetensors`;
  const bytes = writeSafetensors(
    shard.tensors,
    { task: series.task, valid: JSON.stringify(shard.valid), format: 'diffcode-shards-1' },
    (name) => (name === 'hq' || name === 'lq' ? 'F16' : 'F32'),
  );
  await writeFile(join(options.shardFolder, file), bytes);
  const { tensors: _, ...facts } = shard;
  return {
    file,
    sha256: sha256(bytes),
    task: series.task,
    source: series.name,
    slices: samples.length,
    withoutSignal,
    ...facts,
    sigmaHu: meanSigma(samples),
    support: simulated.support ?? null,
    degradations,
    assessed: assessedOf(series.task, samples),
  };
}

/** MR draws per series, since its scale is one for all slices; CT and PET per slice. */
function planOf(series: Series, { slice }: Simulated, options: PrepareOptions): readonly Degradation[] {
  const { task } = series;
  const uid = task === 'mri-super-resolution' ? series.seriesInstanceUid : slice.sopInstanceUid;
  const frame = task === 'mri-super-resolution' ? 1 : slice.frame;
  const words = lowQualityWords(options.seed, uid, frame, task);
  return Array.from({ length: options.realisations }, (_, r) =>
    options.mix === 'nominal' ? nominalDegradation(task) : mixedDegradation(task, words, r, options.realisations),
  );
}

function describe(degradation: Degradation): string {
  if (degradation.kind === 'dose') return `dose ${degradation.fraction.toFixed(4)}`;
  return `k-space ${degradation.rowFactor.toFixed(3)} × ${degradation.columnFactor.toFixed(3)}`;
}

function meanSigma(samples: readonly Sample[]): number | null {
  const known = samples.map(({ reference }) => reference.sigmaHu).filter((sigma) => sigma !== undefined);
  return known.length === 0 ? null : known.reduce((sum, sigma) => sum + sigma, 0) / known.length;
}

function sealed(options: PrepareOptions, shards: readonly ShardEntry[], skipped: readonly Skipped[]): Manifest {
  const content = {
    format: 'diffcode-shards-1',
    seed: options.seed,
    realisations: options.realisations,
    mix: options.mix,
    inputScales,
    shards,
    skipped,
    rmsError: rmsErrors(shards),
    applicability: applicabilityOf(shards),
  } as const;
  return { ...content, digest: createHash('sha256').update(JSON.stringify(content)).digest('hex') };
}

function rmsErrors(shards: readonly ShardEntry[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const task of tasks) {
    const errors = shards.filter((shard) => shard.task === task).map((shard) => shard.squaredError);
    const count = errors.reduce((total, error) => total + error.count, 0);
    if (count > 0) found[task] = Math.sqrt(errors.reduce((total, error) => total + error.sum, 0) / count);
  }
  return found;
}
