import type { FrameSlopes } from '../dicom/derived/functional-groups.ts';
import { recomputedPetSlope, type Slope } from '../dicom/derived/pet-slope.ts';
import type { GateValue } from '../ledger/ledger.ts';
import { noiseKey } from '../model/noise.ts';
import { normalise, physicalValues, restoredValues, standardise, toStored } from '../model/normalise.ts';
import type { DerivedPlan } from './derived-plan.ts';
import { Distribution } from './gate/distribution.ts';
import { measuresOf } from './gate/gate.ts';
import type { Measure } from './gate/measure.ts';
import type { LoadedModel } from './model-messages.ts';
import type { ModelProcess } from './model-process.ts';
import type { PhysicalSeries, PhysicalSlice } from './physical-series.ts';
import type { OnProgress, SeriesWork } from './series-work.ts';

/** New stored values of one source instance, all frames. */
export interface RestoredInstance {
  readonly sopInstanceUid: string;
  readonly stored: Int16Array | Uint16Array;
  readonly slopes: FrameSlopes;
}

export interface SlicesRequest {
  readonly work: SeriesWork;
  readonly series: PhysicalSeries;
  readonly plan: DerivedPlan;
  readonly loaded: LoadedModel;
  readonly model: ModelProcess;
  readonly onProgress: OnProgress;
}

interface RestoredFrame {
  readonly stored: Int16Array | Uint16Array;
  readonly slope: Slope | undefined;
}

/** Restores and measures every slice that was not derived before, in the order of their positions. */
export async function restoreSlices(
  request: SlicesRequest,
): Promise<{ readonly instances: readonly RestoredInstance[]; readonly gate: readonly GateValue[] }> {
  const { series, work, loaded, plan, onProgress } = request;
  const due = series.slices.filter(({ sopInstanceUid }) => isDue(plan, sopInstanceUid));
  if (due.length === 0) return { instances: [], gate: [] };
  const { task } = work;
  const measures = measuresOf(task, work.gate);
  const distribution = new Distribution(task, loaded.limits[task], work.gate[task].oodFactor);
  const frames = new Map<string, Map<number, RestoredFrame>>();
  for (const [index, slice] of due.entries()) {
    const frame = await restoreSlice(slice, request, measures, distribution);
    const instance = frames.get(slice.sopInstanceUid) ?? new Map<number, RestoredFrame>();
    frames.set(slice.sopInstanceUid, instance.set(slice.frame, frame));
    onProgress(index + 1, due.length);
  }
  const instances = [...frames].map(([sopInstanceUid, byFrame]) => joinFrames(sopInstanceUid, byFrame));
  return { instances, gate: [...distribution.values(), ...measures.flatMap((measure) => measure.values())] };
}

function isDue({ derivedUids, isDerived }: DerivedPlan, sopInstanceUid: string): boolean {
  const derived = derivedUids.get(sopInstanceUid);
  return derived === undefined || !isDerived(derived);
}

async function restoreSlice(
  slice: PhysicalSlice,
  { work, series, model }: SlicesRequest,
  measures: readonly Measure[],
  distribution: Distribution,
): Promise<RestoredFrame> {
  const { image } = slice;
  const { rows, columns } = image;
  const values = slice.values();
  const padding = slice.padding();
  const normalised = normalise(values, padding, series.unit);
  const classified = await model.classify({ values: standardise(values, padding), rows, columns });
  const identity = {
    baseSeed: work.model.seed,
    sourceSopInstanceUid: slice.sopInstanceUid,
    frame: slice.frame,
    sample: 0,
  };
  const result = await model.restore({
    task: work.task,
    values: normalised.x,
    rows,
    columns,
    noiseKey: noiseKey(identity),
    eta: 0,
  });
  const restored = restoredValues(values, normalised, result.values, series.unit);
  const slope = work.task === 'pet-synthesis' ? newSlope(slice, restored) : undefined;
  const { stored, clamped } = toStored(image, restored, normalised.kept, slope?.value ?? image.slope);
  const output = physicalValues({ ...image, stored, slope: slope?.value ?? image.slope });
  // A new slope quantizes every voxel anew: only padding is still the source's, bit for bit.
  const kept = slope === undefined ? normalised.kept : normalised.kept.map((how) => (how === 1 ? 1 : 0));
  const { pixelMm } = series.size;
  const { positionMm } = slice;
  const pair = { rows, columns, pixelMm, positionMm, input: values, output, kept, clamped };
  for (const measure of measures) measure.add(pair);
  distribution.add(classified, result);
  return { stored, slope };
}

/** A PET slice whose largest result no longer fits gets a slope of its own (derived-objects.md 2.6). */
function newSlope({ image }: PhysicalSlice, restored: Float64Array): Slope | undefined {
  const largest = restored.reduce((most, value) => Math.max(most, value), 0) / image.factor;
  return recomputedPetSlope(image.slope, largest, image.highest);
}

function joinFrames(sopInstanceUid: string, byFrame: ReadonlyMap<number, RestoredFrame>): RestoredInstance {
  const frames = [...byFrame].toSorted(([a], [b]) => a - b).map(([, frame]) => frame);
  const [first] = frames;
  if (first === undefined) throw new Error('an instance without frames');
  const length = frames.reduce((sum, { stored }) => sum + stored.length, 0);
  const joined = first.stored instanceof Int16Array ? new Int16Array(length) : new Uint16Array(length);
  let at = 0;
  for (const { stored } of frames) {
    joined.set(stored, at);
    at += stored.length;
  }
  const slopes = frames.map(({ slope }) => slope);
  return { sopInstanceUid, stored: joined, slopes: slopes.some((slope) => slope !== undefined) ? slopes : [] };
}
