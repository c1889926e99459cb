import type { Config, Task } from '../config/schema.ts';
import type { Job, Ledger } from '../ledger/ledger.ts';
import { isTask } from '../model/tasks.ts';
import type { Spool } from '../spool/spool.ts';
import { PipelineError } from './errors.ts';
import type { Provenance, SeriesWork, WeightsFile } from './series-work.ts';

export interface JobContext {
  readonly job: Job;
  readonly ledger: Ledger;
  readonly spool: Spool;
  readonly weights: WeightsFile;
  readonly config: Pick<Config, 'model' | 'gate'>;
  readonly widenedLimits: (task: Task) => readonly string[];
  readonly provenance: Provenance;
}

/**
 * Gathers what a job works on: its rows turned into files, and what earlier revisions derived.
 * @throws PipelineError PIPELINE_TASK_REFUSED
 */
export async function jobWork({
  job,
  ledger,
  spool,
  weights,
  config,
  widenedLimits,
  provenance,
}: JobContext): Promise<SeriesWork> {
  if (!isTask(job.task)) throw new PipelineError('PIPELINE_TASK_REFUSED', { task: job.task });
  const instances = await ledger.seriesInstances(job.seriesInstanceUid);
  return {
    task: job.task,
    sources: instances.map(({ digest, dataSetOffsetBytes, transferSyntaxUid, sopInstanceUid }) => ({
      path: spool.path('instance', digest),
      dataSetOffsetBytes,
      transferSyntaxUid,
      sopInstanceUid,
    })),
    earlier: await ledger.derivedOfSeries(job.seriesInstanceUid),
    weights,
    model: config.model,
    gate: config.gate,
    widenedLimits: widenedLimits(job.task),
    applicability: applicabilityOf(job.settingsJson),
    provenance,
  };
}

/** The rule's share of the job, as the assembler wrote it; anything else is treated as the strictest. */
function applicabilityOf(settingsJson: string): SeriesWork['applicability'] {
  const settings: unknown = JSON.parse(settingsJson);
  const stated =
    typeof settings === 'object' && settings !== null && 'applicability' in settings && settings.applicability;
  return stated === 'warn' || stated === 'off' ? stated : 'refuse';
}
