import { evaluationSeed, nominalDegradation } from '../model/degrade/degradation.ts';
import type { Plane } from '../model/degrade/k-space.ts';
import { meanOf } from '../model/metrics/summary.ts';
import { noiseKey } from '../model/noise.ts';
import {
  mrSeriesScale,
  normalise,
  paddingMask,
  physicalValues,
  restoredValues,
  type StoredImage,
  unitScale,
} from '../model/normalise.ts';
import type { RestoreRequest } from '../model/restorer.ts';
import { baselinesOf } from './baselines/baselines.ts';
import { measureMethod, type Trial, type VoxelSize } from './method.ts';
import type { EvaluatedSeries } from './report.ts';
import { ctCeilingDb, type Simulated, simulateSeries } from './simulation.ts';
import type { Series, Slice } from './slice.ts';
import { storeResult } from './store-result.ts';

/** What evaluation asks of a model: one slice in the unit range in, one out. */
export interface SliceRestorer {
  restoreSlice(request: RestoreRequest): Promise<{ readonly values: Float32Array }>;
}

export interface SeriesSettings {
  /** `undefined`: input and baselines only. */
  readonly restorer: SliceRestorer | undefined;
  /** Of the latent noise; 0 as the node has it by default. */
  readonly baseSeed: number;
  readonly reference: 'own' | 'zero' | 'swap';
  readonly withBaselines: boolean;
  readonly onSlice: () => void;
}

/** One reference with its low-quality version. */
interface Pair {
  readonly reference: Simulated;
  readonly low: StoredImage;
  readonly values: Float64Array;
  readonly padding: Uint8Array;
}

/** Degrades, restores and measures one series; one series' pixels are in memory at a time. */
export async function evaluateSeries(series: Series, settings: SeriesSettings): Promise<EvaluatedSeries> {
  const { task } = series;
  const pairs = degradeAll(series);
  const scale = task === 'mri-super-resolution' ? mrSeriesScale(pairs) : undefined;
  const size = voxelSize(series.slices);
  const measured = (results: readonly Float64Array[]) => measureMethod(task, trialsOf(pairs, results), size);
  const restored =
    settings.restorer && measured(await restoreAll(series, pairs, scale ?? 1, settings.restorer, settings));
  const input = measured(pairs.map(({ values }) => values));
  const baselines = settings.withBaselines ? baselinesOf(task, pairs.map(lowPlane)) : [];
  return {
    name: series.name,
    leftOut: pairs.length - input.slices.length,
    input,
    restored,
    baselines: new Map(baselines.map(({ name, run }) => [name, measured(pairs.map((pair) => run(lowPlane(pair))))])),
    ceilingDb: ceilingOf(series, pairs),
    scale,
  };
}

function degradeAll(series: Series): readonly Pair[] {
  return Array.from(simulateSeries(series).slices, (reference) => {
    const low = reference.degrade(nominalDegradation(series.task), evaluationSeed);
    return { reference, low, values: physicalValues(low), padding: paddingMask(low, series.task) };
  });
}

function lowPlane({ low, values }: Pair): Plane {
  return { rows: low.rows, columns: low.columns, values };
}

function trialsOf(pairs: readonly Pair[], results: readonly Float64Array[]): readonly Trial[] {
  return pairs.map(({ reference, low, values }, i) => ({
    reference: { rows: low.rows, columns: low.columns, values: reference.physical },
    input: values,
    result: results[i] ?? values,
  }));
}

/** Through the model and back to stored values, as the node does it (model-spec.md 2.8). */
async function restoreAll(
  series: Series,
  pairs: readonly Pair[],
  seriesScale: number,
  restorer: SliceRestorer,
  { baseSeed, reference, onSlice }: SeriesSettings,
): Promise<readonly Float64Array[]> {
  const scale = unitScale(series.task, seriesScale);
  const results: Float64Array[] = [];
  for (const { low, values, padding, reference: source } of pairs) {
    const slice = normalise(values, padding, scale);
    const { sopInstanceUid: sourceSopInstanceUid, frame } = source.slice;
    const { values: y } = await restorer.restoreSlice({
      task: series.task,
      values: slice.x,
      rows: low.rows,
      columns: low.columns,
      noiseKey: noiseKey({ baseSeed, sourceSopInstanceUid, frame, sample: 0 }),
      eta: 0,
      reference,
    });
    const restored = restoredValues(values, slice, y, scale);
    results.push(physicalValues(storeResult(low, restored, slice.kept, series.task)));
    onSlice();
  }
  return results;
}

function ceilingOf({ task }: Series, pairs: readonly Pair[]): number | undefined {
  const nominal = nominalDegradation(task);
  if (task !== 'ct-denoising' || nominal.kind !== 'dose') return undefined;
  const known = pairs
    .map(({ reference }) => ctCeilingDb(reference.sigmaHu, nominal.fraction))
    .filter((ceiling) => ceiling !== undefined);
  return known.length === 0 ? undefined : meanOf(known);
}

/** Median distance of neighbouring slices; as thick as wide where positions are unknown. */
function voxelSize(slices: readonly Slice[]): VoxelSize {
  const pixelMm = slices[0]?.pixelMm ?? 1;
  const positions = slices.map(({ positionMm }) => positionMm).filter((position) => position !== undefined);
  const gaps = positions.slice(1).map((position, i) => position - (positions[i] ?? position));
  const positive = gaps.filter((gap) => gap > 0).toSorted((a, b) => a - b);
  return { pixelMm, sliceMm: positive[positive.length >> 1] ?? pixelMm };
}
