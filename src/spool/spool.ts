import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, statfsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SpoolError, spoolErrorOf, systemCodeOf } from './errors.ts';
import { GroupSync } from './group-sync.ts';
import { IncomingFile, type Placement } from './incoming-file.ts';
import { checkWatermarks, type Space, type SpaceVerdict, spaceOf, type Watermarks } from './watermarks.ts';

/** Which kind of file: a received instance, or one of ours. */
export type Origin = 'instance' | 'derived';

export interface SpoolOptions extends Watermarks {
  readonly folder: string;
}

export interface StoredFile {
  readonly origin: Origin;
  readonly digest: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}

const folderOf: Readonly<Record<Origin, string>> = { instance: 'stored', derived: 'derived' };
const digestForm = /^[0-9a-f]{64}$/;
const prefixForm = /^[0-9a-f]{2}$/;
const fileForm = /^([0-9a-f]{64})\.dcm$/;

/**
 * The node's files. `incoming/` holds what is being received, `stored/` and `derived/` complete objects named by the
 * SHA-256 of their data set, `aside/` damaged ones. Names come from content alone, never from the network.
 * @throws SpoolError
 */
export class Spool {
  readonly #folder: string;
  readonly #marks: Watermarks;
  readonly #folderSyncs = new Map<string, GroupSync>();
  readonly #made = new Set<string>();
  readonly #folderHandles = new Map<string, Promise<FileHandle>>();
  #verdict: SpaceVerdict = 'ok';

  private constructor(options: SpoolOptions) {
    this.#folder = options.folder;
    this.#marks = { highMark: options.highMark, lowMark: options.lowMark };
  }

  /** Makes the folders where they lack. Several processes may open one spool; only one of them calls `recover`. */
  static async open(options: SpoolOptions): Promise<Spool> {
    checkWatermarks(options);
    const spool = new Spool(options);
    try {
      await makeDurableFolder(options.folder);
      for (const name of ['incoming', 'stored', 'derived', 'aside']) {
        await mkdir(join(options.folder, name), { recursive: true, mode: 0o750 });
      }
      await spool.#folderSync(options.folder).flush();
    } catch (error) {
      throw spoolErrorOf(error);
    }
    return spool;
  }

  createIncoming(): IncomingFile {
    return this.#createPart('instance');
  }

  /** The same for an object of ours: `write`, `place` under the digest of its data set, `sync`. */
  createDerived(): IncomingFile {
    return this.#createPart('derived');
  }

  path(origin: Origin, digest: string): string {
    if (!digestForm.test(digest)) throw new SpoolError('SPOOL_BAD_DIGEST', { length: digest.length });
    return join(this.#folder, folderOf[origin], digest.slice(0, 2), `${digest}.dcm`);
  }

  /** Free space of the volume now; the verdict has hysteresis between the two marks. */
  space(): Space {
    try {
      const space = spaceOf(statfsSync(this.#folder), this.#marks, this.#verdict);
      this.#verdict = space.verdict;
      return space;
    } catch (error) {
      throw spoolErrorOf(error);
    }
  }

  /** Whether a file is there and its data set, from `dataSetOffsetBytes` on, has the digest of its name. */
  async check(origin: Origin, digest: string, dataSetOffsetBytes: number): Promise<'complete' | 'damaged' | 'missing'> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of createReadStream(this.path(origin, digest), { start: dataSetOffsetBytes })) {
        hash.update(chunk);
      }
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return 'missing';
      throw spoolErrorOf(error);
    }
    return hash.digest('hex') === digest ? 'complete' : 'damaged';
  }

