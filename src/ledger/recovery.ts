import { type Digest, digestOf, type InstanceRow, type Ledger, type NewInstance } from './ledger.ts';

/** What recovery and rebuild ask of the spool; `Spool` has it. */
export interface SpoolFiles {
  digests(origin: 'instance' | 'derived'): AsyncIterable<string>;
  file(origin: 'instance' | 'derived', digest: string): Promise<SpoolFile>;
  check(
    origin: 'instance' | 'derived',
    digest: string,
    dataSetOffsetBytes: number,
  ): Promise<'complete' | 'damaged' | 'missing'>;
  setAside(origin: 'instance' | 'derived', digest: string): Promise<void>;
}

export interface SpoolFile {
  readonly digest: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}

/** Reads from a stored file what its row holds; `undefined` when the file can't be read as an instance. */
export type ReadInstance = (file: SpoolFile) => Promise<NewInstance | undefined>;

export interface Recovery {
  /** Rows newer than the last clean mark whose file stood the check. */
  readonly checked: number;
  /** Rows whose file was missing or damaged: taken back, the file moved aside. They were never answered 0000. */
  readonly forgotten: readonly InstanceRow[];
  /** Complete files without a row, which have one now. */
  readonly adopted: number;
  /** Files without a row that are damaged or unreadable, moved aside. */
  readonly setAside: number;
}

/** At start, before anything is received: makes rows and files agree (dicom-io.md 3.6.6). Can be run again. */
export async function recover(ledger: Ledger, spool: SpoolFiles, readInstance: ReadInstance): Promise<Recovery> {
  const { checked, forgotten } = await checkNewRows(ledger, spool);
  const adoption = await adoptFiles(ledger, spool, readInstance);
  await ledger.markClean(Number.MAX_SAFE_INTEGER);
  return { checked, forgotten, ...adoption };
}

async function checkNewRows(ledger: Ledger, spool: SpoolFiles): Promise<Pick<Recovery, 'checked' | 'forgotten'>> {
  const rows = await ledger.instancesSinceCleanMark();
  const forgotten: InstanceRow[] = [];
  for (const row of rows) {
    if ((await spool.check('instance', row.digest, row.dataSetOffsetBytes)) === 'complete') continue;
    await ledger.forgetInstance(row.sopInstanceUid);
    await spool.setAside('instance', row.digest);
    forgotten.push(row);
  }
  return { checked: rows.length - forgotten.length, forgotten };
}

async function adoptFiles(
  ledger: Ledger,
  spool: SpoolFiles,
  readInstance: ReadInstance,
): Promise<Pick<Recovery, 'adopted' | 'setAside'>> {
  let adopted = 0;
  let setAside = 0;
  for await (const digest of unknownFiles(ledger, spool)) {
    if (await adopt(ledger, spool, readInstance, digest)) adopted++;
    else setAside++;
  }
  return { adopted, setAside };
}

/** True when the file is complete and has a row now; a file that is neither is moved aside, never unlinked. */
export async function adopt(
  ledger: Ledger,
  spool: SpoolFiles,
  readInstance: ReadInstance,
  digest: Digest,
): Promise<boolean> {
  const instance = await readInstance(await spool.file('instance', digest));
  const sound =
    instance !== undefined && (await spool.check('instance', digest, instance.dataSetOffsetBytes)) === 'complete';
  if (sound) await ledger.recordInstance({ ...instance, digest });
  else await spool.setAside('instance', digest);
  return sound;
}

const askedAtOnce = 1_000;

async function* unknownFiles(ledger: Ledger, spool: SpoolFiles): AsyncGenerator<Digest> {
  let batch: Digest[] = [];
  for await (const digest of spool.digests('instance')) {
    batch.push(digestOf(digest));
    if (batch.length < askedAtOnce) continue;
    yield* await ledger.unknownDigests(batch);
    batch = [];
  }
  yield* await ledger.unknownDigests(batch);
}
