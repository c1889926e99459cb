import type { ElementHeader } from './element-header.ts';
import { insideOf, maxNesting, readElementHeader, undefinedLength } from './element-header.ts';
import { tags } from './tags.ts';
import type { Encoding } from './transfer-syntax.ts';
import { implicitLittle } from './transfer-syntax.ts';

/** A value of undefined length that is open: a sequence (or fragments) between its items, or an item of one. */
interface Open {
  readonly inItem: boolean;
  readonly encoding: Encoding;
}

/** What became of a header inside a value of undefined length. */
export type NestingStep =
  /** Jump over this many value bytes. */
  | { readonly kind: 'skip'; readonly valueBytes: number }
  /** A delimiter or the start of an item: go on behind the header. */
  | { readonly kind: 'enter' }
  /** The delimiter that ends the outermost value. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'fault'; readonly fault: 'too-deep' | 'opaque-tail' };

const enter: NestingStep = { kind: 'enter' };
const closed: NestingStep = { kind: 'closed' };
const tooDeep: NestingStep = { kind: 'fault', fault: 'too-deep' };
const unreadable: NestingStep = { kind: 'fault', fault: 'opaque-tail' };

/**
 * Follows a value of undefined length, header by header, without recursion: parts of defined length are jumped over,
 * so only those of undefined length stand on the stack. Fragments of pixel data are items of defined length: a
 * delimiter inside one is never looked at. A UN of undefined length is implicit little endian inside (PS3.5 6.2.2).
 */
export class Nesting {
  readonly #open: Open[];
  readonly #maxDepth: number;

  constructor(header: ElementHeader, encoding: Encoding, maxDepth = maxNesting) {
    this.#maxDepth = maxDepth;
    this.#open = [{ inItem: false, encoding: insideOf(header, encoding) }];
  }

  /** How the next header is encoded. */
  get encoding(): Encoding {
    return this.#open.at(-1)?.encoding ?? implicitLittle;
  }

  /** Only the outermost value is open, between two of its items. */
  get betweenItems(): boolean {
    return this.#open.length === 1;
  }

  step(header: ElementHeader): NestingStep {
    const top = this.#open.at(-1);
    if (top === undefined) return unreadable;
    return top.inItem ? this.#stepInItem(header, top) : this.#stepBetweenItems(header, top);
  }

  #stepBetweenItems(header: ElementHeader, top: Open): NestingStep {
    if (header.tag === tags.SequenceDelimitationItem) return this.#close();
    if (header.tag !== tags.Item) return unreadable;
    if (header.declaredBytes !== undefinedLength) return { kind: 'skip', valueBytes: header.declaredBytes };
    this.#open.push({ inItem: true, encoding: top.encoding });
    return enter;
  }

  #stepInItem(header: ElementHeader, top: Open): NestingStep {
    if (header.tag === tags.ItemDelimitationItem) return this.#close();
    if (header.tag >>> 16 === 0xfffe) return unreadable;
    if (header.declaredBytes !== undefinedLength) return { kind: 'skip', valueBytes: header.declaredBytes };
    if (this.#open.length >= this.#maxDepth * 2) return tooDeep;
    this.#open.push({ inItem: false, encoding: insideOf(header, top.encoding) });
    return enter;
  }

  #close(): NestingStep {
    this.#open.pop();
    return this.#open.length === 0 ? closed : enter;
  }
}

/** Where a value of undefined length ends: offset of its last delimiter, or why that cannot be said. */
export type ValueEnd =
  | { readonly delimiterOffset: number }
  | { readonly fault: 'truncated' | 'too-deep' | 'opaque-tail' };

/** The end of the value of undefined length that begins at `offset`. PS3.5 7.5.2, A.4. */
export function findValueEnd(
  bytes: Buffer,
  offset: number,
  limit: number,
  header: ElementHeader,
  encoding: Encoding,
): ValueEnd {
  const nesting = new Nesting(header, encoding);
  let at = offset;
  for (;;) {
    const inner = readElementHeader(bytes, at, limit, nesting.encoding);
    if (inner === undefined) return { fault: 'truncated' };
    const step = nesting.step(inner);
    if (step.kind === 'fault') return { fault: step.fault };
    if (step.kind === 'closed') return { delimiterOffset: at };
    at += inner.headerBytes + (step.kind === 'skip' ? step.valueBytes : 0);
    if (at > limit) return { fault: 'truncated' };
  }
}
