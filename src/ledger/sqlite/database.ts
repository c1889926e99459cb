import Libsql from 'libsql';
import { LedgerError, type LedgerErrorCode } from '../errors.ts';
import type { Row } from './rows.ts';

type Statement = Libsql.Statement<[Parameters]>;

/** Values by the names that the statement gives them (`@name`); all of them, since a missing one would be NULL. */
export type Parameters = Readonly<Record<string, string | number | null>>;

/** The few calls of SQLite that the ledger makes; statements are prepared once. Blocks its thread. */
export class Database {
  readonly #connection: Libsql.Database;
  readonly #statements = new Map<string, Statement>();
  #open = true;

  /** @throws LedgerError LEDGER_UNAVAILABLE · LEDGER_CORRUPT */
  constructor(file: string, busyTimeoutMs: number) {
    this.#connection = translated(() => new Libsql(file, { timeout: busyTimeoutMs }));
  }

  /** A closed connection must never reach libsql 0.5.29: it panics there, and that ends the process. */
  get inTransaction(): boolean {
    return this.#open && this.#connection.inTransaction;
  }

  exec(sql: string): void {
    this.#assertOpen();
    translated(() => this.#connection.exec(sql));
  }

  /** Runs a statement that gives no rows; returns how many it changed. */
  run(sql: string, parameters: Parameters): number {
    return translated(() => this.#prepare(sql).run(parameters).changes);
  }

  /** All rows. Not `get()`: libsql adds an enumerable `_metadata` to what that returns (engines.md 9.1). */
  all(sql: string, parameters: Parameters): readonly Row[] {
    return translated(() => this.#prepare(sql).all(parameters).filter(isRow));
  }

  first(sql: string, parameters: Parameters): Row | undefined {
    return this.all(sql, parameters)[0];
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#statements.clear();
    this.#connection.close();
  }

  #assertOpen(): void {
    if (!this.#open) throw new LedgerError('LEDGER_CLOSED');
  }

  #prepare(sql: string): Statement {
    this.#assertOpen();
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#connection.prepare<[Parameters]>(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

function translated<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw ledgerErrorOf(error);
  }
}

/** What SQLite says, in the ledger's words. Anything else than a SQLite error is a defect and passes through. */
function ledgerErrorOf(error: unknown): unknown {
  if (error instanceof LedgerError) return error;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  return new LedgerError(codeOf(error.code), { system: error.code }, { cause: error });
}

function codeOf(sqlite: string): LedgerErrorCode {
  if (sqlite.startsWith('SQLITE_CORRUPT') || sqlite === 'SQLITE_NOTADB') return 'LEDGER_CORRUPT';
  if (sqlite.startsWith('SQLITE_BUSY') || sqlite === 'SQLITE_LOCKED') return 'LEDGER_BUSY';
  if (sqlite === 'SQLITE_CONSTRAINT_TRIGGER') return 'LEDGER_WRONG_STATE';
  return 'LEDGER_UNAVAILABLE';
}
