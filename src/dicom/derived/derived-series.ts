import type { DataSet } from '../data-set.ts';
import { findElement, valueBytes } from '../data-set.ts';
import { readNumber, readStrings } from '../element-values.ts';
import { tags } from '../tags.ts';
import type { SeriesInstanceUid } from '../uid.ts';
import { recipeDigest } from './recipe.ts';
import { derivedSeriesNumber } from './series-number.ts';
import { type DerivationFacts, type SourceText, seriesDescription, seriesMark } from './text.ts';
import { deriveUid } from './uid.ts';

/** What all instances of one derived series share and no source says. */
export interface SeriesFacts extends DerivationFacts {
  /** `installation.id` of the configuration: Device Serial Number, and the name of the Instance Creator UID. */
  readonly installationId: string;
  /** What ran the network; part of the description, never of a UID. */
  readonly executor: string;
  /** Moment of the job's first claim: a re-run writes the same bytes. */
  readonly claimedAt: number;
  /** Zone of Instance Creation Date and Time where the source names none: IANA name or offset. */
  readonly timezone: string;
  /** 1, or the ordinal of this derived series among those of the same source series and task. */
  readonly ordinal: number;
  /** The derived series that this one takes the place of (derived-objects.md 5.2). */
  readonly supersedes?: SeriesInstanceUid;
  readonly stationName?: string;
  readonly institutionName?: string;
}

/** The header of a derived series: equal in all its instances, or viewers split it (derived-objects.md 9.4). */
export interface DerivedSeries {
  readonly facts: SeriesFacts;
  readonly recipeDigest: string;
  readonly sourceSeriesInstanceUid: SeriesInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly seriesNumber: number;
  readonly seriesDescription: Buffer;
}

/**
 * Describes the derived series of one source series. `first` is the source's first instance in an order that later
 * revisions keep; `others` are looked at for their character sets only. derived-objects.md 1.1, 2.1, 2.4.
 * @throws DicomError DICOM_BAD_VALUE for a configured text that is not plain ASCII
 */
export function describeDerivedSeries(
  sourceSeriesInstanceUid: SeriesInstanceUid,
  first: DataSet,
  others: readonly DataSet[],
  facts: SeriesFacts,
): DerivedSeries {
  const digest = recipeDigest(facts.recipe);
  const sourceNumber = readNumber(first, tags.SeriesNumber);
  const text = readsAlikeEverywhere(first, others) ? textOf(first, tags.SeriesDescription) : undefined;
  return {
    facts,
    recipeDigest: digest,
    sourceSeriesInstanceUid,
    seriesInstanceUid: deriveUid('series', sourceSeriesInstanceUid, digest),
    seriesNumber: derivedSeriesNumber(sourceNumber, facts.ordinal),
    seriesDescription: seriesDescription(seriesMark(facts.recipe.task, facts.ordinal), text, sourceNumber ?? 0),
  };
}

/** A text element of the source as bytes with their character sets; empty when absent. */
export function textOf(dataSet: DataSet, tag: number): SourceText {
  const element = findElement(dataSet, tag);
  if (element === undefined) return noText;
  return {
    bytes: valueBytes(dataSet, element),
    characterSets: readStrings(dataSet, tags.SpecificCharacterSet),
  };
}

const noText: SourceText = { bytes: Buffer.alloc(0), characterSets: [] };

/** One text for instances of several character sets must be ASCII without escapes, or it means different things. */
function readsAlikeEverywhere(first: DataSet, others: readonly DataSet[]): boolean {
  const { bytes } = textOf(first, tags.SeriesDescription);
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7e && byte !== 0x5c)) return true;
  const sets = new Set([first, ...others].map((dataSet) => readStrings(dataSet, tags.SpecificCharacterSet).join('\\')));
  return sets.size === 1;
}
