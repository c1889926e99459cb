import { LedgerError } from '../../ledger/errors.ts';
import type { Ledger, NewInstance, RecordOutcome } from '../../ledger/ledger.ts';
import { SpoolError } from '../../spool/errors.ts';
import type { IncomingFile, Placed } from '../../spool/incoming-file.ts';
import type { StoreErrorCode } from '../status.ts';
import { KeyedTurns } from './keyed-turns.ts';

/** Either the object is durable, file, folder and row, or nothing of it was left behind. */
export type CommitOutcome = RecordOutcome | { readonly kind: 'failed'; readonly code: StoreErrorCode };

/**
 * Makes received objects durable (architecture.md rule 1, dicom-io.md 3.6.5): the file gets its final name, then its
 * data, its folder and the ledger's row are flushed together, and only then is there an outcome.
 */
export class Commits {
  readonly #ledger: Pick<Ledger, 'recordInstance' | 'forgetInstance'>;
  /** One commit at a time per file: a failed one takes its file back, and nobody else may count on it. */
  readonly #turns = new KeyedTurns<string>();

  constructor(ledger: Pick<Ledger, 'recordInstance' | 'forgetInstance'>) {
    this.#ledger = ledger;
  }

  commit(incoming: IncomingFile, row: NewInstance): Promise<CommitOutcome> {
    return this.#turns.run(row.digest, () => this.#commitInTurn(incoming, row));
  }

  async #commitInTurn(incoming: IncomingFile, row: NewInstance): Promise<CommitOutcome> {
    const placed = place(incoming, row.digest);
    if (placed.kind === 'failed') return placed;
    const kept = ofKeptFile(row, placed.file);
    const [synced, recorded] = await Promise.allSettled([placed.file.sync(), this.#record(kept)]);
    if (recorded.status === 'rejected') {
      undo(placed.file);
      return { kind: 'failed', code: codeOf(recorded.reason) };
    }
    if (synced.status === 'rejected') {
      await this.#takeBack(placed.file, row, recorded.value);
      return { kind: 'failed', code: codeOf(synced.reason) };
    }
    return recorded.value;
  }

  /** Asynchronous even where it throws at once, so that the file is taken back in that case too. */
  async #record(row: NewInstance): Promise<RecordOutcome> {
    return this.#ledger.recordInstance(row);
  }

  /** The row is there and its file may not be. A row that was there before stays, and recovery checks its file. */
  async #takeBack(file: Placed, row: NewInstance, outcome: RecordOutcome): Promise<void> {
    if (outcome.kind !== 'stored' && outcome.kind !== 'stored-again') return;
    const [forgotten] = await Promise.allSettled([this.#ledger.forgetInstance(row.sopInstanceUid)]);
    if (forgotten.status === 'fulfilled') undo(file);
  }
}

/** A file that was there without a row, from a store that failed, has a head of its own. */
function ofKeptFile(row: NewInstance, { extraHeadBytes }: Placed): NewInstance {
  if (extraHeadBytes === 0) return row;
  const dataSetOffsetBytes = row.dataSetOffsetBytes + extraHeadBytes;
  return { ...row, dataSetOffsetBytes, sizeBytes: row.sizeBytes + extraHeadBytes };
}

type PlaceOutcome =
  | { readonly kind: 'placed'; readonly file: Placed }
  | { readonly kind: 'failed'; readonly code: StoreErrorCode };

function place(incoming: IncomingFile, digest: string): PlaceOutcome {
  try {
    return { kind: 'placed', file: incoming.place(digest) };
  } catch (error) {
    quietly(() => incoming.discard());
    return { kind: 'failed', code: codeOf(error) };
  }
}

function undo(file: Placed): void {
  quietly(() => file.undo());
}

/** A file that can't be removed now does no harm: the next start removes parts, and adopts what is complete. */
function quietly(removal: () => void): void {
  try {
    removal();
  } catch (error) {
    if (!(error instanceof SpoolError)) throw error;
  }
}

function codeOf(error: unknown): StoreErrorCode {
  if (error instanceof SpoolError || error instanceof LedgerError) return error.code;
  return 'SCP_DEFECT';
}
