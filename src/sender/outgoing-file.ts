import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { SenderError } from './errors.ts';

/** Some bytes of a data set. They stay valid until `release`. */
export interface Slice {
  readonly bytes: Buffer;
  readonly isLast: boolean;
  release(): void;
}

/** A data set on its way out, slice by slice; each is read while the one before is being sent. */
export interface DataSetSource {
  /** @throws SenderError SENDER_UNREADABLE */
  next(): Promise<Slice>;
  close(): Promise<void>;
}

export interface StoredDataSet {
  readonly path: string;
  readonly dataSetOffsetBytes: number;
  /** SHA-256 of the data set, hexadecimal. */
  readonly digest: string;
}

/** Buffers of one size that go from file to file, so that sending allocates nothing for each object. */
export class SliceBuffers {
  readonly sizeBytes: number;
  readonly #free: Buffer[] = [];

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.sizeBytes);
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}

/** Slices that are read before they are asked for: on a busy machine each read waits for a thread's turn. */
const slicesAhead = 4;

/**
 * The data set of a stored file. Its digest is checked before the last slice is given out: damaged bytes are never
 * sent as a whole object.
 */
export class OutgoingFile implements DataSetSource {
  readonly #handle: FileHandle;
  readonly #endBytes: number;
  readonly #digest: string;
  readonly #buffers: SliceBuffers;
  readonly #hash: Hash = createHash('sha256');
  readonly #ahead: Promise<Slice>[] = [];
  #position: number;

  private constructor(handle: FileHandle, endBytes: number, stored: StoredDataSet, buffers: SliceBuffers) {
    this.#handle = handle;
    this.#endBytes = endBytes;
    this.#digest = stored.digest;
    this.#buffers = buffers;
    this.#position = stored.dataSetOffsetBytes;
    this.#readAhead();
  }

  /** Opens the file and starts to read. @throws SenderError SENDER_UNREADABLE */
  static async open(stored: StoredDataSet, buffers: SliceBuffers): Promise<OutgoingFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(stored.path, 'r');
      const { size } = await handle.stat();
      return new OutgoingFile(handle, size, stored, buffers);
    } catch (cause) {
      await handle?.close();
      throw unreadable('can not be opened', cause);
    }
  }

  async next(): Promise<Slice> {
    const slice = (await this.#ahead.shift()) ?? { bytes: Buffer.alloc(0), isLast: true, release: () => undefined };
    this.#readAhead();
    this.#hash.update(slice.bytes);
    if (slice.isLast && this.#hash.digest('hex') !== this.#digest) throw unreadable('digest differs');
    return slice;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#ahead);
    await this.#handle.close();
  }

  #readAhead(): void {
    while (this.#ahead.length < slicesAhead && this.#position < this.#endBytes) {
      const reading = this.#read(this.#position);
      reading.catch(() => undefined); // Heard by `next`, if it is called.
      this.#ahead.push(reading);
      this.#position += this.#buffers.sizeBytes;
    }
  }

  async #read(position: number): Promise<Slice> {
    const buffer = this.#buffers.take();
    const bytes = buffer.subarray(0, Math.min(buffer.length, this.#endBytes - position));
    await this.#fill(bytes, position);
    const isLast = position + bytes.length >= this.#endBytes;
    return { bytes, isLast, release: () => this.#buffers.give(buffer) };
  }

  async #fill(target: Buffer, position: number): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      const { bytesRead } = await this.#handle
        .read(target, filled, target.length - filled, position + filled)
        .catch((cause: unknown) => Promise.reject(unreadable('can not be read', cause)));
      if (bytesRead === 0) throw unreadable('is shorter than it was');
      filled += bytesRead;
    }
  }
}

/** A data set in memory, one that was transcoded, in slices of the same size. */
export class OutgoingBytes implements DataSetSource {
  readonly #ranges: readonly Buffer[];
  readonly #buffers: SliceBuffers;
  #range = 0;
  #offset = 0;

  constructor(ranges: readonly Buffer[], buffers: SliceBuffers) {
    this.#ranges = ranges.filter((range) => range.length > 0);
    this.#buffers = buffers;
  }

  async next(): Promise<Slice> {
    const buffer = this.#buffers.take();
    const bytes = buffer.subarray(0, this.#fill(buffer));
    return { bytes, isLast: this.#range >= this.#ranges.length, release: () => this.#buffers.give(buffer) };
  }

  async close(): Promise<void> {
    this.#range = this.#ranges.length;
  }

  #fill(target: Buffer): number {
    let filled = 0;
    for (let range = this.#ranges[this.#range]; range !== undefined && filled < target.length; ) {
      const copied = range.copy(target, filled, this.#offset);
      filled += copied;
      this.#offset += copied;
      if (this.#offset < range.length) break;
      this.#offset = 0;
      range = this.#ranges[++this.#range];
    }
    return filled;
  }
}

function unreadable(what: string, cause?: unknown): SenderError {
  const system = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return new SenderError('SENDER_UNREADABLE', { what, ...(system === undefined ? {} : { system }) }, { cause });
}
