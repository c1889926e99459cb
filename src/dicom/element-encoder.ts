import { hasLongHeader, undefinedLength } from './element-header.ts';
import { DicomError } from './errors.ts';
import { tags, tagText } from './tags.ts';
import type { Encoding } from './transfer-syntax.ts';

const largestDefinedLength = 0xfffffffe;

/**
 * The header of an element, item or delimiter. `lengthBytes` may be `undefinedLength`. A value that is too long for
 * the VR's 2-byte length is announced as UN, which has 4 bytes (PS3.5 6.2.2, note 4).
 * @throws DicomError DICOM_NOT_ENCODABLE
 */
export function encodeHeader(tag: number, vr: string, lengthBytes: number, encoding: Encoding): Buffer {
  const isUndefined = lengthBytes === undefinedLength;
  if (!isUndefined && lengthBytes > largestDefinedLength) {
    throw new DicomError('DICOM_NOT_ENCODABLE', { tag: tagText(tag), lengthBytes });
  }
  if (!encoding.explicit || tag >>> 16 === 0xfffe) return shortHeader(tag, lengthBytes, encoding);
  if (hasLongHeader(vr)) return longHeader(tag, vr, lengthBytes, encoding);
  if (lengthBytes > 0xffff) return longHeader(tag, 'UN', lengthBytes, encoding);
  const header = Buffer.alloc(8);
  writeTag(header, tag, encoding);
  header.write(vr, 4, 'latin1');
  if (encoding.littleEndian) header.writeUInt16LE(lengthBytes, 6);
  else header.writeUInt16BE(lengthBytes, 6);
  return header;
}

/** A whole element: header, value, padding to an even length. The value is as it stands in the file. */
export function encodeElement(
  tag: number,
  vr: string,
  value: readonly Buffer[],
  encoding: Encoding,
): readonly Buffer[] {
  const valueBytes = totalBytes(value);
  const padding = valueBytes % 2 === 0 ? [] : [Buffer.of(paddingByte(vr))];
  return [encodeHeader(tag, vr, valueBytes + padding.length, encoding), ...value, ...padding];
}

/** The delimiter that ends an item or a sequence of undefined length. */
export function encodeDelimiter(
  tag: typeof tags.ItemDelimitationItem | typeof tags.SequenceDelimitationItem,
  encoding: Encoding,
): Buffer {
  return shortHeader(tag, 0, encoding);
}

/** An item of defined length (PS3.5 7.5.1). */
export function encodeItem(content: readonly Buffer[], encoding: Encoding): readonly Buffer[] {
  return [encodeHeader(tags.Item, '', totalBytes(content), encoding), ...content];
}

/** Sum of the lengths of byte ranges. */
export function totalBytes(ranges: readonly Buffer[]): number {
  return ranges.reduce((sum, range) => sum + range.length, 0);
}

// What big endian turns round, PS3.5 7.3; all others are bytes or text. UN is never touched.
// biome-ignore format: one row per size
const wordBytes: Readonly<Record<string, number>> = {
  US: 2, SS: 2, OW: 2, AT: 2,
  UL: 4, SL: 4, FL: 4, OF: 4, OL: 4,
  FD: 8, OD: 8, OV: 8, SV: 8, UV: 8,
};

/** The value in the other byte order: a copy for numbers and words, the same view for text, bytes and UN. */
export function swapValue(vr: string, value: Buffer): Buffer {
  const size = wordBytes[vr];
  if (size === undefined || value.length < size) return value;
  const whole = value.length - (value.length % size);
  const swapped = Buffer.from(value.subarray(0, whole));
  if (size === 2) swapped.swap16();
  else if (size === 4) swapped.swap32();
  else swapped.swap64();
  return whole === value.length ? swapped : Buffer.concat([swapped, value.subarray(whole)]);
}

const binaryVrs = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UI', 'UN']);

/** UI and bytes are padded with NUL, text with a space (PS3.5 6.2). */
function paddingByte(vr: string): number {
  return binaryVrs.has(vr) ? 0 : 0x20;
}

function longHeader(tag: number, vr: string, lengthBytes: number, encoding: Encoding): Buffer {
  const header = Buffer.alloc(12);
  writeTag(header, tag, encoding);
  header.write(vr, 4, 'latin1');
  writeLength(header, lengthBytes, 8, encoding);
  return header;
}

function shortHeader(tag: number, lengthBytes: number, encoding: Encoding): Buffer {
  const header = Buffer.alloc(8);
  writeTag(header, tag, encoding);
  writeLength(header, lengthBytes, 4, encoding);
  return header;
}

function writeTag(header: Buffer, tag: number, encoding: Encoding): void {
  if (encoding.littleEndian) {
    header.writeUInt16LE(tag >>> 16, 0);
    header.writeUInt16LE(tag & 0xffff, 2);
  } else header.writeUInt32BE(tag, 0);
}

function writeLength(header: Buffer, lengthBytes: number, offset: number, encoding: Encoding): void {
  if (encoding.littleEndian) header.writeUInt32LE(lengthBytes, offset);
  else header.writeUInt32BE(lengthBytes, offset);
}
