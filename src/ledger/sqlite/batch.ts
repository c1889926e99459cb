import { LedgerError } from '../errors.ts';
import type { Database } from './database.ts';
import type { Call, Failure, Reply } from './messages.ts';
import { operations, runOperation } from './operations.ts';

/**
 * Runs calls in their order as one transaction: one flush for all of them (dicom-io.md 3.6.7). A call that fails takes
 * back its own changes only; when the transaction can't commit, every call of it failed.
 */
export function runBatch(db: Database, calls: readonly Call[]): readonly Reply<unknown>[] {
  const writes = calls.some(({ method }) => operations[method].access === 'write');
  try {
    db.exec(writes ? 'BEGIN IMMEDIATE' : 'BEGIN');
    const replies = calls.map((call) => reply(db, call));
    db.exec('COMMIT');
    return replies;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    const failure = failureOf(error);
    return calls.map(({ id }) => ({ id, failure }));
  }
}

function reply(db: Database, call: Call): Reply<unknown> {
  db.exec('SAVEPOINT call');
  try {
    return { id: call.id, result: runOperation(db, call.method, call.args) };
  } catch (error) {
    const failure = failureOf(error);
    if (!db.inTransaction) throw error; // SQLite took everything back itself: a full disk, for one.
    db.exec('ROLLBACK TO call');
    return { id: call.id, failure };
  } finally {
    if (db.inTransaction) db.exec('RELEASE call');
  }
}

/** A `LedgerError` as plain data. Anything else is a defect and ends the thread. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof LedgerError)) throw error;
  return { code: error.code, details: error.details };
}
