import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writevSync,
} from 'node:fs';
import { SpoolError, spoolErrorOf, systemCodeOf } from './errors.ts';

/** Where a finished file goes, and how its folder is made durable. */
export interface Placement {
  readonly path: string;
  readonly syncFolder: () => Promise<void>;
}

/** A complete file under its final name; not durable before `sync()` resolved. Ends with `sync()` or `undo()`. */
export interface Placed {
  readonly path: string;
  /** The same bytes were there already: the first file is kept, ours is gone. */
  readonly existed: boolean;
  /**
   * How much longer the kept file is than ours. The data sets are the same bytes, so its head is longer by that: a row
   * made for our file must add it to size and offset.
   */
  readonly extraHeadBytes: number;
  /** Flushes the file's data and its folder's entry together (dicom-io.md 3.6.5). */
  sync(): Promise<void>;
  /**
   * Takes back a file whose ledger row could not be written; one that was there before stays. Stores of the same
   * digest must wait for each other, or the second would rely on a file that the first takes away.
   */
  undo(): void;
}

/**
 * A file being received: created exclusively, written synchronously into the page cache, then placed under the digest
 * of its data set or discarded. `await using` discards what was not placed.
 * @throws SpoolError SPOOL_FULL · SPOOL_UNAVAILABLE · SPOOL_FINISHED
 */
export class IncomingFile implements AsyncDisposable {
  readonly #path: string;
  readonly #placement: (digest: string) => Placement;
  readonly #descriptor: number;
  #sizeBytes = 0;
  #open = true;

  constructor(path: string, placement: (digest: string) => Placement) {
    this.#path = path;
    this.#placement = placement;
    this.#descriptor = attempt(() => openSync(path, 'wx', 0o640));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends the views in order. They may be reused when the call returns. */
  write(views: readonly NodeJS.ArrayBufferView[]): void {
    this.#assertOpen();
    attempt(() => {
      this.#sizeBytes += writeAll(this.#descriptor, views);
    });
  }

  /** Starts writing back what is in the page cache; for objects above 8 MiB, to bound dirty pages (dicom-io.md 6.3). */
  async flushEarly(): Promise<void> {
    this.#assertOpen();
    await syncData(this.#descriptor);
  }

  /** Gives the file its final name. `digest` is the SHA-256 of the data set bytes. */
  place(digest: string): Placed {
    this.#assertOpen();
    const placement = this.#placement(digest);
    const existed = attempt(() => moveKeepingFirst(this.#path, placement.path));
    this.#open = false;
    if (!existed) return new PlacedFile(placement, this.#descriptor, undefined);
    closeSync(this.#descriptor);
    return attempt(() => {
      const kept = openSync(placement.path, 'r');
      return new PlacedFile(placement, kept, fstatSync(kept).size - this.#sizeBytes);
    });
  }

  /** Drops what was received. Safe to call at any time, more than once, and after `place`. */
  discard(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
    attempt(() => unlinkIfThere(this.#path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.discard();
  }

  #assertOpen(): void {
    if (!this.#open) throw new SpoolError('SPOOL_FINISHED');
  }
}

class PlacedFile implements Placed {
  readonly path: string;
  readonly existed: boolean;
  readonly extraHeadBytes: number;
  readonly #syncFolder: () => Promise<void>;
  readonly #descriptor: number;
  #synced: Promise<void> | undefined;
  #undone = false;

  /** `longerBytes`: how much longer a file is that was there before. */
  constructor(placement: Placement, descriptor: number, longerBytes: number | undefined) {
    this.path = placement.path;
    this.existed = longerBytes !== undefined;
    this.extraHeadBytes = longerBytes ?? 0;
    this.#syncFolder = placement.syncFolder;
    this.#descriptor = descriptor;
  }

  sync(): Promise<void> {
    this.#synced ??= this.#flush();
    return this.#synced;
  }

  undo(): void {
    if (this.#undone) return;
    this.#undone = true;
    if (this.#synced === undefined) {
      closeSync(this.#descriptor);
      this.#synced = Promise.reject(new SpoolError('SPOOL_FINISHED'));
      this.#synced.catch(() => undefined);
    }
    if (!this.existed) attempt(() => unlinkIfThere(this.path));
  }

  async #flush(): Promise<void> {
    const data = syncData(this.#descriptor).finally(() => closeSync(this.#descriptor));
    const results = await Promise.allSettled([data, this.#syncFolder()]);
    for (const result of results) if (result.status === 'rejected') throw spoolErrorOf(result.reason);
  }
}

/** `writev` may write less than it was given: what is left goes again. */
function writeAll(descriptor: number, views: readonly NodeJS.ArrayBufferView[]): number {
  let rest = views.filter((view) => view.byteLength > 0);
  let total = 0;
  while (rest.length > 0) {
    const written = writevSync(descriptor, rest);
    total += written;
    rest = skipBytes(rest, written);
  }
  return total;
}

/** The views that remain after `count` bytes of them were written. */
function skipBytes(views: readonly NodeJS.ArrayBufferView[], count: number): NodeJS.ArrayBufferView[] {
  let left = count;
  const rest: NodeJS.ArrayBufferView[] = [];
  for (const view of views) {
    if (left >= view.byteLength) left -= view.byteLength;
    else {
      rest.push(new Uint8Array(view.buffer, view.byteOffset + left, view.byteLength - left));
      left = 0;
    }
  }
  return rest;
}

const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Renames without ever replacing: a hard link fails where the target exists, across processes too. Where a file system
 * has no hard links, looking first must do. Returns whether the target existed.
 */
function moveKeepingFirst(from: string, to: string): boolean {
  try {
    linkSync(from, to);
  } catch (error) {
    const system = systemCodeOf(error);
    if (noHardLinks.has(system) && !existsSync(to)) {
      renameSync(from, to);
      return false;
    }
    if (system !== 'EEXIST' && !noHardLinks.has(system)) throw error;
    unlinkSync(from);
    return true;
  }
  unlinkSync(from);
  return false;
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
}

function syncData(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(descriptor, (error) => (error === null ? resolve() : reject(spoolErrorOf(error))));
  });
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw spoolErrorOf(error);
  }
}
