import type { DataSet } from '../data-set.ts';
import { walkDataSet } from '../data-set.ts';
import { readElementHeader, undefinedLength } from '../element-header.ts';
import { DicomError } from '../errors.ts';
import { findValueEnd } from '../nesting.ts';
import { explicitBig, explicitLittle } from '../transfer-syntax.ts';

/** Bytes that are swapped together, by VR (PS3.5 7.3); texts, OB and UN have none. */
const unitBytes: Readonly<Record<string, 2 | 4 | 8>> = {
  US: 2,
  SS: 2,
  OW: 2,
  AT: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OF: 4,
  OL: 4,
  FD: 8,
  OD: 8,
  SV: 8,
  UV: 8,
  OV: 8,
};

/**
 * The same data set in explicit VR little endian: tags, lengths and numbers swapped by VR at every level, `UN`
 * untouched (derived-objects.md 2.6). Sizes stay, so does every offset. A little endian data set is given back as it is.
 * @throws DicomError DICOM_DATA_SET_FAULTY when a length runs past the end
 */
export function toLittleEndian(dataSet: DataSet): DataSet {
  if (dataSet.encoding.littleEndian) return dataSet;
  const bytes = Buffer.from(dataSet.bytes);
  let at = 0;
  while (at < bytes.length) at = swapElement(bytes, dataSet.bytes, at);
  return walkDataSet(bytes, explicitLittle);
}

/** Swaps the element, item or delimiter at `at`; its items, when it is a sequence, are the next steps of the loop. */
function swapElement(target: Buffer, source: Buffer, at: number): number {
  const header = readElementHeader(source, at, source.length, explicitBig);
  if (header === undefined) throw new DicomError('DICOM_DATA_SET_FAULTY', { offset: at });
  const valueOffset = at + header.headerBytes;
  swapUnits(target.subarray(at, at + 4), 2);
  swapLength(target, at, valueOffset, header.headerBytes === 8 && header.vr !== '' && header.vrReadable);
  if (header.vr === '' || header.vr === 'SQ') return valueOffset;
  if (header.declaredBytes === undefinedLength) {
    if (header.vr !== 'UN') throw new DicomError('DICOM_DATA_SET_FAULTY', { offset: at });
    const end = findValueEnd(source, valueOffset, source.length, header, explicitBig);
    if ('fault' in end) throw new DicomError('DICOM_DATA_SET_FAULTY', { offset: at, fault: end.fault });
    return end.delimiterOffset + 8;
  }
  const end = valueOffset + header.declaredBytes;
  if (end > target.length) throw new DicomError('DICOM_DATA_SET_FAULTY', { offset: at });
  swapUnits(target.subarray(valueOffset, end), unitBytes[header.vr] ?? 1);
  return end;
}

/** Two bytes of length behind a short VR; four in every other header. They are the last bytes of the header. */
function swapLength(target: Buffer, at: number, valueOffset: number, shortVr: boolean): void {
  if (shortVr) swapUnits(target.subarray(at + 6, valueOffset), 2);
  else swapUnits(target.subarray(valueOffset - 4, valueOffset), 4);
}

/** In place; a remainder that is no whole unit stays. */
function swapUnits(bytes: Buffer, unit: 1 | 2 | 4 | 8): void {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % unit));
  if (unit === 2) whole.swap16();
  else if (unit === 4) whole.swap32();
  else if (unit === 8) whole.swap64();
}
