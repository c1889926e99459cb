import type { ElementHeader } from './element-header.ts';
import { readElementHeader, resolveVr, undefinedLength } from './element-header.ts';
import { findValueEnd } from './nesting.ts';
import { tags } from './tags.ts';
import type { Encoding } from './transfer-syntax.ts';

/** One top-level element, as offsets into the bytes of its data set. */
export interface Element {
  /** 0xggggeeee */
  readonly tag: number;
  /** As written; from the dictionary where the encoding has none. */
  readonly vr: string;
  readonly headerOffset: number;
  readonly valueOffset: number;
  /** Value bytes without a closing delimiter. */
  readonly lengthBytes: number;
  /** First byte behind the element, its delimiter included. */
  readonly end: number;
  readonly undefinedLength: boolean;
}

/** A data set, or an item of a sequence, walked at its top level; nothing is copied. */
export interface DataSet {
  readonly bytes: Buffer;
  readonly encoding: Encoding;
  /** In the order of the bytes. An element that is cut or cannot be followed is not among them. */
  readonly elements: readonly Element[];
  /** Why the walk stopped before the end: nothing behind the last element is known. */
  readonly fault: DataSetFault | undefined;
  /** A tag is smaller than the one before it. */
  readonly unsorted: boolean;
  /** Pixel Representation of the whole object is 1: `xs` elements are SS. */
  readonly signedPixels: boolean;
}

type DataSetFault =
  /** A length, or a header, runs past the end of the bytes. */
  | 'truncated'
  /** Bytes that are no element, item or delimiter where one has to stand. */
  | 'opaque-tail'
  /** More than 64 nested sequences. */
  | 'too-deep';

/**
 * Walks the top level of a data set (PS3.5 7). Never throws and never recurses: what cannot be read is the `fault`.
 * Values of undefined length are followed to their end, up to 64 levels. dicom-io.md 7.2.3.
 */
export function walkDataSet(bytes: Buffer, encoding: Encoding, inherited: { signedPixels?: boolean } = {}): DataSet {
  const elements: Element[] = [];
  let signedPixels = inherited.signedPixels ?? false;
  let fault: DataSetFault | undefined;
  let unsorted = false;
  let offset = 0;
  let lastTag = -1;
  while (offset < bytes.length) {
    const element = readElement(bytes, offset, encoding, signedPixels);
    if (typeof element === 'string') {
      fault = element;
      break;
    }
    if (element.tag === tags.PixelRepresentation) signedPixels = isOne(bytes, element);
    unsorted ||= element.tag < lastTag;
    lastTag = element.tag;
    elements.push(element);
    offset = element.end;
  }
  return { bytes, encoding, elements, fault, unsorted, signedPixels };
}

/** The first element of that tag at top level. */
export function findElement(dataSet: DataSet, tag: number): Element | undefined {
  return dataSet.elements.find((element) => element.tag === tag);
}

/** The bytes of a value: a view. Items and fragments included, the closing delimiter not. */
export function valueBytes(dataSet: DataSet, element: Element): Buffer {
  return dataSet.bytes.subarray(element.valueOffset, element.valueOffset + element.lengthBytes);
}

/** The element as it stands, header and delimiter included: a view. */
export function elementBytes(dataSet: DataSet, element: Element): Buffer {
  return dataSet.bytes.subarray(element.headerOffset, element.end);
}

function readElement(bytes: Buffer, offset: number, encoding: Encoding, signedPixels: boolean): Element | DataSetFault {
  const header = readElementHeader(bytes, offset, bytes.length, encoding);
  if (header === undefined) return 'truncated';
  if (header.tag >>> 16 === 0xfffe) return 'opaque-tail';
  const valueOffset = offset + header.headerBytes;
  if (header.declaredBytes === undefinedLength) return readUndefined(bytes, offset, header, encoding, signedPixels);
  const end = valueOffset + header.declaredBytes;
  if (end > bytes.length) return header.vrReadable ? 'truncated' : 'opaque-tail';
  return toElement(offset, header, signedPixels, header.declaredBytes, end);
}

function readUndefined(
  bytes: Buffer,
  offset: number,
  header: ElementHeader,
  encoding: Encoding,
  signedPixels: boolean,
): Element | DataSetFault {
  const valueOffset = offset + header.headerBytes;
  const found = findValueEnd(bytes, valueOffset, bytes.length, header, encoding);
  if ('fault' in found) return found.fault;
  const lengthBytes = found.delimiterOffset - valueOffset;
  return toElement(offset, header, signedPixels, lengthBytes, found.delimiterOffset + 8);
}

function toElement(
  headerOffset: number,
  header: ElementHeader,
  signedPixels: boolean,
  lengthBytes: number,
  end: number,
): Element {
  return {
    tag: header.tag,
    vr: resolveVr(header.vr, signedPixels),
    headerOffset,
    valueOffset: headerOffset + header.headerBytes,
    lengthBytes,
    end,
    undefinedLength: header.declaredBytes === undefinedLength,
  };
}

/** Pixel Representation is a US of 0 or 1; either byte order leaves the 1 in one of the two bytes. */
function isOne(bytes: Buffer, element: Element): boolean {
  if (element.lengthBytes < 2) return false;
  return bytes.readUInt8(element.valueOffset) + bytes.readUInt8(element.valueOffset + 1) === 1;
}
