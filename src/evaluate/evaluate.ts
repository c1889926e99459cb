import type { Codecs } from '../dicom/codecs/codecs.ts';
import { evaluationSeed } from '../model/degrade/degradation.ts';
import { type Task, tasks } from '../model/tasks.ts';
import { EvaluateError } from './errors.ts';
import { evaluateSeries, type SliceRestorer } from './evaluate-series.ts';
import { findScans, readScan, type Skipped } from './read-series.ts';
import { type EvaluatedSeries, type EvaluationReport, taskReport } from './report.ts';

export interface EvaluateOptions {
  /** Holds CT/, MR/, PT/ with DICOM files of high quality, as they are: no routing, no applicability. */
  readonly dataFolder: string;
  readonly tasks: readonly Task[];
  /** Without it, input and baselines alone are measured. */
  readonly restorer?: SliceRestorer;
  readonly baseSeed?: number;
  /** What the backbone gets for its reference image; evaluation of the prior only. */
  readonly reference?: 'own' | 'zero' | 'swap';
  readonly withBaselines?: boolean;
  readonly codecs: Codecs;
  readonly onProgress?: (progress: EvaluateProgress) => void;
}

interface EvaluateProgress {
  readonly scans: number;
  readonly scansDone: number;
  /** Restored so far, over all scans. */
  readonly slices: number;
  readonly name: string;
}

/**
 * Simulates low quality from each series with the evaluation seed, restores it, and measures both and the baselines
 * against the original (model-spec.md 4). One series is in memory at a time.
 * @throws EvaluateError EVALUATE_NO_SERIES
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationReport> {
  const scans = await findScans(options.dataFolder, options.tasks);
  const evaluated = new Map<Task, EvaluatedSeries[]>();
  const skipped: Skipped[] = [];
  let slices = 0;
  for (const [scansDone, scan] of scans.entries()) {
    const tell = () => options.onProgress?.({ scans: scans.length, scansDone, slices, name: scan.name });
    tell();
    const read = await readScan(scan, options.codecs);
    skipped.push(...read.skipped);
    for (const series of read.series) {
      const settings = {
        restorer: options.restorer,
        baseSeed: options.baseSeed ?? 0,
        reference: options.reference ?? 'own',
        withBaselines: options.withBaselines ?? true,
        onSlice: () => {
          slices++;
          tell();
        },
      };
      evaluated.set(scan.task, [...(evaluated.get(scan.task) ?? []), await evaluateSeries(series, settings)]);
    }
  }
  if (evaluated.size === 0)
    throw new EvaluateError('EVALUATE_NO_SERIES', { scans: scans.length, skipped: skipped.length });
  options.onProgress?.({ scans: scans.length, scansDone: scans.length, slices, name: '' });
  const reports = tasks.map((task) => [task, evaluated.get(task)] as const);
  return {
    seed: evaluationSeed,
    tasks: Object.fromEntries(
      reports.flatMap(([task, found]) => (found === undefined ? [] : [[task, taskReport(found)]])),
    ),
    skipped,
  };
}
