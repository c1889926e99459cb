import { encodeDelimiter, encodeHeader, encodeItem } from './element-encoder.ts';
import { undefinedLength } from './element-header.ts';
import { tags } from './tags.ts';
import { explicitLittle } from './transfer-syntax.ts';

const largestOffset = 0xffffffff;

/** Pixel Data as fragments, one per frame, with a basic offset table (empty where offsets need more bits). PS3.5 A.4. */
export function encapsulateFrames(frames: readonly Buffer[]): readonly Buffer[] {
  return [
    encodeHeader(tags.PixelData, 'OB', undefinedLength, explicitLittle),
    ...encodeItem([offsetTable(frames)], explicitLittle),
    ...frames.flatMap((frame) => encodeItem(evenFrame(frame), explicitLittle)),
    encodeDelimiter(tags.SequenceDelimitationItem, explicitLittle),
  ];
}

function evenFrame(frame: Buffer): readonly Buffer[] {
  return frame.length % 2 === 0 ? [frame] : [frame, Buffer.alloc(1)];
}

function offsetTable(frames: readonly Buffer[]): Buffer {
  const table = Buffer.alloc(frames.length * 4);
  let offset = 0;
  for (const [index, frame] of frames.entries()) {
    if (offset > largestOffset) return Buffer.alloc(0);
    table.writeUInt32LE(offset, index * 4);
    offset += 8 + frame.length + (frame.length % 2);
  }
  return table;
}
