import type { Ledger } from '../ledger/ledger.ts';
import type { Logger } from '../observe/logger.ts';
import type { Spool } from '../spool/spool.ts';

export interface RetentionParts {
  readonly ledger: Pick<Ledger, 'removable' | 'markRemoved'>;
  readonly spool: Spool;
  readonly logger: Logger;
  readonly now: () => number;
}

const filesAtOnce = 200;

/**
 * Removes files that every destination has had for `afterMs`; never one that is not delivered. The file goes first: an
 * object that comes again between the two steps has a file of its own then, which nobody removes. After a kill in
 * between the next run finds the row again.
 */
export async function removeDelivered(parts: RetentionParts, afterMs: number, signal: AbortSignal): Promise<number> {
  const { ledger, spool, logger, now } = parts;
  let removed = 0;
  while (!signal.aborted) {
    const files = await ledger.removable(now() - afterMs, filesAtOnce);
    if (files.length === 0) break;
    for (const { origin, digest } of files) await spool.remove(origin, digest);
    await ledger.markRemoved(
      files.map(({ sopInstanceUid }) => sopInstanceUid),
      now(),
    );
    removed += files.length;
  }
  if (removed > 0) logger.info('spool.removed', { instances: removed, spoolFreeBytes: spool.space().freeBytes });
  return removed;
}
