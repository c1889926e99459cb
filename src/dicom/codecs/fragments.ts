import { type DataSet, findElement, valueBytes } from '../data-set.ts';
import { DicomError } from '../errors.ts';
import { listItems } from '../items.ts';
import { tags } from '../tags.ts';

/**
 * The frames of encapsulated pixel data, each in one buffer: a view where the frame is one fragment (PS3.5 A.4).
 * Which fragments make a frame: one each, or all of a single frame, or as the offset table says, or else, where that
 * is empty, by the codestreams' first bytes. Fragments are taken by their lengths only.
 * @throws DicomError DICOM_PIXELS_SHORT when there are not as many frames as the header says
 */
export function splitFrames(dataSet: DataSet, frames: number): readonly Buffer[] {
  const pixels = findElement(dataSet, tags.PixelData);
  if (pixels === undefined) throw new DicomError('DICOM_NO_PIXELS');
  const [table, ...fragments] = listItems(valueBytes(dataSet, pixels), dataSet.encoding).map((item) => item.value);
  const groups = group(table ?? Buffer.alloc(0), fragments, frames);
  if (groups.length !== frames) throw new DicomError('DICOM_PIXELS_SHORT', { frames, found: groups.length });
  return groups.map(join);
}

function group(table: Buffer, fragments: readonly Buffer[], frames: number): readonly (readonly Buffer[])[] {
  if (frames === 1 && fragments.length > 0) return [fragments];
  if (fragments.length === frames) return fragments.map((fragment) => [fragment]);
  return groupByTable(table, fragments, frames) ?? groupByStart(fragments);
}

/** Offsets count from the first byte behind the table, item headers included (PS3.5 A.4). */
function groupByTable(
  table: Buffer,
  fragments: readonly Buffer[],
  frames: number,
): readonly (readonly Buffer[])[] | undefined {
  if (table.length !== frames * 4) return undefined;
  const starts = new Set(Array.from({ length: frames }, (_, frame) => table.readUInt32LE(frame * 4)));
  const groups: Buffer[][] = [];
  let offset = 0;
  for (const fragment of fragments) {
    if (starts.has(offset)) groups.push([]);
    groups.at(-1)?.push(fragment);
    offset += 8 + fragment.length;
  }
  return groups.length === frames ? groups : undefined;
}

/** Without a table a frame begins where a codestream does: SOI of JPEG and JPEG-LS, SOC of JPEG 2000. */
function groupByStart(fragments: readonly Buffer[]): readonly (readonly Buffer[])[] {
  const groups: Buffer[][] = [];
  for (const fragment of fragments) {
    if (startsCodestream(fragment)) groups.push([]);
    groups.at(-1)?.push(fragment);
  }
  return groups;
}

function startsCodestream(fragment: Buffer): boolean {
  if (fragment.length < 4) return false;
  const marker = fragment.readUInt16BE(0);
  return (marker === 0xffd8 && fragment.readUInt8(2) === 0xff) || fragment.readUInt32BE(0) === 0xff4fff51;
}

function join(fragments: readonly Buffer[]): Buffer {
  const [first] = fragments;
  return fragments.length === 1 && first !== undefined ? first : Buffer.concat(fragments);
}
