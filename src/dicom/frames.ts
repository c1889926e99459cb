import type { Codecs, FrameCodec } from './codecs/codecs.ts';
import { type CodestreamHeader, readCodestream } from './codecs/codestream.ts';
import { splitFrames } from './codecs/fragments.ts';
import { type DataSet, findElement, valueBytes } from './data-set.ts';
import { DicomError } from './errors.ts';
import type { Part10 } from './part10.ts';
import { type PixelDescription, readPixelDescription } from './pixel-description.ts';
import { tags } from './tags.ts';
import { findTransferSyntax } from './transfer-syntax.ts';

/** The frames of an object, decoded one at a time: words or bytes as they were encoded, little endian. */
export interface FrameSource {
  readonly description: PixelDescription;
  /** `frameBytes` long; unused bits as they come. @throws DicomError DICOM_CODEC_FAILED · DICOM_CODESTREAM_DIFFERS */
  frame(index: number, codecs: Codecs): Promise<Buffer>;
}

/** Bytes of one decoded frame. */
function frameBytes({ rows, columns, bitsAllocated }: PixelDescription): number {
  return rows * columns * (bitsAllocated / 8);
}

/**
 * Opens the pixel data of a file, native or compressed; decodes nothing yet.
 * @throws DicomError DICOM_NO_PIXELS · DICOM_PIXELS_UNSUPPORTED · DICOM_PIXELS_SHORT · DICOM_CODEC_UNSUPPORTED
 */
export function openFrames({ dataSet, transferSyntaxUid }: Part10): FrameSource {
  const description = readPixelDescription(dataSet);
  const { codec, lossless } = findTransferSyntax(transferSyntaxUid) ?? unknownSyntax;
  if (codec === 'unsupported') throw new DicomError('DICOM_CODEC_UNSUPPORTED', { transferSyntaxUid });
  if (codec === 'native') return nativeFrames(dataSet, description);
  return compressedFrames(dataSet, description, { codec, lossless });
}

const unknownSyntax = { codec: 'unsupported', lossless: false } as const;

interface Compression {
  readonly codec: FrameCodec;
  readonly lossless: boolean;
}

function nativeFrames(dataSet: DataSet, description: PixelDescription): FrameSource {
  const element = findElement(dataSet, tags.PixelData);
  if (element === undefined) throw new DicomError('DICOM_NO_PIXELS');
  const sizeBytes = frameBytes(description);
  const neededBytes = sizeBytes * description.frames;
  if (element.undefinedLength || element.lengthBytes < neededBytes) {
    throw new DicomError('DICOM_PIXELS_SHORT', { lengthBytes: element.lengthBytes, neededBytes });
  }
  const bytes = valueBytes(dataSet, element);
  const wordsSwapped = !dataSet.encoding.littleEndian && (description.bitsAllocated === 16 || element.vr === 'OW');
  return {
    description,
    frame: (index) => Promise.resolve(nativeFrame(bytes, index * sizeBytes, sizeBytes, wordsSwapped)),
  };
}

/** Words of a big endian data set are turned round; a frame of bytes may begin or end in the middle of a word. */
function nativeFrame(bytes: Buffer, start: number, sizeBytes: number, wordsSwapped: boolean): Buffer {
  if (!wordsSwapped) return bytes.subarray(start, start + sizeBytes);
  const first = start - (start % 2);
  const last = Math.min(bytes.length - (bytes.length % 2), start + sizeBytes + ((start + sizeBytes) % 2));
  const words = Buffer.from(bytes.subarray(first, last)).swap16();
  return words.subarray(start - first, start - first + sizeBytes);
}

function compressedFrames(dataSet: DataSet, description: PixelDescription, compression: Compression): FrameSource {
  if (dataSet.fault !== undefined) throw new DicomError('DICOM_DATA_SET_FAULTY', { fault: dataSet.fault });
  const frames = splitFrames(dataSet, description.frames);
  return {
    description,
    frame: (index, codecs) => decodeFrame(frames[index] ?? Buffer.alloc(0), description, compression, codecs),
  };
}

async function decodeFrame(
  encoded: Buffer,
  description: PixelDescription,
  { codec, lossless }: Compression,
  codecs: Codecs,
): Promise<Buffer> {
  const codestream = readCodestream(codec, encoded);
  if (codestream !== undefined) refuseOtherImage(codestream, description);
  const decoded = await codecs.decode(codec, shapeFor(codestream, description), encoded);
  const neededBytes = frameBytes(description);
  if (decoded.length !== neededBytes) {
    throw new DicomError('DICOM_CODESTREAM_DIFFERS', { lengthBytes: decoded.length, neededBytes });
  }
  return lossless ? decoded : clampOvershoot(decoded, description, codestream);
}

/**
 * A lossy decoder overshoots: beside 4095 of 12 bits stored it may say 4170 where its codestream has 16 bits. Clearing
 * the bits above High Bit would make the brightest pixels dark, so they become the largest value instead.
 */
function clampOvershoot(
  decoded: Buffer,
  { bitsAllocated, bitsStored, pixelRepresentation }: PixelDescription,
  codestream: CodestreamHeader | undefined,
): Buffer {
  const precision = codestream?.precision ?? bitsStored;
  const signed = codestream?.signed ?? false;
  if (bitsAllocated !== 16 || precision <= bitsStored || signed !== (pixelRepresentation === 1)) return decoded;
  const max = 2 ** (signed ? bitsStored - 1 : bitsStored) - 1;
  const min = signed ? -max - 1 : 0;
  for (let at = 0; at < decoded.length; at += 2) {
    const word = signed ? decoded.readInt16LE(at) : decoded.readUInt16LE(at);
    if (word > max) decoded.writeUInt16LE(max, at);
    else if (word < min) decoded.writeInt16LE(min, at);
  }
  return decoded;
}

function refuseOtherImage({ rows, columns, components, precision }: CodestreamHeader, header: PixelDescription): void {
  const sameSize = rows === header.rows && columns === header.columns && components === 1;
  if (!sameSize) throw new DicomError('DICOM_CODESTREAM_DIFFERS', { rows, columns, components });
  if (precision !== undefined && precision > header.bitsAllocated) {
    throw new DicomError('DICOM_CODESTREAM_DIFFERS', { precision, bitsAllocated: header.bitsAllocated });
  }
}

/** JPEG 2000 says sign and precision itself, and they rule; the header's are for what comes after. dicom-io.md 8.1. */
function shapeFor(codestream: CodestreamHeader | undefined, description: PixelDescription): PixelDescription {
  if (codestream?.signed === undefined || codestream.precision === undefined) return description;
  const pixelRepresentation = codestream.signed ? 1 : 0;
  return { ...description, bitsStored: codestream.precision, pixelRepresentation };
}
