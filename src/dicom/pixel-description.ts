import type { DataSet } from './data-set.ts';
import { readNumber, readString } from './element-values.ts';
import { DicomError } from './errors.ts';
import { tags } from './tags.ts';

/** What the header says of monochrome pixels (PS3.3 C.7.6.3). */
export interface PixelDescription {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly pixelRepresentation: 0 | 1;
  readonly photometricInterpretation: 'MONOCHROME1' | 'MONOCHROME2' | 'PALETTE COLOR';
}

/**
 * Reads and checks the description of one-sample integer pixels.
 * @throws DicomError DICOM_NO_PIXELS when it is not there · DICOM_PIXELS_UNSUPPORTED when it is of another kind
 */
export function readPixelDescription(dataSet: DataSet): PixelDescription {
  const bitsStored = required(dataSet, tags.BitsStored, 'BitsStored');
  const highBit = readNumber(dataSet, tags.HighBit) ?? bitsStored - 1;
  const bitsAllocated = readBitsAllocated(dataSet);
  if (bitsStored < 1 || highBit + 1 < bitsStored || highBit >= bitsAllocated) {
    throw new DicomError('DICOM_PIXELS_UNSUPPORTED', { bitsAllocated, bitsStored, highBit });
  }
  return {
    rows: positive(dataSet, tags.Rows, 'Rows'),
    columns: positive(dataSet, tags.Columns, 'Columns'),
    frames: Math.max(1, Math.trunc(readNumber(dataSet, tags.NumberOfFrames) ?? 1)),
    bitsAllocated,
    bitsStored,
    highBit,
    pixelRepresentation: readNumber(dataSet, tags.PixelRepresentation) === 1 ? 1 : 0,
    photometricInterpretation: readPhotometric(dataSet),
  };
}

function readBitsAllocated(dataSet: DataSet): 8 | 16 {
  const bitsAllocated = required(dataSet, tags.BitsAllocated, 'BitsAllocated');
  if (bitsAllocated !== 8 && bitsAllocated !== 16) {
    throw new DicomError('DICOM_PIXELS_UNSUPPORTED', { bitsAllocated });
  }
  return bitsAllocated;
}

function readPhotometric(dataSet: DataSet): PixelDescription['photometricInterpretation'] {
  const samplesPerPixel = readNumber(dataSet, tags.SamplesPerPixel) ?? 1;
  const photometric = readString(dataSet, tags.PhotometricInterpretation);
  const oneSample = photometric === 'MONOCHROME1' || photometric === 'MONOCHROME2' || photometric === 'PALETTE COLOR';
  if (samplesPerPixel !== 1 || !oneSample) throw new DicomError('DICOM_PIXELS_UNSUPPORTED', { samplesPerPixel });
  return photometric;
}

function positive(dataSet: DataSet, tag: number, name: string): number {
  const value = required(dataSet, tag, name);
  if (value < 1) throw new DicomError('DICOM_NO_PIXELS', { element: name });
  return value;
}

function required(dataSet: DataSet, tag: number, name: string): number {
  const value = readNumber(dataSet, tag);
  if (value === undefined) throw new DicomError('DICOM_NO_PIXELS', { missing: name });
  return value;
}
