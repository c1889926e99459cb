import { type PaddingRange, readFrameFacts, readImageFacts } from './image-facts.ts';
import type { Part10 } from './part10.ts';
import type { PixelFrames } from './pixels.ts';

/** One slice or frame: its stored values, what they are worth, and where it lies. */
export interface FrameImage {
  readonly sopInstanceUid: string;
  /** From 1. */
  readonly frame: number;
  readonly rows: number;
  readonly columns: number;
  readonly stored: Int16Array | Uint16Array;
  /** Output value = stored · slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  /** What Bits Stored and Pixel Representation can hold. */
  readonly lowest: number;
  readonly highest: number;
  readonly padding: PaddingRange | undefined;
  /** Between rows, then between columns; `undefined` where the header is silent. */
  readonly pixelSpacingMm: readonly [number, number] | undefined;
  /** Along the normal; `undefined` where the header is silent. */
  readonly positionMm: number | undefined;
}

/** The frames of a decoded object, each with its own functional groups (PS3.3 C.7.6.16). Values are views. */
export function frameImages({ dataSet }: Part10, pixels: PixelFrames): readonly FrameImage[] {
  const { rows, columns, bitsStored, pixelRepresentation } = pixels;
  const { sopInstanceUid, padding } = readImageFacts(dataSet);
  const size = rows * columns;
  return Array.from({ length: pixels.frames }, (_, frame) => ({
    sopInstanceUid,
    frame: frame + 1,
    rows,
    columns,
    stored: pixels.stored.subarray(frame * size, (frame + 1) * size),
    lowest: pixelRepresentation === 1 ? -(2 ** (bitsStored - 1)) : 0,
    highest: 2 ** (bitsStored - pixelRepresentation) - 1,
    padding,
    ...readFrameFacts(dataSet, frame),
  }));
}

/** Slices in the order of their positions; equal ones by UID and frame, so that the order never depends on files. */
export function byPosition(a: FrameImage, b: FrameImage): number {
  const along = (a.positionMm ?? 0) - (b.positionMm ?? 0);
  if (along !== 0) return along;
  return a.sopInstanceUid === b.sopInstanceUid ? a.frame - b.frame : a.sopInstanceUid < b.sopInstanceUid ? -1 : 1;
}
