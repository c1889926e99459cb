import { type DataSet, findElement, walkDataSet } from '../data-set.ts';
import { joinRanges, splice } from '../element-splicer.ts';
import { readNumber, readString, readStrings } from '../element-values.ts';
import { DicomError } from '../errors.ts';
import type { Part10 } from '../part10.ts';
import { findImageSopClass, type ImageSopClass } from '../sop-classes.ts';
import { tags } from '../tags.ts';
import { explicitLittle, explicitLittleUid, implicitLittleUid } from '../transfer-syntax.ts';
import type { StudyInstanceUid, TransferSyntaxUid } from '../uid.ts';
import { type AnyUid, parseUid, type SeriesInstanceUid, type SopInstanceUid } from '../uid.ts';
import type { ObjectFamily } from './rules/element-rule.ts';

/** A received instance, ready to be derived from: little endian, of a class and shape that section 2 or 3 covers. */
export interface SourceInstance {
  readonly dataSet: DataSet;
  readonly sopClass: ImageSopClass;
  readonly family: ObjectFamily;
  readonly sopInstanceUid: SopInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly studyInstanceUid: StudyInstanceUid;
  readonly characterSets: readonly string[];
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsStored: number;
  readonly pixelRepresentation: 0 | 1;
  /** Transfer syntax of what is derived from it: implicit stays implicit, all others become explicit little endian. */
  readonly derivedSyntaxUid: TransferSyntaxUid;
}

/**
 * Reads what deriving needs. The router's refusals come first (derived-objects.md 4): what fails here is a defect of
 * the flow or a damaged file, and nothing is written.
 * @throws DicomError DICOM_NOT_DERIVABLE · DICOM_BAD_UID · DICOM_DATA_SET_FAULTY
 */
export function openSource(part10: Part10): SourceInstance {
  const dataSet = inLittleEndian(part10.dataSet);
  const sopClass = findImageSopClass(readString(dataSet, tags.SopClassUid) ?? '');
  if (sopClass === undefined) throw notDerivable('sop class');
  const source: SourceInstance = {
    dataSet,
    sopClass,
    family: sopClass.family === 'classic' ? 'classic' : 'multi-frame',
    sopInstanceUid: readUid(dataSet, tags.SopInstanceUid),
    seriesInstanceUid: readUid(dataSet, tags.SeriesInstanceUid),
    studyInstanceUid: readUid(dataSet, tags.StudyInstanceUid),
    characterSets: readStrings(dataSet, tags.SpecificCharacterSet),
    rows: readNumber(dataSet, tags.Rows) ?? 0,
    columns: readNumber(dataSet, tags.Columns) ?? 0,
    frames: readNumber(dataSet, tags.NumberOfFrames) ?? 1,
    bitsStored: readNumber(dataSet, tags.BitsStored) ?? 0,
    pixelRepresentation: readNumber(dataSet, tags.PixelRepresentation) === 1 ? 1 : 0,
    derivedSyntaxUid: part10.transferSyntaxUid === implicitLittleUid ? implicitLittleUid : explicitLittleUid,
  };
  refuseUnfit(source);
  return source;
}

/** Voxels of all frames. */
export function voxelsOf({ rows, columns, frames }: SourceInstance): number {
  return rows * columns * frames;
}

function refuseUnfit(source: SourceInstance): void {
  const { dataSet, family, frames, bitsStored } = source;
  if (dataSet.fault !== undefined) throw new DicomError('DICOM_DATA_SET_FAULTY', { fault: dataSet.fault });
  if (readNumber(dataSet, tags.BitsAllocated) !== 16 || bitsStored < 1 || bitsStored > 16) throw notDerivable('bits');
  if (readNumber(dataSet, tags.SamplesPerPixel) !== 1) throw notDerivable('samples per pixel');
  if (voxelsOf(source) < 1 || (family === 'classic' && frames !== 1)) throw notDerivable('rows, columns or frames');
  if (findElement(dataSet, tags.PixelData) === undefined) throw notDerivable('no pixel data');
}

function inLittleEndian(dataSet: DataSet): DataSet {
  if (dataSet.encoding.littleEndian) return dataSet;
  return walkDataSet(joinRanges(splice(dataSet, [], { target: explicitLittle })), explicitLittle);
}

function readUid<U extends AnyUid>(dataSet: DataSet, tag: number): U {
  return parseUid<U>(readString(dataSet, tag) ?? '');
}

/** What section 2 or 3 does not cover. */
export function notDerivable(reason: string): DicomError {
  return new DicomError('DICOM_NOT_DERIVABLE', { reason });
}
