import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { LedgerError } from '../errors.ts';
import { firstTables } from '../migrations/0001-first-tables.ts';
import { deliveryMoves, instanceMoves, jobMoves, seriesMoves } from '../states.ts';
import { Database } from './database.ts';
import { integer, text } from './rows.ts';

const migrations: readonly string[] = [firstTables];
const busyTimeoutMs = 5_000;
/** Of the file in memory; SQLite's own 2 MiB make every row of a large ledger a read. */
const cacheKib = 32_768;

/** Opens the node's ledger, makes or migrates it, and refuses a damaged file. @throws LedgerError */
export function openForWriting(file: string): Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  const db = new Database(file, busyTimeoutMs);
  return orClose(db, () => {
    setPragmas(db);
    assertUndamaged(db);
    migrate(db);
    db.exec(moveTriggers());
  });
}

/** Opens a ledger that a node wrote, while it runs or after its death; writes nothing. @throws LedgerError */
export function openForReading(file: string): Database {
  if (!existsSync(file)) throw new LedgerError('LEDGER_MISSING');
  const db = new Database(file, busyTimeoutMs);
  return orClose(db, () => {
    const version = userVersion(db);
    if (version < migrations.length) throw new LedgerError('LEDGER_OLDER', { version });
    if (version > migrations.length) throw new LedgerError('LEDGER_NEWER', { version });
    db.exec('PRAGMA query_only = ON');
  });
}

/** The same with every page looked at: minutes on a large file. @throws LedgerError LEDGER_CORRUPT and as for reading */
export function openForChecking(file: string): Database {
  const db = openForReading(file);
  return orClose(db, () => assertUndamaged(db));
}

/**
 * Brings the log into the file, so that the file alone is a backup, and closes. A reader may hold the log open, and
 * libsql frees a connection late; then the log stays, and nothing is lost.
 */
export function closeAfterWriting(db: Database): void {
  try {
    db.all('PRAGMA wal_checkpoint(TRUNCATE)', {});
  } finally {
    db.close();
  }
}

function orClose(db: Database, prepare: () => void): Database {
  try {
    prepare();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function setPragmas(db: Database): void {
  const mode = db.first('PRAGMA journal_mode = WAL', {});
  if (mode === undefined || text(mode, 'journal_mode') !== 'wal') {
    throw new LedgerError('LEDGER_UNAVAILABLE', { system: 'no write-ahead log on this file system' });
  }
  db.exec(`PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -${cacheKib}`);
}

function assertUndamaged(db: Database): void {
  const row = db.first('PRAGMA quick_check(1)', {});
  if (row === undefined || text(row, 'quick_check') !== 'ok') throw new LedgerError('LEDGER_CORRUPT');
}

function migrate(db: Database): void {
  db.exec('BEGIN IMMEDIATE');
  const version = userVersion(db);
  if (version > migrations.length) {
    db.exec('ROLLBACK');
    throw new LedgerError('LEDGER_NEWER', { version });
  }
  for (const sql of migrations.slice(version)) db.exec(sql);
  db.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}

function userVersion(db: Database): number {
  const row = db.first('PRAGMA user_version', {});
  return row === undefined ? 0 : integer(row, 'user_version');
}

/** Temporary triggers, so that the tables of `states.ts` hold for every statement, whatever version made the file. */
function moveTriggers(): string {
  const tables = { instance: instanceMoves, series: seriesMoves, job: jobMoves, delivery: deliveryMoves };
  return Object.entries(tables)
    .map(([table, moves]) => moveTrigger(table, Object.entries<readonly string[]>(moves)))
    .join('\n');
}

function moveTrigger(table: string, moves: readonly (readonly [string, readonly string[]])[]): string {
  const allowed = moves.flatMap(([from, followers]) => followers.map((to) => `'${from} ${to}'`));
  return `CREATE TEMP TRIGGER ${table}_moves BEFORE UPDATE OF state ON ${table}
    WHEN OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state NOT IN (${allowed.join(', ')})
    BEGIN SELECT RAISE(ABORT, 'this state may not follow'); END;`;
}
