import { signedOrUnsigned, tags, vrNotationOfTag } from './tags.ts';
import { type Encoding, implicitLittle } from './transfer-syntax.ts';

/** The length that means "until the delimiter" (PS3.5 7.1.1). */
export const undefinedLength = 0xffffffff;

/** Sequences deeper than this are not followed: real objects stay under 10, bombs do not. */
export const maxNesting = 64;

/** What stands before a value (PS3.5 7.1). */
export interface ElementHeader {
  readonly tag: number;
  /** As written; from the dictionary where the encoding has none (`xs` unresolved); empty for items and delimiters. */
  readonly vr: string;
  /** False for an element in an explicit data set whose two VR bytes are no letters: length is 4 bytes there. */
  readonly vrReadable: boolean;
  /** 8 or 12. */
  readonly headerBytes: number;
  /** As declared; `undefinedLength` where delimiters end the value. */
  readonly declaredBytes: number;
}

const longVrs = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** Whether the VR has two reserved bytes and a 4-byte length in explicit encodings (PS3.5 7.1.2). */
export function hasLongHeader(vr: string): boolean {
  return longVrs.has(vr);
}

/** The header at `offset`, `undefined` when `limit` comes before its end. Reads nothing else. */
export function readElementHeader(
  bytes: Buffer,
  offset: number,
  limit: number,
  encoding: Encoding,
): ElementHeader | undefined {
  if (limit - offset < 8) return undefined;
  const tag = readTag(bytes, offset, encoding);
  if (tag >>> 16 === 0xfffe) return shortForm(bytes, offset, encoding, tag, '', true);
  if (!encoding.explicit) return shortForm(bytes, offset, encoding, tag, vrNotationOfTag(tag), true);
  const vr = readVr(bytes, offset + 4);
  if (vr === undefined) return shortForm(bytes, offset, encoding, tag, vrNotationOfTag(tag), false);
  if (!longVrs.has(vr)) {
    const declaredBytes = encoding.littleEndian ? bytes.readUInt16LE(offset + 6) : bytes.readUInt16BE(offset + 6);
    return { tag, vr, vrReadable: true, headerBytes: 8, declaredBytes };
  }
  if (limit - offset < 12) return undefined;
  return { tag, vr, vrReadable: true, headerBytes: 12, declaredBytes: readLength(bytes, offset + 8, encoding) };
}

/** The VR with `xs` resolved. */
export function resolveVr(vr: string, signedPixels: boolean): string {
  if (vr !== signedOrUnsigned) return vr;
  return signedPixels ? 'SS' : 'US';
}

/** How items inside an element are encoded: a UN is implicit little endian, whatever the data set (PS3.5 6.2.2). */
export function insideOf(element: { readonly tag: number; readonly vr: string }, encoding: Encoding): Encoding {
  return element.vr === 'UN' && element.tag !== tags.PixelData ? implicitLittle : encoding;
}

function shortForm(
  bytes: Buffer,
  offset: number,
  encoding: Encoding,
  tag: number,
  vr: string,
  vrReadable: boolean,
): ElementHeader {
  return { tag, vr, vrReadable, headerBytes: 8, declaredBytes: readLength(bytes, offset + 4, encoding) };
}

function readTag(bytes: Buffer, offset: number, encoding: Encoding): number {
  const group = encoding.littleEndian ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset);
  const element = encoding.littleEndian ? bytes.readUInt16LE(offset + 2) : bytes.readUInt16BE(offset + 2);
  return group * 0x10000 + element;
}

function readLength(bytes: Buffer, offset: number, encoding: Encoding): number {
  return encoding.littleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
}

function readVr(bytes: Buffer, offset: number): string | undefined {
  const first = bytes.readUInt8(offset);
  const second = bytes.readUInt8(offset + 1);
  const letters = first >= 0x41 && first <= 0x5a && second >= 0x41 && second <= 0x5a;
  return letters ? String.fromCharCode(first, second) : undefined;
}
