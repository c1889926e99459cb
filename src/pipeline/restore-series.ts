import type { Codecs } from '../dicom/codecs/codecs.ts';
import { type DerivedInstance, deriveInstance } from '../dicom/derived/derive-instance.ts';
import type { GateValue, NewDerived } from '../ledger/ledger.ts';
import { assess } from '../model/estimators/assess.ts';
import { type Applicability, judgeApplicability } from './assess.ts';
import { type DerivedPlan, planDerived } from './derived-plan.ts';
import { PipelineError } from './errors.ts';
import { objections } from './gate/gate.ts';
import type { LoadedModel } from './model-messages.ts';
import type { ModelProcess } from './model-process.ts';
import { type PhysicalSeries, physicalSeries } from './physical-series.ts';
import { readSource, readSourceFile, type SourceInstance } from './read-sources.ts';
import { type RestoredInstance, restoreSlices } from './restore-slices.ts';
import type { OnProgress, SeriesOutcome, SeriesWork } from './series-work.ts';

export interface RestoreParts {
  readonly model: ModelProcess;
  readonly codecs: Codecs;
  /** Makes one derived instance durable and says where it lies. */
  readonly write: (instance: DerivedInstance) => Promise<NewDerived>;
  readonly onProgress: OnProgress;
}

/**
 * One series from its files to derived objects: read, assess, restore, gate, derive (architecture.md, step 4). What was
 * derived by an earlier revision is not made again. Nothing is written unless the gate says yes to the whole.
 * @throws PipelineError, DicomError, errors of the model room: an attempt that failed
 */
export async function restoreSeries(work: SeriesWork, parts: RestoreParts): Promise<SeriesOutcome> {
  const loaded = await parts.model.load();
  if (!loaded.tasks.includes(work.task)) throw new PipelineError('PIPELINE_TASK_REFUSED', { task: work.task });
  const sources: SourceInstance[] = [];
  for (const file of work.sources) sources.push(await readSource(file, parts.codecs));
  const series = physicalSeries(sources, work);
  if (series.kind === 'refused') return { kind: 'excluded', reasons: [series.reason] };
  const applicability = judge(work, series, loaded);
  if (applicability.kind === 'outside' && work.applicability === 'refuse') {
    return { kind: 'excluded', reasons: [applicability.text] };
  }
  const note = applicability.kind === 'outside' && work.applicability === 'warn' ? applicability.text : undefined;
  const plan = planDerived(work, sources, {
    preset: loaded.preset,
    executor: loaded.engine,
    scale: series.contextScale,
    widenedLimits: work.widenedLimits,
    applicability: note,
  });
  const restored = await restoreSlices({ work, series, plan, loaded, ...parts });
  const reasons = objections(restored.gate);
  if (reasons.length > 0) return { kind: 'gated', gate: restored.gate, reasons };
  return derive(sources, restored.instances, plan, restored.gate, note, parts);
}

function judge(work: SeriesWork, series: PhysicalSeries, loaded: LoadedModel): Applicability {
  if (work.applicability === 'off') return { kind: 'inside' };
  const { pixelMm } = series.size;
  const planes = series.slices.map(({ image, values }) => ({
    rows: image.rows,
    columns: image.columns,
    values: values(),
  }));
  return judgeApplicability(assess(work.task, planes, pixelMm), loaded.trainedRanges[work.task]);
}

async function derive(
  sources: readonly SourceInstance[],
  instances: readonly RestoredInstance[],
  plan: DerivedPlan,
  gate: readonly GateValue[],
  note: string | undefined,
  { write }: RestoreParts,
): Promise<SeriesOutcome> {
  const derived: NewDerived[] = [];
  const byUid = new Map(sources.map((source) => [String(source.file.sopInstanceUid), source]));
  for (const { sopInstanceUid, stored, slopes } of instances) {
    const source = byUid.get(sopInstanceUid);
    if (source === undefined) throw new Error('a restored instance without a source');
    const part10 = await readSourceFile(source.file);
    const { pixelDigest } = source;
    derived.push(await write(deriveInstance({ source: part10, series: plan.series, stored, pixelDigest, slopes })));
  }
  return { kind: 'restored', derived, gate, notes: note === undefined ? [] : [note], contextJson: plan.contextJson };
}
