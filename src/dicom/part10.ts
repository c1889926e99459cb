import { inflateRawSync } from 'node:zlib';
import { type DataSet, walkDataSet } from './data-set.ts';
import { encodeElement, totalBytes } from './element-encoder.ts';
import { readElementHeader, undefinedLength } from './element-header.ts';
import { readString } from './element-values.ts';
import { DicomError } from './errors.ts';
import { implementationClassUid, implementationVersionName } from './implementation.ts';
import { groupOfTag, tags } from './tags.ts';
import {
  deflatedUid,
  encodingOf,
  explicitBigUid,
  explicitLittle,
  explicitLittleUid,
  implicitLittleUid,
} from './transfer-syntax.ts';
import { isUid, type TransferSyntaxUid } from './uid.ts';
import { encodeNumbers } from './value-encoder.ts';

/** A file of PS3.10, or a bare data set, taken apart; views, but for a deflated data set. */
export interface Part10 {
  /** As the file meta says; guessed from the first element where there is none. */
  readonly transferSyntaxUid: TransferSyntaxUid;
  /** Where the data set begins in the file. */
  readonly dataSetOffsetBytes: number;
  readonly dataSet: DataSet;
  /** Group 0002; no elements when the file has no meta. */
  readonly meta: DataSet;
}

export interface Part10Limits {
  /** Largest deflated data set, inflated. A stream of zeros grows 1000-fold. */
  readonly maxInflatedBytes: number;
}

const preambleBytes = 128;
const magic = Buffer.from('DICM');
const noMeta: DataSet = walkDataSet(Buffer.alloc(0), explicitLittle);

/**
 * Takes a Part 10 file apart (PS3.10 7). Tolerates a missing preamble, a missing or wrong group length, a missing
 * transfer syntax, a missing meta. The data set may have a `fault`: look at it.
 * @throws DicomError DICOM_NOT_DICOM · DICOM_INFLATE_FAILED
 */
export function parsePart10(bytes: Buffer, limits: Part10Limits = { maxInflatedBytes: 2 ** 31 }): Part10 {
  const head = parseFileMeta(bytes);
  const dataSet = openDataSet(bytes.subarray(head.dataSetOffsetBytes), head.transferSyntaxUid, limits);
  return { ...head, dataSet };
}

/**
 * The file meta alone, from the first bytes of a file; the data set is not looked at, but for its first element where
 * no transfer syntax is stated. Tolerant as `parsePart10`.
 * @throws DicomError DICOM_NOT_DICOM
 */
export function parseFileMeta(bytes: Buffer): Omit<Part10, 'dataSet'> {
  const metaOffset = findMeta(bytes);
  const metaEnd = metaOffset === undefined ? 0 : findMetaEnd(bytes, metaOffset);
  const meta = metaOffset === undefined ? noMeta : walkDataSet(bytes.subarray(metaOffset, metaEnd), explicitLittle);
  const transferSyntaxUid = statedSyntax(meta) ?? guessSyntax(bytes.subarray(metaEnd));
  return { transferSyntaxUid, dataSetOffsetBytes: metaEnd, meta };
}

/** What the file meta of a file that we write says. */
export interface FileMeta {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly sourceAeTitle?: string;
}

/** Preamble, magic word and group 0002 of a new file, ourselves as implementation (PS3.10 7.1). */
export function encodeFileMeta(meta: FileMeta): Buffer {
  const elements = [
    metaElement(tags.FileMetaInformationVersion, 'OB', Buffer.of(0, 1)),
    metaElement(tags.MediaStorageSopClassUid, 'UI', meta.sopClassUid),
    metaElement(tags.MediaStorageSopInstanceUid, 'UI', meta.sopInstanceUid),
    metaElement(tags.TransferSyntaxUid, 'UI', meta.transferSyntaxUid),
    metaElement(tags.ImplementationClassUid, 'UI', implementationClassUid),
    metaElement(tags.ImplementationVersionName, 'SH', implementationVersionName),
    ...(meta.sourceAeTitle === undefined
      ? []
      : [metaElement(tags.SourceApplicationEntityTitle, 'AE', meta.sourceAeTitle)]),
  ].flat();
  const groupLength = encodeNumbers('UL', totalBytes(elements));
  const first = encodeElement(tags.FileMetaInformationGroupLength, 'UL', [groupLength], explicitLittle);
  return Buffer.concat([Buffer.alloc(preambleBytes), magic, ...first, ...elements]);
}

function metaElement(tag: number, vr: string, value: string | Buffer): readonly Buffer[] {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  return encodeElement(tag, vr, [bytes], explicitLittle);
}

function openDataSet(bytes: Buffer, transferSyntaxUid: TransferSyntaxUid, limits: Part10Limits): DataSet {
  const plain = transferSyntaxUid === deflatedUid ? inflate(bytes, limits.maxInflatedBytes) : bytes;
  return walkDataSet(plain, encodingOf(transferSyntaxUid));
}

/** A trailing NUL pads a deflated stream to an even length and is no part of it (PS3.5 A.5): zlib ignores it. */
function inflate(bytes: Buffer, maxInflatedBytes: number): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxInflatedBytes });
  } catch (cause) {
    throw new DicomError('DICOM_INFLATE_FAILED', { sizeBytes: bytes.length, maxInflatedBytes }, { cause });
  }
}

/** Where group 0002 begins: behind the magic word, with or without preamble, or at once. */
function findMeta(bytes: Buffer): number | undefined {
  const candidates = [preambleBytes, 0].filter((at) => bytes.subarray(at, at + 4).equals(magic)).map((at) => at + 4);
  return [...candidates, 0].find((at) => isMetaElement(bytes, at));
}

function isMetaElement(bytes: Buffer, offset: number): boolean {
  const header = readElementHeader(bytes, offset, bytes.length, explicitLittle);
  return header !== undefined && groupOfTag(header.tag) === 2;
}

/** The first tag outside group 0002. The group length is not believed: it is often wrong. */
function findMetaEnd(bytes: Buffer, metaOffset: number): number {
  let at = metaOffset;
  for (;;) {
    const header = readElementHeader(bytes, at, bytes.length, explicitLittle);
    if (header === undefined || groupOfTag(header.tag) !== 2) return at;
    const next = at + header.headerBytes + header.declaredBytes;
    if (next > bytes.length) return at;
    at = next;
  }
}

function statedSyntax(meta: DataSet): TransferSyntaxUid | undefined {
  const text = readString(meta, tags.TransferSyntaxUid);
  return text !== undefined && isUid<TransferSyntaxUid>(text) ? text : undefined;
}

/** By the first element: two letters at byte 4 are a VR; a group below 0100 tells the byte order. */
function guessSyntax(bytes: Buffer): TransferSyntaxUid {
  if (bytes.length < 8) throw new DicomError('DICOM_NOT_DICOM', { sizeBytes: bytes.length });
  const explicit = /^[A-Z]{2}$/.test(bytes.toString('latin1', 4, 6));
  const little = bytes.readUInt16LE(0);
  const big = bytes.readUInt16BE(0);
  if (explicit && big < little) return explicitBigUid;
  if (explicit) return explicitLittleUid;
  const lengthBytes = bytes.readUInt32LE(4);
  if (little === 0 || little > 0xff || (lengthBytes > bytes.length && lengthBytes !== undefinedLength)) {
    throw new DicomError('DICOM_NOT_DICOM', { sizeBytes: bytes.length });
  }
  return implicitLittleUid;
}
