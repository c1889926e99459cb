import type { Codecs } from './codecs/codecs.ts';
import { DicomError } from './errors.ts';
import { type FrameSource, openFrames } from './frames.ts';
import type { Part10 } from './part10.ts';
import type { PixelDescription } from './pixel-description.ts';

/** Stored values of all frames, frame by frame, row by row; before Rescale Slope and Intercept. */
export interface PixelFrames extends PixelDescription {
  /** Int16Array when Pixel Representation is 1. Bits above High Bit are cleared, or filled with the sign. */
  readonly stored: Int16Array | Uint16Array;
}

export interface PixelLimits {
  readonly maxStoredBytes: number;
}

/**
 * Decodes all frames to stored values, whatever the transfer syntax. Uses the processor for long: call in a worker.
 * @throws DicomError DICOM_NO_PIXELS · DICOM_PIXELS_UNSUPPORTED · DICOM_PIXELS_SHORT · DICOM_PIXELS_TOO_MANY ·
 * DICOM_CODEC_UNSUPPORTED · DICOM_CODEC_FAILED · DICOM_CODESTREAM_DIFFERS · DICOM_DATA_SET_FAULTY
 */
export async function decodePixels(
  part10: Part10,
  codecs: Codecs,
  limits: PixelLimits = { maxStoredBytes: 2 ** 32 },
): Promise<PixelFrames> {
  const source = openFrames(part10);
  const { rows, columns, frames } = source.description;
  const storedBytes = rows * columns * frames * 2;
  if (storedBytes > limits.maxStoredBytes) throw new DicomError('DICOM_PIXELS_TOO_MANY', { storedBytes, ...limits });
  const stored = emptyStored(source.description, frames);
  for (let frame = 0; frame < frames; frame += 1) {
    // One after the other on purpose: the decoders share one memory, and the order is that of the frames.
    const bytes = await source.frame(frame, codecs);
    readStoredValues(source.description, bytes, stored.subarray(frame * rows * columns, (frame + 1) * rows * columns));
  }
  return { ...source.description, stored };
}

/** Stored values of one frame, for objects that are worked on in slabs. Throws as `decodePixels` does. */
export async function decodeFrame(
  source: FrameSource,
  frame: number,
  codecs: Codecs,
): Promise<Int16Array | Uint16Array> {
  return storedValues(source.description, await source.frame(frame, codecs));
}

/** Stored values of one decoded frame. */
export function storedValues(description: PixelDescription, bytes: Buffer): Int16Array | Uint16Array {
  const stored = emptyStored(description, 1);
  readStoredValues(description, bytes, stored);
  return stored;
}

function emptyStored(
  { rows, columns, pixelRepresentation }: PixelDescription,
  frames: number,
): Int16Array | Uint16Array {
  const length = rows * columns * frames;
  return pixelRepresentation === 1 ? new Int16Array(length) : new Uint16Array(length);
}

/** One word or byte per pixel in, one value out: PS3.5 8.1.1. The hot loop of reading. */
function readStoredValues(description: PixelDescription, bytes: Buffer, into: Int16Array | Uint16Array): void {
  const { bitsAllocated, bitsStored, highBit, pixelRepresentation } = description;
  const left = 31 - highBit;
  const right = 32 - bitsStored;
  const signed = pixelRepresentation === 1;
  for (let pixel = 0; pixel < into.length; pixel += 1) {
    const word =
      bitsAllocated === 16 ? (bytes[pixel * 2] ?? 0) | ((bytes[pixel * 2 + 1] ?? 0) << 8) : (bytes[pixel] ?? 0);
    const aligned = word << left;
    into[pixel] = signed ? aligned >> right : aligned >>> right;
  }
}