  /** The first bytes of a file, at most `lengthBytes`: enough to look at its header. */
  async head(origin: Origin, digest: string, lengthBytes: number): Promise<Buffer> {
    try {
      await using file = await open(this.path(origin, digest), 'r');
      const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, 0);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw spoolErrorOf(error);
    }
  }

  /** Digests of every file under its final name, in no order. Files whose name is not a digest are left out. */
  async *digests(origin: Origin): AsyncGenerator<string> {
    const root = join(this.#folder, folderOf[origin]);
    for (const prefix of (await readdir(root)).filter((name) => prefixForm.test(name))) {
      for (const name of await readdir(join(root, prefix))) {
        const digest = fileForm.exec(name)?.[1];
        if (digest !== undefined) yield digest;
      }
    }
  }

  /** Size and age of one file. @throws SpoolError SPOOL_MISSING */
  async file(origin: Origin, digest: string): Promise<StoredFile> {
    const path = this.path(origin, digest);
    try {
      const { size, mtimeMs } = await stat(path);
      return { origin, digest, path, sizeBytes: size, modifiedAt: Math.round(mtimeMs) };
    } catch (error) {
      throw spoolErrorOf(error);
    }
  }

  /** At start, before anything is received: parts that a dead process left are removed. Resolves to how many. */
  async recover(): Promise<number> {
    try {
      const incoming = join(this.#folder, 'incoming');
      const parts = (await readdir(incoming)).filter((name) => name.endsWith('.part'));
      await Promise.all(parts.map((name) => unlink(join(incoming, name))));
      return parts.length;
    } catch (error) {
      throw spoolErrorOf(error);
    }
  }

  /** Moves a damaged file out of the way, for a person to look at; never unlinks it. Missing is fine. */
  async setAside(origin: Origin, digest: string): Promise<void> {
    const from = this.path(origin, digest);
    try {
      await rename(from, join(this.#folder, 'aside', `${digest}-${randomBytes(6).toString('hex')}.dcm`));
      await this.#folderSync(dirname(from)).flush();
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw spoolErrorOf(error);
    }
  }

  /** Retention's end of a file. Missing is fine: the row says `removed` afterwards in both cases. */
  async remove(origin: Origin, digest: string): Promise<void> {
    try {
      await unlink(this.path(origin, digest));
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw spoolErrorOf(error);
    }
  }

  async close(): Promise<void> {
    const handles = await Promise.all(this.#folderHandles.values());
    this.#folderHandles.clear();
    this.#folderSyncs.clear();
    await Promise.all(handles.map((handle) => handle.close()));
  }

  #createPart(origin: Origin): IncomingFile {
    const part = join(this.#folder, 'incoming', `${randomBytes(13).toString('hex')}.part`);
    return new IncomingFile(part, (digest) => this.#placement(origin, digest));
  }

  #placement(origin: Origin, digest: string): Placement {
    const path = this.path(origin, digest);
    const folder = dirname(path);
    this.#makeFolder(folder);
    return { path, syncFolder: () => this.#folderSync(folder).flush() };
  }

  /** Folders of two digits are made when a file first needs them: 512 at start are slow on a busy disk. */
  #makeFolder(folder: string): void {
    if (this.#made.has(folder)) return;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o750 });
      this.#made.add(folder);
    } catch (error) {
      throw spoolErrorOf(error);
    }
  }

  /** One group sync per folder, over a handle that stays open: opening it for each object costs a pool thread's turn. */
  #folderSync(folder: string): GroupSync {
    const known = this.#folderSyncs.get(folder);
    if (known !== undefined) return known;
    let entryIsDurable = folder === this.#folder;
    const created = new GroupSync(async () => {
      await (await this.#folderHandle(folder)).sync();
      if (!entryIsDurable) await this.#folderSync(dirname(folder)).flush();
      entryIsDurable = true;
    });
    this.#folderSyncs.set(folder, created);
    return created;
  }

  #folderHandle(folder: string): Promise<FileHandle> {
    const known = this.#folderHandles.get(folder);
    if (known !== undefined) return known;
    const opened = open(folder, 'r');
    this.#folderHandles.set(folder, opened);
    return opened;
  }
}

/** Makes a folder with all above it that lack; each that was made is durable in the one above. */
async function makeDurableFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o750 });
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
