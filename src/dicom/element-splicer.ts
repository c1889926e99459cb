import type { DataSet, Element } from './data-set.ts';
import { encodeElement, encodeItem, swapValue } from './element-encoder.ts';
import { encapsulateFrames } from './encapsulate.ts';
import { DicomError } from './errors.ts';
import { reencodeElement, sameEncoding } from './reencode.ts';
import { groupOfTag, tags } from './tags.ts';
import type { Encoding } from './transfer-syntax.ts';

/** One change at the level of a data set or item. Of two edits of one tag the later holds. */
export type Edit =
  /** Replaces every occurrence, or inserts at the tag's place. Numbers and words little endian; padded if odd. */
  | { readonly tag: number; readonly vr: string; readonly value: Buffer }
  /** Replaces the whole sequence, or inserts one. Sequence and items get defined lengths. */
  | { readonly tag: number; readonly items: readonly Item[] }
  /** Replaces Pixel Data by compressed frames; the target has to be explicit little endian. */
  | { readonly tag: typeof tags.PixelData; readonly frames: readonly Buffer[] }
  | { readonly tag: number; readonly remove: true };

/** An item to write: one of a source with edits, the source as it is (`edits` empty), or a new one (no `base`). */
export interface Item {
  readonly base?: DataSet;
  readonly edits: readonly Edit[];
}

export interface SpliceOptions {
  /** Encoding of the result; the source's where it is absent. */
  readonly target?: Encoding;
}

/**
 * The data set with edits made, as byte ranges for one `writev`: what no edit names is kept as views of the source,
 * byte for byte. No edits and no other encoding: the source itself, whatever is wrong with it. Group lengths of
 * changed groups go, and with any edit Length to End and the digital signatures of the root. dicom-io.md 7.2.
 * @throws DicomError DICOM_DATA_SET_FAULTY · DICOM_NOT_ENCODABLE
 */
export function splice(dataSet: DataSet, edits: readonly Edit[], options: SpliceOptions = {}): readonly Buffer[] {
  const target = options.target ?? dataSet.encoding;
  const changes = edits.length === 0 ? [] : [...rootRemovals, ...edits];
  return spliceLevel(dataSet, changes, target);
}

/** Ranges as one buffer, for tests and small headers; files are written from the ranges. */
export function joinRanges(ranges: readonly Buffer[]): Buffer {
  return Buffer.concat([...ranges]);
}

/** They describe bytes that are no longer there. dicom-io.md 7.2.6, 7.2.7; derived-objects.md 2.7. */
const rootRemovals: readonly Edit[] = [
  { tag: tags.LengthToEnd, remove: true },
  { tag: tags.MacParametersSequence, remove: true },
  { tag: tags.DigitalSignaturesSequence, remove: true },
];

function spliceLevel(dataSet: DataSet, edits: readonly Edit[], target: Encoding): readonly Buffer[] {
  const sameBytes = sameEncoding(dataSet.encoding, target);
  const byTag = new Map(edits.map((edit) => [edit.tag, edit]));
  if (byTag.size === 0 && sameBytes) return [dataSet.bytes];
  if (dataSet.fault !== undefined) throw new DicomError('DICOM_DATA_SET_FAULTY', { fault: dataSet.fault });
  const drops = sameBytes ? changedGroups(dataSet, byTag) : undefined;
  const newAt = placeNewElements(dataSet, byTag);
  const output = new RangeList(dataSet.bytes);
  for (const [index, element] of dataSet.elements.entries()) {
    for (const edit of newAt.get(index) ?? []) output.add(encodeEdit(edit, target));
    if (byTag.has(element.tag) || isDroppedGroupLength(element.tag, drops)) continue;
    if (sameBytes) output.keep(element.headerOffset, element.end);
    else output.add(reencodeElement(dataSet, element, target));
  }
  for (const edit of newAt.get(dataSet.elements.length) ?? []) output.add(encodeEdit(edit, target));
  return output.ranges();
}

/** `drops` undefined: every group changes. */
function isDroppedGroupLength(tag: number, drops: ReadonlySet<number> | undefined): boolean {
  return (tag & 0xffff) === 0 && (drops === undefined || drops.has(groupOfTag(tag)));
}

function changedGroups(dataSet: DataSet, byTag: ReadonlyMap<number, Edit>): ReadonlySet<number> {
  const present = new Set(dataSet.elements.map((element) => element.tag));
  const effective = [...byTag.values()].filter((edit) => !('remove' in edit) || present.has(edit.tag));
  return new Set(effective.map((edit) => groupOfTag(edit.tag)));
}

/** Edits that write, by the index of the element before which they stand, in tag order. */
function placeNewElements(dataSet: DataSet, byTag: ReadonlyMap<number, Edit>): ReadonlyMap<number, readonly Edit[]> {
  const places = new Map<number, Edit[]>();
  const writing = [...byTag.values()].filter((edit) => !('remove' in edit)).toSorted((a, b) => a.tag - b.tag);
  for (const edit of writing) {
    const index = placeOf(dataSet.elements, edit.tag);
    places.set(index, [...(places.get(index) ?? []), edit]);
  }
  return places;
}

/** Where the first of that tag stands; else before the first greater tag, sorted or not. */
function placeOf(elements: readonly Element[], tag: number): number {
  const present = elements.findIndex((element) => element.tag === tag);
  if (present !== -1) return present;
  const greater = elements.findIndex((element) => element.tag > tag);
  return greater === -1 ? elements.length : greater;
}

function encodeEdit(edit: Edit, target: Encoding): readonly Buffer[] {
  if ('remove' in edit) return [];
  if ('items' in edit) {
    const content = edit.items.flatMap((item) => encodeItem(itemContent(item, target), target));
    return encodeElement(edit.tag, 'SQ', content, target);
  }
  if ('frames' in edit) return encapsulateFrames(edit.frames);
  const value = target.littleEndian ? edit.value : swapValue(edit.vr, edit.value);
  return encodeElement(edit.tag, edit.vr, [value], target);
}

function itemContent({ base, edits }: Item, target: Encoding): readonly Buffer[] {
  const empty: DataSet = {
    bytes: Buffer.alloc(0),
    encoding: target,
    elements: [],
    fault: undefined,
    unsorted: false,
    signedPixels: false,
  };
  return spliceLevel(base ?? empty, edits, target);
}

/** Collects output; neighbouring kept ranges become one view. */
class RangeList {
  readonly #source: Buffer;
  readonly #ranges: Buffer[] = [];
  #start = 0;
  #end = 0;

  constructor(source: Buffer) {
    this.#source = source;
  }

  keep(start: number, end: number): void {
    if (start !== this.#end) {
      this.#flush();
      this.#start = start;
    }
    this.#end = end;
  }

  add(bytes: readonly Buffer[]): void {
    this.#flush();
    this.#ranges.push(...bytes.filter((range) => range.length > 0));
  }

  ranges(): readonly Buffer[] {
    this.#flush();
    return this.#ranges;
  }

  #flush(): void {
    if (this.#end > this.#start) this.#ranges.push(this.#source.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
