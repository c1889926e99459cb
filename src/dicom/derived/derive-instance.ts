import { joinRanges, splice } from '../element-splicer.ts';
import { encodeFileMeta, type Part10 } from '../part10.ts';
import type { SeriesInstanceUid, SopClassUid, SopInstanceUid, StudyInstanceUid, TransferSyntaxUid } from '../uid.ts';
import { checkDerived } from './check/check-derived.ts';
import type { DerivedSeries } from './derived-series.ts';
import type { FrameSlopes } from './functional-groups.ts';
import { type InstancePlan, instanceEdits } from './instance-edits.ts';
import type { StoredValues } from './pixel-elements.ts';
import { notDerivable, openSource } from './source.ts';
import { deriveUid } from './uid.ts';

/** What one derived instance is made of. */
export interface DeriveRequest {
  readonly source: Part10;
  readonly series: DerivedSeries;
  /** New stored values of all frames, in the source's encoding: Bits Stored, sign, rescale. */
  readonly stored: StoredValues;
  /** Digest of the source's pixels, from `pixelDigest`. */
  readonly pixelDigest: string;
  /** Recomputed PET slopes by frame, from `recomputedPetSlope`; absent or empty: all are kept. */
  readonly slopes?: FrameSlopes;
}

/** A derived instance as its file, checked against derived-objects.md 2, and as the ledger knows it. */
export interface DerivedInstance {
  /** The whole Part 10 file, in order. */
  readonly parts: readonly Buffer[];
  readonly sizeBytes: number;
  readonly dataSetOffsetBytes: number;
  readonly sopClassUid: SopClassUid;
  readonly sopInstanceUid: SopInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly studyInstanceUid: StudyInstanceUid;
  readonly sourceSopInstanceUid: SopInstanceUid;
  readonly transferSyntaxUid: TransferSyntaxUid;
  readonly pixelDigest: string;
}

/**
 * Writes one derived instance: the source's data set with the elements of derived-objects.md 2 or 3 changed, all
 * others byte for byte, and a new file meta. The same request gives the same bytes. The file is checked before it is
 * given back: one that breaks a rule is never seen by anybody.
 * @throws DicomError DICOM_NOT_DERIVABLE · DICOM_DERIVED_INVALID · DICOM_BAD_UID · DICOM_BAD_VALUE · DICOM_DATA_SET_FAULTY
 */
export function deriveInstance(request: DeriveRequest): DerivedInstance {
  const plan = planInstance(request);
  const { source, series, sopInstanceUid, pixelDigest } = plan;
  const meta = encodeFileMeta({
    sopClassUid: source.sopClass.uid,
    sopInstanceUid,
    transferSyntaxUid: source.derivedSyntaxUid,
  });
  const file = joinRanges([meta, ...splice(source.dataSet, instanceEdits(plan))]);
  checkDerived(plan, file);
  return {
    parts: [file],
    sizeBytes: file.length,
    dataSetOffsetBytes: meta.length,
    sopClassUid: source.sopClass.uid,
    sopInstanceUid,
    seriesInstanceUid: series.seriesInstanceUid,
    studyInstanceUid: source.studyInstanceUid,
    sourceSopInstanceUid: source.sopInstanceUid,
    transferSyntaxUid: source.derivedSyntaxUid,
    pixelDigest,
  };
}

/** The request with its source opened and its UID known: what the writer and its check work from. */
export function planInstance({
  source: part10,
  series,
  stored,
  pixelDigest,
  slopes = [],
}: DeriveRequest): InstancePlan {
  const source = openSource(part10);
  if (source.seriesInstanceUid !== series.sourceSeriesInstanceUid) throw notDerivable('another series');
  const sopInstanceUid = deriveUid<SopInstanceUid>('instance', source.sopInstanceUid, pixelDigest, series.recipeDigest);
  return { source, series, sopInstanceUid, stored, pixelDigest, slopes };
}
