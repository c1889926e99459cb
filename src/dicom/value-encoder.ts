import { DicomError } from './errors.ts';

interface TextRule {
  /** Longest single value, in characters. */
  readonly max: number;
  readonly pattern: RegExp;
}

// Printable ASCII without backslash, which separates values, and tilde, which ISO_IR 13 shows as an overline.
const plain = /^[\x20-\x5b\x5d-\x7d]*$/;
const paragraphs = /^[\x20-\x5b\x5d-\x7d\r\n\f\t]*$/;

// biome-ignore format: one row per VR, PS3.5 table 6.2-1
const textRules: Readonly<Record<string, TextRule>> = {
  AE: { max: 16, pattern: plain },
  AS: { max: 4, pattern: /^(\d{3}[DWMY])?$/ },
  CS: { max: 16, pattern: /^[A-Z0-9 _]*$/ },
  DA: { max: 8, pattern: /^(\d{8})?$/ },
  DS: { max: 16, pattern: /^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)?$/ },
  DT: { max: 26, pattern: /^(\d{4,14}(\.\d{1,6})?([+-]\d{4})?)?$/ },
  IS: { max: 12, pattern: /^([+-]?\d+)?$/ },
  LO: { max: 64, pattern: plain },
  LT: { max: 10_240, pattern: paragraphs },
  PN: { max: 194, pattern: plain },
  SH: { max: 16, pattern: plain },
  ST: { max: 1024, pattern: paragraphs },
  TM: { max: 16, pattern: /^(\d{2,6}(\.\d{1,6})?)?$/ },
  UC: { max: 0xfffffffe, pattern: plain },
  UI: { max: 64, pattern: /^(\d+(\.\d+)*)?$/ },
  UR: { max: 0xfffffffe, pattern: plain },
  UT: { max: 0xfffffffe, pattern: paragraphs },
};

const singleValued = new Set(['LT', 'ST', 'UT', 'UR']);

/**
 * Our own text as a value: ASCII, checked against the VR, values joined by `\`. Padding is the splicer's work.
 * @throws DicomError DICOM_BAD_VALUE
 */
export function encodeText(vr: string, values: string | readonly string[]): Buffer {
  const list = typeof values === 'string' ? [values] : values;
  if (list.length > 1 && singleValued.has(vr)) throw new DicomError('DICOM_BAD_VALUE', { vr, values: list.length });
  for (const value of list) checkText(vr, value);
  return Buffer.from(list.join('\\'), 'latin1');
}

function checkText(vr: string, value: string): void {
  const rule = textRules[vr];
  if (rule === undefined) throw new DicomError('DICOM_BAD_VALUE', { vr, reason: 'not a text VR' });
  if (value.length > rule.max) throw new DicomError('DICOM_BAD_VALUE', { vr, length: value.length, max: rule.max });
  if (!rule.pattern.test(value))
    throw new DicomError('DICOM_BAD_VALUE', { vr, reason: 'a character or form it forbids' });
}

interface NumberRule {
  readonly sizeBytes: number;
  readonly min: number;
  readonly max: number;
  readonly write: (bytes: Buffer, value: number, offset: number) => void;
}

// biome-ignore format: one row per VR
const numberRules: Readonly<Record<string, NumberRule>> = {
  US: { sizeBytes: 2, min: 0, max: 0xffff, write: (bytes, value, at) => bytes.writeUInt16LE(value, at) },
  SS: { sizeBytes: 2, min: -0x8000, max: 0x7fff, write: (bytes, value, at) => bytes.writeInt16LE(value, at) },
  UL: { sizeBytes: 4, min: 0, max: 0xffffffff, write: (bytes, value, at) => bytes.writeUInt32LE(value, at) },
  SL: { sizeBytes: 4, min: -0x80000000, max: 0x7fffffff, write: (bytes, value, at) => bytes.writeInt32LE(value, at) },
  FL: { sizeBytes: 4, min: -3.5e38, max: 3.5e38, write: (bytes, value, at) => bytes.writeFloatLE(value, at) },
  FD: { sizeBytes: 8, min: -Infinity, max: Infinity, write: (bytes, value, at) => bytes.writeDoubleLE(value, at) },
  AT: { sizeBytes: 4, min: 0, max: 0xffffffff, write: writeAttributeTag },
};

const wholeNumberVrs = new Set(['US', 'SS', 'UL', 'SL', 'AT']);

/**
 * Numbers of a binary VR as a value, little endian whatever the data set: the splicer swaps.
 * @throws DicomError DICOM_BAD_VALUE
 */
export function encodeNumbers(vr: string, values: number | readonly number[]): Buffer {
  const list = typeof values === 'number' ? [values] : values;
  const rule = numberRules[vr];
  if (rule === undefined) throw new DicomError('DICOM_BAD_VALUE', { vr, reason: 'not a binary number VR' });
  const bytes = Buffer.alloc(list.length * rule.sizeBytes);
  for (const [index, value] of list.entries()) {
    const whole = !wholeNumberVrs.has(vr) || Number.isInteger(value);
    const inRange = value >= rule.min && value <= rule.max;
    if (!whole || !inRange) throw new DicomError('DICOM_BAD_VALUE', { vr, reason: 'not a number that it holds' });
    rule.write(bytes, value, index * rule.sizeBytes);
  }
  return bytes;
}

function writeAttributeTag(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt16LE(value >>> 16, offset);
  bytes.writeUInt16LE(value & 0xffff, offset + 2);
}
