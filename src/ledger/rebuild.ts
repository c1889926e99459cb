import { type DerivedRow, digestOf, type Ledger } from './ledger.ts';
import { adopt, type ReadInstance, type SpoolFile, type SpoolFiles } from './recovery.ts';

/** Reads from a file of ours what its row holds: UIDs, source, task and context stand in its header. */
export type ReadDerived = (file: SpoolFile) => Promise<DerivedRow | undefined>;

export interface Rebuild {
  readonly instances: number;
  readonly derived: number;
  readonly setAside: number;
}

/**
 * Makes the rows of an empty ledger from the spool's files (architecture.md, "Faults"). Series collect anew and are
 * decided by the rules of today; deliveries start again, harmlessly, since UIDs are functions of content. Of two files
 * with one UID the older is the instance and the other the conflict, as on arrival.
 */
export async function rebuild(
  ledger: Ledger,
  spool: SpoolFiles,
  read: { readonly instance: ReadInstance; readonly derived: ReadDerived },
  now: number,
): Promise<Rebuild> {
  const files = await filesByAge(spool, 'instance');
  let instances = 0;
  for (const file of files) {
    if (await adopt(ledger, spool, read.instance, digestOf(file.digest))) instances++;
  }
  const derived = await rebuildDerived(ledger, spool, read.derived, now);
  await ledger.markClean(Number.MAX_SAFE_INTEGER);
  return { instances, derived: derived.adopted, setAside: files.length - instances + derived.setAside };
}

async function rebuildDerived(ledger: Ledger, spool: SpoolFiles, read: ReadDerived, now: number) {
  let adopted = 0;
  let setAside = 0;
  for (const file of await filesByAge(spool, 'derived')) {
    const digest = digestOf(file.digest);
    const row = await read(file);
    const sound = row !== undefined && (await spool.check('derived', digest, row.dataSetOffsetBytes)) === 'complete';
    if (sound) {
      await ledger.adoptDerived({ ...row, digest }, now);
      adopted++;
    } else {
      await spool.setAside('derived', digest);
      setAside++;
    }
  }
  return { adopted, setAside };
}

async function filesByAge(spool: SpoolFiles, origin: 'instance' | 'derived'): Promise<readonly SpoolFile[]> {
  const files: SpoolFile[] = [];
  for await (const digest of spool.digests(origin)) files.push(await spool.file(origin, digest));
  return files.toSorted((a, b) => a.modifiedAt - b.modifiedAt || a.digest.localeCompare(b.digest, 'en'));
}
