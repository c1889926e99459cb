import { type DerivedSeries, describeDerivedSeries } from '../dicom/derived/derived-series.ts';
import { pipelineVersion, type Recipe, settingsDigest } from '../dicom/derived/recipe.ts';
import { deriveUid } from '../dicom/derived/uid.ts';
import type { SeriesInstanceUid, SopInstanceUid } from '../dicom/uid.ts';
import { diffusionSteps } from '../model/schedule.ts';
import { defaultTiles } from '../model/tiling.ts';
import type { SourceInstance } from './read-sources.ts';
import type { SeriesWork } from './series-work.ts';

/** Digest of the settings that reach the pixels; those of executors and threads do not (derived-objects.md 1.1). */
export function pixelSettingsDigest(seed: number): string {
  return settingsDigest({ blend: 'linear', eta: 0, seed, steps: diffusionSteps, tile: { ...defaultTiles } });
}

/** How the derived series of a source series is named, and which of its instances were derived before. */
export interface DerivedPlan {
  readonly series: DerivedSeries;
  readonly contextJson: string;
  /** By source SOP Instance UID. */
  readonly derivedUids: ReadonlyMap<string, SopInstanceUid>;
  readonly isDerived: (sopInstanceUid: SopInstanceUid) => boolean;
}

export interface PlanFacts {
  readonly preset: string;
  readonly executor: string;
  readonly scale: number | undefined;
  readonly widenedLimits: readonly string[];
  readonly applicability: string | undefined;
}

/** Names everything before anything is computed, so that what exists already need not be made again. */
export function planDerived(work: SeriesWork, sources: readonly SourceInstance[], facts: PlanFacts): DerivedPlan {
  const recipe: Recipe = {
    context: facts.scale === undefined ? {} : { scale: facts.scale },
    issue: 1,
    pipeline: pipelineVersion,
    settings: pixelSettingsDigest(work.model.seed),
    task: work.task,
    weights: work.weights.digest,
  };
  const [first, ...others] = sources.toSorted(byUid);
  if (first === undefined) throw new Error('a series without instances has no plan');
  const sourceSeriesInstanceUid = first.seriesInstanceUid;
  const before = earlierSeries(work);
  const own = deriveSeries(sourceSeriesInstanceUid, first, others, recipe, work, facts, { ordinal: 1 });
  const known = before.indexOf(own.seriesInstanceUid);
  const ordinal = known === -1 ? before.length + 1 : known + 1;
  const supersedes = before[ordinal - 2];
  const series =
    ordinal === 1
      ? own
      : deriveSeries(sourceSeriesInstanceUid, first, others, recipe, work, facts, { ordinal, supersedes });
  const derivedUids = new Map(
    sources.map((source) => [
      String(source.file.sopInstanceUid),
      deriveUid<SopInstanceUid>('instance', source.file.sopInstanceUid, source.pixelDigest, series.recipeDigest),
    ]),
  );
  const existing = new Set<string>(work.earlier.map(({ sopInstanceUid }) => sopInstanceUid));
  return {
    series,
    contextJson: JSON.stringify(recipe.context),
    derivedUids,
    isDerived: (sopInstanceUid) => existing.has(sopInstanceUid),
  };
}

/** Derived series of this task in the order in which they were made. */
function earlierSeries({ earlier, task }: SeriesWork): readonly SeriesInstanceUid[] {
  return [...new Set(earlier.filter((derived) => derived.task === task).map((derived) => derived.seriesInstanceUid))];
}

function deriveSeries(
  sourceSeriesInstanceUid: SeriesInstanceUid,
  first: SourceInstance,
  others: readonly SourceInstance[],
  recipe: Recipe,
  work: SeriesWork,
  facts: PlanFacts,
  place: { readonly ordinal: number; readonly supersedes?: SeriesInstanceUid | undefined },
): DerivedSeries {
  const { installationId, nodeVersion, claimedAt, timezone } = work.provenance;
  return describeDerivedSeries(
    sourceSeriesInstanceUid,
    first.header,
    others.map(({ header }) => header),
    {
      recipe,
      preset: facts.preset,
      nodeVersion,
      seed: work.model.seed,
      widenedLimits: facts.widenedLimits,
      ...(facts.applicability === undefined ? {} : { applicability: facts.applicability }),
      installationId,
      executor: facts.executor,
      claimedAt,
      timezone,
      ordinal: place.ordinal,
      ...(place.supersedes === undefined ? {} : { supersedes: place.supersedes }),
    },
  );
}

/** An order that later revisions keep for what they share: the first instance names and numbers the series. */
function byUid(a: SourceInstance, b: SourceInstance): number {
  return a.file.sopInstanceUid < b.file.sopInstanceUid ? -1 : 1;
}
