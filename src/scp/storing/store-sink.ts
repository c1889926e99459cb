import { createHash } from 'node:crypto';
import type { HeaderScanner, ScannedHeader } from '../../dicom/header-scanner.ts';
import type { Digest } from '../../ledger/ledger.ts';
import { digestOf } from '../../ledger/ledger.ts';
import { spoolErrorOf } from '../../spool/errors.ts';
import type { IncomingFile } from '../../spool/incoming-file.ts';
import type { StoreErrorCode } from '../status.ts';
import type { Drainable, SinkBudget } from './sink-budget.ts';

/** Bytes are written in pieces of at least this size, or at the end of the object. */
const pieceBytes = 256 * 1024;
/** Objects above this are written back while they arrive, which bounds dirty pages (dicom-io.md 6.3). */
const earlyFlushBytes = 8 * 1024 * 1024;

/** An object that has come to its end: complete in the page cache, not durable. */
export interface ReceivedObject {
  readonly incoming: IncomingFile;
  readonly header: ScannedHeader;
  /** SHA-256 of the data set bytes. */
  readonly digest: Digest;
  readonly dataSetBytes: number;
}

export interface SinkParts {
  readonly incoming: IncomingFile;
  readonly scanner: HeaderScanner;
  readonly budget: SinkBudget;
  /** Most bytes that the data set may have, and why. */
  readonly limit: { readonly bytes: number; readonly code: StoreErrorCode };
  /** Written before the data set and not hashed. */
  readonly meta: Buffer;
}

/**
 * Takes the bytes of one data set: into the file, the hash and the header scanner, each byte once and never gathered
 * (dicom-io.md 3.5, 3.6). A failure to write is kept until `finish`; what follows it is swallowed.
 */
export class StoreSink implements Drainable {
  readonly #incoming: IncomingFile;
  readonly #scanner: HeaderScanner;
  readonly #budget: SinkBudget;
  readonly #limit: SinkParts['limit'];
  readonly #hash = createHash('sha256');
  #unwrittenMeta: readonly Buffer[];
  #views: Buffer[] = [];
  #waitingBytes = 0;
  #dataSetBytes = 0;
  #flushedBytes = 0;
  #flush: Promise<void> | undefined;
  #failure: StoreErrorCode | undefined;
  #ended = false;

  constructor({ incoming, scanner, budget, limit, meta }: SinkParts) {
    this.#incoming = incoming;
    this.#scanner = scanner;
    this.#budget = budget;
    this.#limit = limit;
    this.#unwrittenMeta = [meta];
    budget.join(this);
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get dataSetBytes(): number {
    return this.#dataSetBytes;
  }

  /** Takes the next bytes. A promise given back asks to hold the peer until it settles; it never rejects. */
  write(view: Buffer): Promise<void> | undefined {
    this.#dataSetBytes += view.length;
    if (this.#failure !== undefined) return undefined;
    if (this.#dataSetBytes > this.#limit.bytes) {
      this.#fail(this.#limit.code);
      return undefined;
    }
    this.#scanner.push(view);
    this.#views.push(view);
    this.#waitingBytes += view.length;
    this.#budget.changed(view.length);
    if (this.#waitingBytes >= pieceBytes) this.drain();
    return this.#flushEarly();
  }

  /** Writes and hashes what waits. */
  drain(): void {
    const views = this.#views;
    this.#views = [];
    const written = this.#waitingBytes;
    this.#waitingBytes = 0;
    this.#attempt(() => {
      for (const view of views) this.#hash.update(view);
      this.#incoming.write([...this.#unwrittenMeta, ...views]);
      this.#unwrittenMeta = [];
    });
    this.#budget.changed(-written);
  }

  /** The data set has ended: the object, or why there is none. Its file is gone in that case. */
  async finish(): Promise<ReceivedObject | StoreErrorCode> {
    if (this.#failure === undefined) this.drain();
    this.#leave();
    await this.#flush;
    if (this.#failure !== undefined) return this.#failure;
    return {
      incoming: this.#incoming,
      header: this.#scanner.finish(),
      digest: digestOf(this.#hash.digest('hex')),
      dataSetBytes: this.#dataSetBytes,
    };
  }

  /** The data set will not come to its end. */
  async discard(): Promise<void> {
    this.#leave();
    await this.#discardAfterFlush();
  }

  #flushEarly(): Promise<void> | undefined {
    if (this.#dataSetBytes - this.#flushedBytes < earlyFlushBytes) return undefined;
    if (this.#flush !== undefined) return this.#flush;
    this.drain();
    this.#flushedBytes = this.#dataSetBytes;
    this.#flush = this.#runFlush();
    return undefined;
  }

  async #runFlush(): Promise<void> {
    try {
      await this.#incoming.flushEarly();
    } catch (error) {
      this.#fail(spoolErrorOf(error).code);
    }
    this.#flush = undefined;
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(spoolErrorOf(error).code);
    }
  }

  /** Nothing more is written; a flush in flight still has the file open, so the file goes after it. */
  #fail(code: StoreErrorCode): void {
    this.#failure ??= code;
    this.#leave();
    this.#views = [];
    void this.#discardAfterFlush();
  }

  async #discardAfterFlush(): Promise<void> {
    await this.#flush;
    try {
      this.#incoming.discard();
    } catch {
      // A part that can't be removed now is removed at the next start, as after a crash.
    }
  }

  #leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#budget.leave(this);
    this.#waitingBytes = 0;
  }
}
