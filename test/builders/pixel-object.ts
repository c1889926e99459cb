import { walkDataSet } from '../../src/dicom/data-set.ts';
import { type Edit, joinRanges, splice } from '../../src/dicom/element-splicer.ts';
import { type Part10, parsePart10 } from '../../src/dicom/part10.ts';
import { tags } from '../../src/dicom/tags.ts';
import { encodingOf, explicitLittle, explicitLittleUid, findTransferSyntax } from '../../src/dicom/transfer-syntax.ts';
import type { TransferSyntaxUid } from '../../src/dicom/uid.ts';
import { encodeNumbers, encodeText } from '../../src/dicom/value-encoder.ts';

/** A made-up image: just the elements that describe pixels, and a name. */
export interface PixelObject {
  readonly rows: number;
  readonly columns: number;
  readonly frames?: number;
  readonly bitsAllocated?: number;
  readonly bitsStored?: number;
  readonly highBit?: number;
  readonly pixelRepresentation?: 0 | 1;
  readonly samplesPerPixel?: number;
  readonly photometricInterpretation?: string;
  /** Native values, little endian; or compressed frames. */
  readonly pixels?: Buffer | readonly Buffer[];
  readonly transferSyntaxUid?: TransferSyntaxUid;
}

/** The object as a parsed data set in its transfer syntax (not deflated). */
export function pixelObject(object: PixelObject): Part10 {
  const transferSyntaxUid = object.transferSyntaxUid ?? explicitLittleUid;
  const empty = walkDataSet(Buffer.alloc(0), explicitLittle);
  const bytes = joinRanges(splice(empty, pixelObjectEdits(object), { target: encodingOf(transferSyntaxUid) }));
  const dataSet = walkDataSet(bytes, encodingOf(transferSyntaxUid));
  return { transferSyntaxUid, dataSet, dataSetOffsetBytes: 0, meta: parsePart10(bytes).meta };
}

const us = (tag: number, value: number): Edit => ({ tag, vr: 'US', value: encodeNumbers('US', value) });
const cs = (tag: number, value: string): Edit => ({ tag, vr: 'CS', value: encodeText('CS', value) });

function pixelObjectEdits(object: PixelObject): readonly Edit[] {
  const bitsAllocated = object.bitsAllocated ?? 16;
  const bitsStored = object.bitsStored ?? bitsAllocated;
  return [
    { tag: tags.SopInstanceUid, vr: 'UI', value: encodeText('UI', '1.2.3.4') },
    { tag: tags.PatientName, vr: 'PN', value: encodeText('PN', 'Nobody^At All') },
    us(tags.SamplesPerPixel, object.samplesPerPixel ?? 1),
    cs(tags.PhotometricInterpretation, object.photometricInterpretation ?? 'MONOCHROME2'),
    { tag: tags.NumberOfFrames, vr: 'IS', value: encodeText('IS', String(object.frames ?? 1)) },
    us(tags.Rows, object.rows),
    us(tags.Columns, object.columns),
    us(tags.BitsAllocated, bitsAllocated),
    us(tags.BitsStored, bitsStored),
    us(tags.HighBit, object.highBit ?? bitsStored - 1),
    us(tags.PixelRepresentation, object.pixelRepresentation ?? 0),
    ...pixelDataEdits(object, bitsAllocated),
  ];
}

function pixelDataEdits({ pixels, transferSyntaxUid }: PixelObject, bitsAllocated: number): readonly Edit[] {
  if (pixels === undefined) return [];
  if (!Buffer.isBuffer(pixels)) return [{ tag: tags.PixelData, frames: pixels }];
  const compressed = findTransferSyntax(transferSyntaxUid ?? explicitLittleUid)?.compressed ?? false;
  const vr = bitsAllocated === 16 || compressed ? 'OW' : 'OB';
  return [{ tag: tags.PixelData, vr, value: pixels }];
}

/** Words as pixel bytes, little endian. */
export function words(...values: readonly number[]): Buffer {
  return Buffer.from(Uint16Array.from(values).buffer);
}
