import type { SliceFigures } from '../model/metrics/compare-slices.ts';
import type { Tissue } from '../model/metrics/hu-shift.ts';
import { bootstrapInterval, meanOf, type Summary, summarise } from '../model/metrics/summary.ts';
import type { Task } from '../model/tasks.ts';
import type { Skipped } from './read-series.ts';

/** HU per tissue. */
export type HuShiftFigures = Readonly<Partial<Record<Tissue, number>>>;

export interface UptakeFigures {
  readonly regions: number;
  readonly suvMeanPercent: Summary | undefined;
  readonly suvMaxPercent: Summary | undefined;
  readonly lost: number;
  readonly appeared: number;
  readonly totalActivityRatio: number;
}

/** Beside PSNR: what matters in practice (model-spec.md 4.2), for one method on one series. */
export interface Practice {
  /** CT: mean result − reference per tissue; absent tissues are left out. */
  readonly huShift?: HuShiftFigures;
  /** PET: hot regions of the reference, and what became of them. */
  readonly uptake?: UptakeFigures;
  /** MR: ‖M(F r − F q)‖/‖M F q‖ against the input over the measured rectangle. */
  readonly kSpaceInconsistency?: number;
}

/** One method (`input`, `restored`, a baseline) on one series. */
export interface MethodOnSeries {
  /** One entry per slice that counts. */
  readonly slices: readonly SliceFigures[];
  readonly practice: Practice;
}

interface SeriesRow {
  /** Folder of the series, relative to the data folder: the unit of the bootstrap. */
  readonly name: string;
  readonly n: number;
  /** Slices whose reference is flat. */
  readonly leftOut: number;
  readonly input: SliceFigures & Practice;
  readonly restored?: SliceFigures & Practice;
  readonly baselines: Readonly<Record<string, SliceFigures & Practice>>;
  /** PSNR over the input, dB. */
  readonly gainDb?: number;
  /** CT: no method can gain more (model-spec.md 2.9); mean over the slices whose noise is known. */
  readonly ceilingDb?: number;
  /** MR: s of the series; RMSE ÷ s is free of its unit. */
  readonly scale?: number;
}

/** Figures of one task: plain means over all slices, as AMIR gives them. */
export interface TaskReport {
  readonly n: number;
  readonly leftOut: number;
  readonly input: SliceFigures;
  readonly restored?: SliceFigures;
  readonly baselines: Readonly<Record<string, SliceFigures>>;
  readonly gain?: {
    readonly psnr: Summary | undefined;
    /** 95 % over series drawn with replacement. */
    readonly interval: { readonly low: number; readonly high: number } | undefined;
  };
  readonly series: readonly SeriesRow[];
}

export interface EvaluationReport {
  readonly seed: number;
  readonly tasks: Readonly<Partial<Record<Task, TaskReport>>>;
  readonly skipped: readonly Skipped[];
}

/** All that was measured on one series. */
export interface EvaluatedSeries {
  readonly name: string;
  readonly leftOut: number;
  readonly input: MethodOnSeries;
  readonly restored: MethodOnSeries | undefined;
  readonly baselines: ReadonlyMap<string, MethodOnSeries>;
  readonly ceilingDb: number | undefined;
  readonly scale: number | undefined;
}

/** Puts the series of one task together. */
export function taskReport(series: readonly EvaluatedSeries[]): TaskReport {
  const names = [...new Set(series.flatMap(({ baselines }) => [...baselines.keys()]))];
  const input = series.flatMap((one) => one.input.slices);
  const restored = series.every((one) => one.restored !== undefined);
  const gains = series.map(gainsOf);
  return {
    n: input.length,
    leftOut: series.reduce((sum, one) => sum + one.leftOut, 0),
    input: meanFigures(input),
    ...(restored && { restored: meanFigures(series.flatMap((one) => one.restored?.slices ?? [])) }),
    baselines: Object.fromEntries(
      names.map((name) => [name, meanFigures(series.flatMap((one) => one.baselines.get(name)?.slices ?? []))]),
    ),
    ...(restored && { gain: { psnr: summarise(gains.flat()), interval: bootstrapInterval(gains) } }),
    series: series.map(seriesRow),
  };
}

/** PSNR gain of each slice. */
function gainsOf({ input, restored }: EvaluatedSeries): readonly number[] {
  return (restored?.slices ?? []).map(({ psnr }, i) => psnr - (input.slices[i]?.psnr ?? Number.NaN));
}

function seriesRow(one: EvaluatedSeries): SeriesRow {
  const { name, leftOut, input, restored, baselines, ceilingDb, scale } = one;
  return {
    name,
    n: input.slices.length,
    leftOut,
    input: rowFigures(input),
    ...(restored && { restored: rowFigures(restored), gainDb: meanOf(gainsOf(one)) }),
    baselines: Object.fromEntries([...baselines].map(([method, figures]) => [method, rowFigures(figures)])),
    ...(ceilingDb !== undefined && { ceilingDb }),
    ...(scale !== undefined && { scale }),
  };
}

function rowFigures({ slices, practice }: MethodOnSeries): SliceFigures & Practice {
  return { ...meanFigures(slices), ...practice };
}

function meanFigures(figures: readonly SliceFigures[]): SliceFigures {
  return {
    psnr: meanOf(figures.map(({ psnr }) => psnr)),
    ssim: meanOf(figures.map(({ ssim }) => ssim)),
    rmse: meanOf(figures.map(({ rmse }) => rmse)),
  };
}
