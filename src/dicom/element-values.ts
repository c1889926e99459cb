import { type DataSet, type Element, findElement, valueBytes, walkDataSet } from './data-set.ts';
import { insideOf } from './element-header.ts';
import { listItems } from './items.ts';
import { withoutPadding } from './padding.ts';
import { vrOfTag } from './tags.ts';
import type { Encoding } from './transfer-syntax.ts';
import { implicitLittle } from './transfer-syntax.ts';

type ReadNumber = (bytes: Buffer, offset: number, littleEndian: boolean) => number;

const binaryNumbers: Readonly<Record<string, { readonly sizeBytes: number; readonly read: ReadNumber }>> = {
  US: { sizeBytes: 2, read: (b, at, little) => (little ? b.readUInt16LE(at) : b.readUInt16BE(at)) },
  SS: { sizeBytes: 2, read: (b, at, little) => (little ? b.readInt16LE(at) : b.readInt16BE(at)) },
  UL: { sizeBytes: 4, read: (b, at, little) => (little ? b.readUInt32LE(at) : b.readUInt32BE(at)) },
  SL: { sizeBytes: 4, read: (b, at, little) => (little ? b.readInt32LE(at) : b.readInt32BE(at)) },
  UV: { sizeBytes: 8, read: (b, at, little) => Number(little ? b.readBigUInt64LE(at) : b.readBigUInt64BE(at)) },
  SV: { sizeBytes: 8, read: (b, at, little) => Number(little ? b.readBigInt64LE(at) : b.readBigInt64BE(at)) },
  FL: { sizeBytes: 4, read: (b, at, little) => (little ? b.readFloatLE(at) : b.readFloatBE(at)) },
  FD: { sizeBytes: 8, read: (b, at, little) => (little ? b.readDoubleLE(at) : b.readDoubleBE(at)) },
  AT: { sizeBytes: 4, read: (b, at, little) => readAttributeTag(b, at, little) },
};

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const singleTextVrs = new Set(['ST', 'LT', 'UT', 'UR']);
const numberTextVrs = new Set(['DS', 'IS']);

/**
 * Texts of an element, split at `\` (not ST, LT, UT, UR), without padding; numbers of binary VRs as decimal text.
 * Bytes are read as latin1, whatever (0008,0005) says: for codes, UIDs and matching, not for showing names.
 * `[]` when the element is absent, empty or a sequence.
 */
export function readStrings(dataSet: DataSet, tag: number): readonly string[] {
  const element = findElement(dataSet, tag);
  if (element === undefined) return [];
  const { vr, encoding } = knownKind(dataSet, element);
  return decodeStrings(vr, valueBytes(dataSet, element), encoding.littleEndian);
}

/** The first text of an element, `undefined` when absent or empty. */
export function readString(dataSet: DataSet, tag: number): string | undefined {
  const first = readStrings(dataSet, tag)[0];
  return first === '' ? undefined : first;
}

/** Numbers of DS, IS and the binary VRs (AT as 0xggggeeee); NaN where a text is none. `[]` when absent or empty. */
export function readNumbers(dataSet: DataSet, tag: number): readonly number[] {
  const element = findElement(dataSet, tag);
  if (element === undefined) return [];
  const { vr, encoding } = knownKind(dataSet, element);
  return decodeNumbers(vr, valueBytes(dataSet, element), encoding.littleEndian);
}

/** The first number of an element, `undefined` when absent, empty or no finite number. */
export function readNumber(dataSet: DataSet, tag: number): number | undefined {
  const first = readNumbers(dataSet, tag)[0];
  return Number.isFinite(first) ? first : undefined;
}

/** The items of a sequence, each a data set over a view; stops at the first that cannot be read. */
export function readItems(dataSet: DataSet, tag: number): readonly DataSet[] {
  const element = findElement(dataSet, tag);
  if (element === undefined || knownKind(dataSet, element).vr !== 'SQ') return [];
  const encoding = insideOf(element, dataSet.encoding);
  const { signedPixels } = dataSet;
  return listItems(valueBytes(dataSet, element), encoding).map(({ value }) =>
    walkDataSet(value, encoding, { signedPixels }),
  );
}

/** `readStrings` for a value at hand. */
export function decodeStrings(vr: string, bytes: Buffer, littleEndian: boolean): readonly string[] {
  if (bytes.length === 0 || vr === 'SQ') return [];
  if (binaryNumbers[vr] !== undefined) return decodeNumbers(vr, bytes, littleEndian).map(String);
  const text = bytes.toString('latin1');
  if (singleTextVrs.has(vr)) return [withoutPadding(text)];
  const values = text.split('\\').map((value) => withoutPadding(value).trimStart());
  return values.length === 1 && values[0] === '' ? [] : values;
}

/** `readNumbers` for a value at hand. */
export function decodeNumbers(vr: string, bytes: Buffer, littleEndian: boolean): readonly number[] {
  if (numberTextVrs.has(vr)) return decodeStrings(vr, bytes, littleEndian).map(parseNumber);
  const kind = binaryNumbers[vr];
  if (kind === undefined) return [];
  const numbers: number[] = [];
  for (let at = 0; at + kind.sizeBytes <= bytes.length; at += kind.sizeBytes) {
    numbers.push(kind.read(bytes, at, littleEndian));
  }
  return numbers;
}

/** A known element that was sent as UN is read by the dictionary, always little endian (PS3.5 6.2.2, note 2). */
function knownKind(dataSet: DataSet, element: Element): { vr: string; encoding: Encoding } {
  const { encoding } = dataSet;
  if (element.vr !== 'UN') return { vr: element.vr, encoding };
  return { vr: unknownKind(dataSet, element), encoding: implicitLittle };
}

function unknownKind(dataSet: DataSet, element: Element): string {
  const vr = vrOfTag(element.tag, dataSet.signedPixels);
  return vr === 'UN' && element.undefinedLength ? 'SQ' : vr;
}

function parseNumber(text: string): number {
  return decimal.test(text) ? Number(text) : Number.NaN;
}

function readAttributeTag(bytes: Buffer, at: number, littleEndian: boolean): number {
  const group = littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  const element = littleEndian ? bytes.readUInt16LE(at + 2) : bytes.readUInt16BE(at + 2);
  return group * 0x10000 + element;
}
