import { findElement } from '../data-set.ts';
import type { Edit } from '../element-splicer.ts';
import { tags } from '../tags.ts';
import { notDerivable, type SourceInstance, voxelsOf } from './source.ts';

/** Stored values of all frames, sign-extended. */
export type StoredValues = Int16Array | Uint16Array;

/** Pixel Data and the extremes that the source names. derived-objects.md 2.6. */
export function pixelEdits(source: SourceInstance, stored: StoredValues): readonly Edit[] {
  if (stored.length !== voxelsOf(source)) throw notDerivable('as many new values as the source has voxels');
  return [{ tag: tags.PixelData, vr: 'OW', value: littleEndianBytes(stored) }, ...extremeEdits(source, stored)];
}

/** The values as bytes: a view, since every platform that Node runs on is little endian. */
function littleEndianBytes(stored: StoredValues): Buffer {
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** (0028,0106), (0028,0107), where the source has them, in the VR of the source. */
function extremeEdits({ dataSet }: SourceInstance, stored: StoredValues): readonly Edit[] {
  const smallest = findElement(dataSet, tags.SmallestImagePixelValue);
  const largest = findElement(dataSet, tags.LargestImagePixelValue);
  if (smallest === undefined && largest === undefined) return [];
  const { min, max } = extremesOf(stored);
  return [
    ...(smallest === undefined ? [] : [{ tag: smallest.tag, vr: smallest.vr, value: word(min) }]),
    ...(largest === undefined ? [] : [{ tag: largest.tag, vr: largest.vr, value: word(max) }]),
  ];
}

/** Smallest and largest stored value. */
export function extremesOf(stored: StoredValues): { readonly min: number; readonly max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of stored) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** US and SS alike: a vendor's wrong VR keeps its bits. */
function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
}
