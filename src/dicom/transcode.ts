import type { Codecs, FrameCodec } from './codecs/codecs.ts';
import { findElement } from './data-set.ts';
import { type Edit, splice } from './element-splicer.ts';
import { DicomError } from './errors.ts';
import { type FrameSource, openFrames } from './frames.ts';
import type { Part10 } from './part10.ts';
import type { PixelDescription } from './pixel-description.ts';
import { storedValues } from './pixels.ts';
import { tags } from './tags.ts';
import {
  explicitLittleUid,
  findTransferSyntax,
  htj2kLosslessUid,
  implicitLittleUid,
  jpeg2000LosslessUid,
  jpegLosslessUid,
  jpegLsUid,
  rleUid,
  type TransferSyntax,
} from './transfer-syntax.ts';
import type { TransferSyntaxUid } from './uid.ts';

/** The same object in another transfer syntax: data set bytes for `writev`, behind a file meta of its own. */
export interface Transcoded {
  readonly transferSyntaxUid: TransferSyntaxUid;
  readonly ranges: readonly Buffer[];
}

/** What objects can be transcoded to, best first: dicom-io.md 8.2. Lossless, all of them. */
export const transcodingTargets: readonly TransferSyntaxUid[] = [
  explicitLittleUid,
  implicitLittleUid,
  jpegLsUid,
  jpegLosslessUid,
  jpeg2000LosslessUid,
  rleUid,
  htj2kLosslessUid,
];

/**
 * Changes the transfer syntax and nothing else: same SOP Instance UID, same stored values, checked frame by frame.
 * Any native or decodable source to explicit or implicit little endian, or to a lossless compressed syntax; monochrome
 * only where frames are decoded or encoded. With new pixel data the root's signatures go. dicom-io.md 4.1.4, 4.1.5.
 * @throws DicomError DICOM_CODEC_UNSUPPORTED · DICOM_PIXELS_UNSUPPORTED · DICOM_CODEC_FAILED and the other codes of
 * `decodePixels` · DICOM_DATA_SET_FAULTY · DICOM_NOT_ENCODABLE
 */
export async function transcode(part10: Part10, targetUid: TransferSyntaxUid, codecs: Codecs): Promise<Transcoded> {
  const target = findTransferSyntax(targetUid);
  const source = findTransferSyntax(part10.transferSyntaxUid);
  if (source === undefined || target === undefined || !transcodingTargets.includes(targetUid)) {
    throw new DicomError('DICOM_CODEC_UNSUPPORTED', { transferSyntaxUid: targetUid });
  }
  const edits = await pixelEdits(part10, source, target, codecs);
  return { transferSyntaxUid: targetUid, ranges: splice(part10.dataSet, edits, { target: target.encoding }) };
}

async function pixelEdits(
  part10: Part10,
  source: TransferSyntax,
  target: TransferSyntax,
  codecs: Codecs,
): Promise<readonly Edit[]> {
  const bothNative = source.codec === 'native' && target.codec === 'native';
  const hasPixels = findElement(part10.dataSet, tags.PixelData) !== undefined;
  if (source.uid === target.uid || bothNative || !hasPixels) return [];
  const frames = openFrames(part10);
  if (target.codec === 'native') return nativeEdits(await decodeAll(frames, codecs), frames.description);
  if (target.codec === 'unsupported')
    throw new DicomError('DICOM_CODEC_UNSUPPORTED', { transferSyntaxUid: target.uid });
  return compressedEdits(await encodeAll(frames, target.codec, codecs));
}

function nativeEdits(frames: readonly Buffer[], { bitsAllocated }: PixelDescription): readonly Edit[] {
  const vr = bitsAllocated === 16 ? 'OW' : 'OB';
  return [{ tag: tags.PixelData, vr, value: Buffer.concat(frames) }, ...offsetTableRemovals];
}

function compressedEdits(frames: readonly Buffer[]): readonly Edit[] {
  return [{ tag: tags.PixelData, frames }, ...offsetTableRemovals];
}

const offsetTableRemovals: readonly Edit[] = [
  { tag: tags.ExtendedOffsetTable, remove: true },
  { tag: tags.ExtendedOffsetTableLengths, remove: true },
];

async function decodeAll(source: FrameSource, codecs: Codecs): Promise<readonly Buffer[]> {
  const frames: Buffer[] = [];
  for (let index = 0; index < source.description.frames; index += 1) frames.push(await source.frame(index, codecs));
  return frames;
}

async function encodeAll(source: FrameSource, codec: FrameCodec, codecs: Codecs): Promise<readonly Buffer[]> {
  const frames: Buffer[] = [];
  for (let index = 0; index < source.description.frames; index += 1) {
    frames.push(await encodeFrame(await source.frame(index, codecs), source.description, codec, codecs));
  }
  return frames;
}

/** Encodes and decodes again: an encoder that does not give the same stored values back is not used. */
async function encodeFrame(
  bytes: Buffer,
  description: PixelDescription,
  codec: FrameCodec,
  codecs: Codecs,
): Promise<Buffer> {
  const stored = storedValues(description, bytes);
  refuseForeignBits(bytes, stored, description);
  const encoded = await codecs.encode(codec, description, samplesOf(stored, description));
  const again = storedValues(description, await codecs.decode(codec, description, encoded));
  if (!bytesOf(again).equals(bytesOf(stored)))
    throw new DicomError('DICOM_CODEC_FAILED', { codec, reason: 'not lossless' });
  return encoded;
}

/** Bits outside the stored ones may be an overlay of old: no encoder keeps them, so such pixels stay native. */
function refuseForeignBits(bytes: Buffer, stored: Int16Array | Uint16Array, description: PixelDescription): void {
  const { bitsAllocated, bitsStored, highBit } = description;
  const mask = bitsStored === 16 ? 0xffff : (1 << bitsStored) - 1;
  const allocated = bitsAllocated === 16 ? 0xffff : 0xff;
  const foreign = stored.some((value, pixel) => {
    const word = bitsAllocated === 16 ? bytes.readUInt16LE(pixel * 2) : bytes.readUInt8(pixel);
    return word !== (value & mask) && word !== (value & allocated);
  });
  if (foreign || highBit !== bitsStored - 1) throw new DicomError('DICOM_PIXELS_UNSUPPORTED', { bitsStored, highBit });
}

function samplesOf(stored: Int16Array | Uint16Array, { bitsAllocated }: PixelDescription): Buffer {
  return bitsAllocated === 16 ? bytesOf(stored) : Buffer.from(stored);
}

function bytesOf(stored: Int16Array | Uint16Array): Buffer {
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
}
