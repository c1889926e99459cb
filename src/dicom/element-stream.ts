import { type ElementHeader, readElementHeader, undefinedLength } from './element-header.ts';
import { Nesting } from './nesting.ts';
import { groupOfTag, tags } from './tags.ts';
import type { Encoding } from './transfer-syntax.ts';

/** Who wants to know. Called for top-level elements only, in the order of the bytes. */
export interface ElementSink {
  /** Whether the value is to be gathered; else it is passed over without being looked at. */
  wants(header: ElementHeader): boolean;
  value(header: ElementHeader, bytes: Buffer): void;
  /** Pixel data begin: nothing behind them is read. */
  pixelData(header: ElementHeader): void;
}

export type StreamFault =
  /** The bytes end inside a header or value. */
  | 'truncated'
  /** The fragments are whole, the delimiter behind them is missing. */
  | 'undelimited'
  | 'opaque-tail'
  | 'too-deep'
  /** More header than the limit before pixel data began. */
  | 'header-too-long';

const longestHeaderBytes = 12;
const pixelDataTags: ReadonlySet<number> = new Set([tags.PixelData, tags.FloatPixelData, tags.DoubleFloatPixelData]);

/**
 * The walk of `walkDataSet` over bytes that come in pieces, cut anywhere. Copies only headers that are cut and values
 * that are wanted; a view that lies inside a value costs one subtraction. Reads up to pixel data, whose length or
 * fragments it follows to their end. dicom-io.md 3.6.3.
 */
export class ElementStream {
  readonly #encoding: Encoding;
  readonly #sink: ElementSink;
  readonly #maxHeaderBytes: number;
  readonly #maxNesting: number | undefined;
  readonly #cut = Buffer.alloc(longestHeaderBytes);
  #cutBytes = 0;
  #current: ElementHeader | undefined;
  #nesting: Nesting | undefined;
  #gathered: Buffer | undefined;
  #gatheredBytes = 0;
  #skipBytes = 0;
  #position = 0;
  #inPixelData = false;
  #fault: StreamFault | undefined;
  #done = false;

  constructor(
    encoding: Encoding,
    sink: ElementSink,
    limits: { readonly maxHeaderBytes: number; readonly maxNesting?: number },
  ) {
    this.#encoding = encoding;
    this.#sink = sink;
    this.#maxHeaderBytes = limits.maxHeaderBytes;
    this.#maxNesting = limits.maxNesting;
  }

  /** Nothing that follows can change what is known: the rest need not be pushed. */
  get done(): boolean {
    return this.#done;
  }

  push(view: Buffer): void {
    let at = 0;
    while (at < view.length && !this.#done) {
      const next = this.#step(view, at);
      this.#position += next - at;
      at = next;
    }
  }

  /** What is wrong with the bytes now that no more come; `undefined` when they end behind an element. */
  end(): StreamFault | undefined {
    if (this.#done) return this.#fault;
    if (this.#cutBytes > 0 || this.#skipBytes > 0 || this.#gathered !== undefined) return this.#cutShort();
    if (this.#nesting === undefined) return undefined;
    return this.#inPixelData && this.#nesting.betweenItems ? 'undelimited' : this.#cutShort();
  }

  /** A length that was read behind bytes that are no VR means nothing: as in `walkDataSet`, the tail is opaque. */
  #cutShort(): StreamFault {
    const unreadable = this.#cutBytes === 0 && this.#nesting === undefined && this.#current?.vrReadable === false;
    return unreadable ? 'opaque-tail' : 'truncated';
  }

  #step(view: Buffer, at: number): number {
    if (this.#skipBytes > 0) return this.#skip(view, at);
    if (this.#gathered !== undefined) return this.#gather(view, at, this.#gathered);
    return this.#header(view, at);
  }

  #stop(fault: StreamFault | undefined): void {
    this.#done = true;
    this.#fault = fault;
  }

  #skip(view: Buffer, at: number): number {
    const step = Math.min(this.#skipBytes, view.length - at);
    this.#skipBytes -= step;
    if (this.#skipBytes === 0) this.#valueEnds();
    return at + step;
  }

  #gather(view: Buffer, at: number, into: Buffer): number {
    const copied = view.copy(into, this.#gatheredBytes, at);
    this.#gatheredBytes += copied;
    if (this.#gatheredBytes === into.length) {
      this.#gathered = undefined;
      if (this.#current !== undefined) this.#sink.value(this.#current, into);
    }
    return at + copied;
  }

  #valueEnds(): void {
    if (this.#inPixelData && this.#nesting === undefined) this.#stop(undefined);
  }

  /** Reads the header at `at`, from the view or from the scratch where it was cut; gives where to go on. */
  #header(view: Buffer, at: number): number {
    const encoding = this.#nesting?.encoding ?? this.#encoding;
    if (this.#cutBytes === 0) {
      if (this.#isBeyondLimit()) {
        this.#stop('header-too-long');
        return at;
      }
      const header = readElementHeader(view, at, view.length, encoding);
      if (header === undefined) return this.#keepCut(view, at, longestHeaderBytes);
      this.#enter(header);
      return at + header.headerBytes;
    }
    const next = this.#keepCut(view, at, this.#cutBytes < 8 ? 8 : longestHeaderBytes);
    const header = readElementHeader(this.#cut, 0, this.#cutBytes, encoding);
    if (header === undefined) return next;
    this.#cutBytes = 0;
    this.#enter(header);
    return next;
  }

  /** Asked where a header begins, never inside one, so that cuts of the input make no difference. */
  #isBeyondLimit(): boolean {
    return !this.#inPixelData && this.#position > this.#maxHeaderBytes;
  }

  #keepCut(view: Buffer, at: number, upTo: number): number {
    const end = Math.min(view.length, at + upTo - this.#cutBytes);
    this.#cutBytes += view.copy(this.#cut, this.#cutBytes, at, end);
    return end;
  }

  #enter(header: ElementHeader): void {
    if (this.#nesting === undefined) this.#enterTopLevel(header);
    else this.#enterNested(header, this.#nesting);
  }

  #enterTopLevel(header: ElementHeader): void {
    this.#current = header;
    if (groupOfTag(header.tag) === 0xfffe) return this.#stop('opaque-tail');
    if (pixelDataTags.has(header.tag)) {
      this.#inPixelData = true;
      this.#sink.pixelData(header);
    }
    if (header.declaredBytes === undefinedLength) this.#nesting = new Nesting(header, this.#encoding, this.#maxNesting);
    else if (!this.#inPixelData && this.#sink.wants(header)) this.#startGathering(header);
    else this.#startSkipping(header.declaredBytes);
    return undefined;
  }

  #startGathering(header: ElementHeader): void {
    if (header.declaredBytes === 0) return this.#sink.value(header, Buffer.alloc(0));
    this.#gathered = Buffer.alloc(header.declaredBytes);
    this.#gatheredBytes = 0;
    return undefined;
  }

  #startSkipping(bytes: number): void {
    this.#skipBytes = bytes;
    if (bytes === 0) this.#valueEnds();
  }

  #enterNested(header: ElementHeader, nesting: Nesting): void {
    const step = nesting.step(header);
    if (step.kind === 'fault') this.#stop(step.fault);
    else if (step.kind === 'skip') this.#skipBytes = step.valueBytes;
    else if (step.kind === 'closed') {
      this.#nesting = undefined;
      this.#valueEnds();
    }
  }
}
