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
 * Removes files that every destination has had for `afterMs`; never one that is not delivered. The row is marked first:
 * a kill between the two leaves a file too many, not a row whose file is gone.
 */
export async function removeDelivered(parts: RetentionParts, afterMs: number, signal: AbortSignal): Promise<number> {
  const { ledger, spool, logger, now } = parts;
  let removed = 0;
  while (!signal.aborted) {
    const files = await ledger.removable(now() - afterMs, filesAtOnce);
    if (files.length === 0) break;
    await ledger.markRemoved(
      files.map(({ sopInstanceUid }) => sopInstanceUid),
      now(),
    );
    for (const { origin, digest } of files) await spool.remove(origin, digest);
    removed += files.length;
  }
  if (removed > 0) logger.info('spool.removed', { instances: removed, spoolFreeBytes: spool.space().freeBytes });
  return removed;
}
