import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instanceMoves, seriesMoves } from '../states.ts';
import { runBatch } from './batch.ts';
import { Database } from './database.ts';
import { openForReading, openForWriting } from './open.ts';
import { integer, text } from './rows.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  file = join(folder, 'deep', 'ledger.db');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function withDatabase(use: (db: Database) => void): void {
  const db = openForWriting(file);
  try {
    use(db);
  } finally {
    db.close();
  }
}

describe('opening the ledger', () => {
  test('makes the folder and the tables, in a write-ahead log that is flushed at each commit', () => {
    withDatabase((db) => {
      expect(text(db.first('PRAGMA journal_mode', {}) ?? {}, 'journal_mode')).toBe('wal');
      expect(integer(db.first('PRAGMA synchronous', {}) ?? {}, 'synchronous')).toBe(2);
      expect(integer(db.first('PRAGMA foreign_keys', {}) ?? {}, 'foreign_keys')).toBe(1);
    });
    withDatabase((db) => expect(db.all('SELECT * FROM instance', {})).toEqual([]));
  });

  test('refuses a file of a newer version, for writing and for reading', () => {
    withDatabase((db) => db.exec('PRAGMA user_version = 99'));

    expect(() => openForWriting(file)).toThrow(expect.objectContaining({ code: 'LEDGER_NEWER' }));
    expect(() => openForReading(file)).toThrow(expect.objectContaining({ code: 'LEDGER_NEWER' }));
  });

  test('refuses to read a file of an older version', () => {
    withDatabase((db) => db.exec('PRAGMA user_version = 0'));

    expect(() => openForReading(file)).toThrow(expect.objectContaining({ code: 'LEDGER_OLDER' }));
  });

  test('a reader can not write', () => {
    withDatabase(() => undefined);

    const reader = openForReading(file);

    expect(() => reader.run(`INSERT INTO setting VALUES ('a', 'b')`, {})).toThrow(
      expect.objectContaining({ code: 'LEDGER_UNAVAILABLE' }),
    );
    reader.close();
  });

  test('a closed database refuses calls instead of ending the process', () => {
    const db = new Database(join(folder, 'closed.db'), 100);
    db.close();

    expect(db.inTransaction).toBe(false);
    expect(() => db.exec('BEGIN')).toThrow(expect.objectContaining({ code: 'LEDGER_CLOSED' }));
    expect(() => db.all('SELECT 1', {})).toThrow(expect.objectContaining({ code: 'LEDGER_CLOSED' }));
    db.close();
  });
});

describe('no statement moves a row against the table of states', () => {
  const insert = `INSERT INTO series (series_instance_uid, revision, study_instance_uid, modality, state, opened_at)
    VALUES ('1.2', 1, '1.2', 'CT', @state, 0)`;
  const states = Object.keys(seriesMoves);
  const table = new Map<string, readonly string[]>(Object.entries(seriesMoves));

  test.for(states)('from %s', (from) => {
    withDatabase((db) => {
      for (const to of states) {
        db.exec('BEGIN');
        db.run(insert, { state: from });
        const move = () => db.run('UPDATE series SET state = @to', { to });
        if (from === to || table.get(from)?.includes(to) === true) expect(move()).toBe(1);
        else expect(move).toThrow(expect.objectContaining({ code: 'LEDGER_WRONG_STATE' }));
        db.exec('ROLLBACK');
      }
    });
  });

  test('a removed instance never becomes routed without being stored again', () => {
    expect(instanceMoves.removed).toEqual(['stored']);
  });
});

describe('calls that share a transaction', () => {
  test('one that fails takes back its own changes only', () => {
    withDatabase((db) => {
      const replies = runBatch(db, [
        { id: 1, method: 'setSetting', args: ['a', '1'] },
        { id: 3, method: 'audit', args: [{ at: 0.5, actor: 'x', action: 'y', detailJson: '{}' }] },
        { id: 4, method: 'setting', args: ['a'] },
      ]);

      expect(replies).toMatchObject([{ id: 1 }, { id: 3, failure: { code: 'LEDGER_UNAVAILABLE' } }, {}]);
      expect(replies[2]).toEqual({ id: 4, result: '1' });
      expect(db.all('SELECT * FROM audit', {})).toEqual([]);
    });
  });

  test('all fail when another process holds the ledger', () => {
    withDatabase((db) => {
      const other = new Database(file, 0);
      other.exec('BEGIN IMMEDIATE');
      db.exec('PRAGMA busy_timeout = 10');

      const replies = runBatch(db, [{ id: 1, method: 'setSetting', args: ['a', '1'] }]);

      expect(replies).toEqual([{ id: 1, failure: expect.objectContaining({ code: 'LEDGER_BUSY' }) }]);
      other.close();
    });
  });
});
