import { readElementHeader, undefinedLength } from './element-header.ts';
import { findValueEnd } from './nesting.ts';
import { tags } from './tags.ts';
import type { Encoding } from './transfer-syntax.ts';

/** One item of a sequence, or one fragment. */
export interface ItemRange {
  /** A view, without item header and delimiter. */
  readonly value: Buffer;
  readonly undefinedLength: boolean;
  /** First byte behind the item, its delimiter included, counted from the start of the sequence's value. */
  readonly end: number;
}

/** The items of a sequence's value, or the fragments of encapsulated pixel data; stops where none can be read. */
export function listItems(value: Buffer, encoding: Encoding): readonly ItemRange[] {
  const items: ItemRange[] = [];
  let offset = 0;
  for (;;) {
    const item = itemAt(value, offset, encoding);
    if (item === undefined) return items;
    items.push(item);
    offset = item.end;
  }
}

function itemAt(bytes: Buffer, offset: number, encoding: Encoding): ItemRange | undefined {
  const header = readElementHeader(bytes, offset, bytes.length, encoding);
  if (header?.tag !== tags.Item) return undefined;
  const start = offset + header.headerBytes;
  if (header.declaredBytes === undefinedLength) {
    const delimiter = findItemDelimiter(bytes, start, encoding);
    if (delimiter === undefined) return undefined;
    return { value: bytes.subarray(start, delimiter), undefinedLength: true, end: delimiter + 8 };
  }
  const end = start + header.declaredBytes;
  return end > bytes.length ? undefined : { value: bytes.subarray(start, end), undefinedLength: false, end };
}

function findItemDelimiter(bytes: Buffer, start: number, encoding: Encoding): number | undefined {
  let at = start;
  for (;;) {
    const header = readElementHeader(bytes, at, bytes.length, encoding);
    if (header === undefined) return undefined;
    if (header.tag === tags.ItemDelimitationItem) return at;
    at += header.headerBytes;
    if (header.declaredBytes === undefinedLength) {
      const found = findValueEnd(bytes, at, bytes.length, header, encoding);
      if ('fault' in found) return undefined;
      at = found.delimiterOffset + 8;
    } else at += header.declaredBytes;
  }
}
