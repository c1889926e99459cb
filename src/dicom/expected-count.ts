import type { DataSet } from './data-set.ts';
import { readNumber, readString, readStrings } from './element-values.ts';
import { tagOfKeyword, tags } from './tags.ts';

/** What one instance says of how many there are (derived-objects.md 5.1 E2). */
export interface CountFacts {
  /** PET: Number of Slices, of dynamic series × Number of Time Slices; not for gated series. */
  readonly slicesTimesTimes: number | undefined;
  readonly imagesInAcquisition: number | undefined;
  readonly acquisition: string;
  readonly inConcatenationTotal: number | undefined;
  readonly concatenation: string;
  readonly temporalPositions: number | undefined;
}

/** A count that headers state for the whole series, and what stated it. */
export interface ExpectedCount {
  readonly instances: number;
  readonly statedBy:
    | 'NumberOfSlices'
    | 'ImagesInAcquisition'
    | 'InConcatenationTotalNumber'
    | 'NumberOfTemporalPositions';
}

const seriesType = tagOfKeyword('SeriesType');
const concatenationUid = tagOfKeyword('ConcatenationUID');

/** Reads what one instance states. */
export function readCountFacts(dataSet: DataSet): CountFacts {
  return {
    slicesTimesTimes: readSlicesTimesTimes(dataSet),
    imagesInAcquisition: positive(dataSet, tags.ImagesInAcquisition),
    acquisition: readString(dataSet, tags.AcquisitionNumber) ?? '',
    inConcatenationTotal: positive(dataSet, tags.InConcatenationTotalNumber),
    concatenation: readString(dataSet, concatenationUid) ?? '',
    temporalPositions: positive(dataSet, tags.NumberOfTemporalPositions),
  };
}

/**
 * The instances that a series should have by its own headers, given its instances so far and how many positions they
 * have. Where statements differ the largest counts: a count that is too small would close a series early, one that is
 * too large only leaves it to the other evidence. `undefined` when nothing is stated.
 */
export function expectedCount(facts: readonly CountFacts[], positions: number): ExpectedCount | undefined {
  const stated: readonly (ExpectedCount | undefined)[] = [
    count('NumberOfSlices', largest(facts.map(({ slicesTimesTimes }) => slicesTimesTimes))),
    count('ImagesInAcquisition', totalOf(facts, 'acquisition', 'imagesInAcquisition')),
    count('InConcatenationTotalNumber', totalOf(facts, 'concatenation', 'inConcatenationTotal')),
    count('NumberOfTemporalPositions', temporal(facts, positions)),
  ];
  return stated
    .filter((each) => each !== undefined)
    .reduce<ExpectedCount | undefined>(
      (most, each) => (most && most.instances >= each.instances ? most : each),
      undefined,
    );
}

/** Time slices count in dynamic series only (PS3.3 C.8.9.1): a static series of a GE scanner states 3 and has 1. */
function readSlicesTimesTimes(dataSet: DataSet): number | undefined {
  const slices = positive(dataSet, tags.NumberOfSlices);
  const [kind] = readStrings(dataSet, seriesType);
  if (slices === undefined || kind === 'GATED') return undefined;
  return kind === 'DYNAMIC' ? slices * (positive(dataSet, tags.NumberOfTimeSlices) ?? 1) : slices;
}

/** One count per acquisition or concatenation, summed; only when every instance states one. */
function totalOf(
  facts: readonly CountFacts[],
  part: 'acquisition' | 'concatenation',
  stated: 'imagesInAcquisition' | 'inConcatenationTotal',
): number | undefined {
  const parts = new Map<string, number>();
  for (const each of facts) {
    const images = each[stated];
    if (images === undefined) return undefined;
    parts.set(each[part], Math.max(images, parts.get(each[part]) ?? 0));
  }
  return parts.size === 0 ? undefined : [...parts.values()].reduce((sum, images) => sum + images, 0);
}

/** 1 says nothing: it would be reached at once. */
function temporal(facts: readonly CountFacts[], positions: number): number | undefined {
  const phases = largest(facts.map(({ temporalPositions }) => temporalPositions));
  return phases !== undefined && phases > 1 ? phases * positions : undefined;
}

function count(statedBy: ExpectedCount['statedBy'], instances: number | undefined): ExpectedCount | undefined {
  return instances === undefined ? undefined : { instances, statedBy };
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const numbers = values.filter((value) => value !== undefined);
  return numbers.length === 0 ? undefined : numbers.reduce((most, value) => Math.max(most, value));
}

function positive(dataSet: DataSet, tag: number): number | undefined {
  const value = readNumber(dataSet, tag);
  return value !== undefined && value >= 1 ? Math.trunc(value) : undefined;
}
