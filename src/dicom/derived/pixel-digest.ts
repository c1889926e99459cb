import { createHash } from 'node:crypto';
import { type DataSet, findElement, valueBytes } from '../data-set.ts';
import { readItems, readNumber, readNumbers } from '../element-values.ts';
import { listItems } from '../items.ts';
import type { Part10 } from '../part10.ts';
import { tags } from '../tags.ts';
import { findTransferSyntax } from '../transfer-syntax.ts';
import { canonicalJson } from './canonical-json.ts';
import { derivedTags } from './derived-tags.ts';
import type { StoredValues } from './pixel-elements.ts';

/** What the stored values mean: a part of the digest, so that equal numbers of another scale are other pixels. */
interface PixelDescription {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsStored: number;
  readonly pixelRepresentation: number;
  /** Rescale Slope and Intercept: one for a classic instance, one per frame for a multi-frame one; empty when absent. */
  readonly slopes: readonly number[];
  readonly intercepts: readonly number[];
  /** Pixel Padding Value, then Range Limit; empty when absent. */
  readonly padding: readonly number[];
}

/**
 * SHA-256 of the decoded stored values of a source (16 bits, little endian, all frames) and of what they mean: the
 * same image in another lossless transfer syntax has the same digest. In a lossy transfer syntax the compressed
 * fragments stand for the values, since decoders differ. 64 hexadecimal digits. derived-objects.md 1.1.
 */
export function pixelDigest(source: Part10, stored: StoredValues): string {
  const hash = createHash('sha256');
  const lossless = findTransferSyntax(source.transferSyntaxUid)?.lossless ?? false;
  const decoded = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  for (const part of lossless ? [decoded] : fragmentsOf(source.dataSet)) hash.update(part);
  return hash.update(canonicalJson({ ...describePixels(source.dataSet) }), 'utf8').digest('hex');
}

/** Without the first item, the offset table (PS3.5 A.4). */
function fragmentsOf(dataSet: DataSet): readonly Buffer[] {
  const pixels = findElement(dataSet, tags.PixelData);
  if (pixels === undefined) return [];
  return listItems(valueBytes(dataSet, pixels), dataSet.encoding)
    .slice(1)
    .map((fragment) => fragment.value);
}

function describePixels(dataSet: DataSet): PixelDescription {
  return {
    rows: readNumber(dataSet, tags.Rows) ?? 0,
    columns: readNumber(dataSet, tags.Columns) ?? 0,
    frames: readNumber(dataSet, tags.NumberOfFrames) ?? 1,
    bitsStored: readNumber(dataSet, tags.BitsStored) ?? 0,
    pixelRepresentation: readNumber(dataSet, tags.PixelRepresentation) ?? 0,
    slopes: rescaleOf(dataSet, tags.RescaleSlope),
    intercepts: rescaleOf(dataSet, tags.RescaleIntercept),
    padding: [tags.PixelPaddingValue, tags.PixelPaddingRangeLimit].flatMap((tag) => readNumbers(dataSet, tag)),
  };
}

function rescaleOf(dataSet: DataSet, tag: number): readonly number[] {
  const frames = readItems(dataSet, tags.PerFrameFunctionalGroupsSequence);
  if (frames.length === 0) return readNumbers(dataSet, tag).filter(Number.isFinite);
  const shared = readItems(dataSet, tags.SharedFunctionalGroupsSequence)[0];
  return frames.flatMap((frame) => transformationNumber(frame, tag) ?? transformationNumber(shared, tag) ?? []);
}

function transformationNumber(groups: DataSet | undefined, tag: number): number | undefined {
  if (groups === undefined) return undefined;
  const transformation = readItems(groups, derivedTags.PixelValueTransformationSequence)[0];
  return transformation === undefined ? undefined : readNumber(transformation, tag);
}
