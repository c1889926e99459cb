import { walkDataSet } from '../../src/dicom/data-set.ts';
import type { StoredValues } from '../../src/dicom/derived/pixel-elements.ts';
import { deriveUid } from '../../src/dicom/derived/uid.ts';
import { type Edit, joinRanges, splice } from '../../src/dicom/element-splicer.ts';
import { encodeFileMeta } from '../../src/dicom/part10.ts';
import { tagOfKeyword, vrOfTag } from '../../src/dicom/tags.ts';
import { encodingOf, explicitLittleUid } from '../../src/dicom/transfer-syntax.ts';
import { encodeNumbers, encodeText } from '../../src/dicom/value-encoder.ts';

/** A small source image that a test writes itself: 4 columns, 3 rows. */
export interface SourceOptions {
  readonly modality: 'CT' | 'MR' | 'PT';
  /** Suffix of the SOP class below 1.2.840.10008.5.1.4.1.1; the classic class of the modality where absent. */
  readonly sopClass?: string;
  readonly transferSyntaxUid?: string;
  readonly stored?: StoredValues;
  readonly frames?: number;
  /** Elements besides or instead of the usual ones. */
  readonly edits?: readonly Edit[];
}

const classicClasses = { CT: '.2', MR: '.4', PT: '.128' } as const;

/** A Part 10 file with test identities (derived-objects.md 8.1). */
export function buildSource(options: SourceOptions): Buffer {
  const { transferSyntaxUid = explicitLittleUid, edits = [] } = options;
  const encoding = encodingOf(transferSyntaxUid);
  const sopClassUid = sopClassOf(options);
  const sopInstanceUid = deriveUid('test', 'instance');
  const empty = walkDataSet(Buffer.alloc(0), encoding);
  const elements = splice(empty, [...usualElements(options, sopClassUid), ...edits]);
  return joinRanges([encodeFileMeta({ sopClassUid, sopInstanceUid, transferSyntaxUid }), ...elements]);
}

/** Text by keyword: the VR of the dictionary, checked. */
export function text(keyword: string, ...values: string[]): Edit {
  const tag = tagOfKeyword(keyword);
  return { tag, vr: vrOfTag(tag), value: encodeText(vrOfTag(tag), values) };
}

/** Raw bytes by keyword, for text in other character sets and broken values. */
export function raw(keyword: string, bytes: string, vr = vrOfTag(tagOfKeyword(keyword))): Edit {
  return { tag: tagOfKeyword(keyword), vr, value: Buffer.from(bytes, 'latin1') };
}

/** Numbers of a binary VR by keyword. */
export function numbers(keyword: string, ...values: number[]): Edit {
  const tag = tagOfKeyword(keyword);
  return { tag, vr: vrOfTag(tag), value: encodeNumbers(vrOfTag(tag), values) };
}

/** A sequence of new items by keyword. */
export function sequence(keyword: string, ...items: (readonly Edit[])[]): Edit {
  return { tag: tagOfKeyword(keyword), items: items.map((edits) => ({ edits })) };
}

function sopClassOf({ modality, sopClass = classicClasses[modality] }: SourceOptions): string {
  return `1.2.840.10008.5.1.4.1.1${sopClass}`;
}

function usualElements(options: SourceOptions, sopClassUid: string): readonly Edit[] {
  const {
    modality,
    frames,
    stored = Int16Array.from({ length: 12 * (frames ?? 1) }, (_, index) => index * 3 - 5),
  } = options;
  const signed = stored instanceof Int16Array;
  return [
    text('ImageType', 'ORIGINAL', 'PRIMARY', 'AXIAL'),
    text('SOPClassUID', sopClassUid),
    text('SOPInstanceUID', deriveUid('test', 'instance')),
    text('StudyDate', '20260101'),
    text('SeriesDate', '20260101'),
    text('SeriesTime', '101500'),
    text('Modality', modality),
    text('Manufacturer', 'SCANNER MAKER'),
    text('SeriesDescription', 'THORAX'),
    text('PatientName', `DIFFCODE^TEST^${modality}`),
    text('PatientID', 'DCTEST-0001'),
    text('PatientIdentityRemoved', 'YES'),
    text('DeidentificationMethod', 'diffcode-node test data'),
    text('StudyInstanceUID', deriveUid('test', 'study')),
    text('SeriesInstanceUID', deriveUid('test', 'series')),
    text('SeriesNumber', '4'),
    text('InstanceNumber', '12'),
    text('ImagePositionPatient', '0', '0', '12.5'),
    ...(frames === undefined ? [] : [text('NumberOfFrames', String(frames))]),
    numbers('SamplesPerPixel', 1),
    text('PhotometricInterpretation', 'MONOCHROME2'),
    numbers('Rows', 3),
    numbers('Columns', 4),
    numbers('BitsAllocated', 16),
    numbers('BitsStored', 16),
    numbers('HighBit', 15),
    numbers('PixelRepresentation', signed ? 1 : 0),
    ...(frames === undefined ? [text('RescaleIntercept', '0'), text('RescaleSlope', '1')] : []),
    {
      tag: tagOfKeyword('PixelData'),
      vr: 'OW',
      value: Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength),
    },
  ];
}
