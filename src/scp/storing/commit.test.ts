import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAeTitle } from '../../dicom/ae-title.ts';
import { parseUid } from '../../dicom/uid.ts';
import { LedgerError } from '../../ledger/errors.ts';
import { digestOf, type NewInstance, type RecordOutcome } from '../../ledger/ledger.ts';
import { SpoolError } from '../../spool/errors.ts';
import type { IncomingFile } from '../../spool/incoming-file.ts';
import { Spool } from '../../spool/spool.ts';
import { Commits } from './commit.ts';

const digest = digestOf('ab'.repeat(32));
const row: NewInstance = {
  sopInstanceUid: parseUid('1.2.3.1'),
  sopClassUid: parseUid('1.2.840.10008.5.1.4.1.1.2'),
  studyInstanceUid: parseUid('1.2.3.2'),
  seriesInstanceUid: parseUid('1.2.3.3'),
  transferSyntaxUid: parseUid('1.2.840.10008.1.2.1'),
  digest,
  sizeBytes: 4,
  dataSetOffsetBytes: 0,
  modality: 'CT',
  callingAeTitle: parseAeTitle('CT1'),
  calledAeTitle: parseAeTitle('DIFFCODE'),
  peerAddress: '127.0.0.1',
  associationId: 'a',
  receivedAt: 1,
};

let folder: string;
let spool: Spool;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diffcode-commit-'));
  spool = await Spool.open({ folder, highMark: 0.999, lowMark: 0.998 });
});

afterEach(async () => {
  await spool.close();
  await rm(folder, { recursive: true });
});

function incoming(): IncomingFile {
  const file = spool.createIncoming();
  file.write([Buffer.from('data')]);
  return file;
}

/** A file that can't be made durable: what a broken disk does, and no test can ask of a real one. */
function unsyncable(): IncomingFile {
  const file = incoming();
  const place = file.place.bind(file);
  file.place = (name) => {
    const placed = place(name);
    const { path, existed, extraHeadBytes } = placed;
    const undo = (): void => placed.undo();
    return { path, existed, extraHeadBytes, undo, sync: () => Promise.reject(new SpoolError('SPOOL_UNAVAILABLE')) };
  };
  return file;
}

/** The two sides of a ledger that a commit meets, with a fault in the first or an outcome from it. */
class Notes {
  readonly forgotten: string[] = [];
  readonly outcome: RecordOutcome | LedgerError;

  constructor(outcome: RecordOutcome | LedgerError) {
    this.outcome = outcome;
  }

  async recordInstance(): Promise<RecordOutcome> {
    if (this.outcome instanceof LedgerError) throw this.outcome;
    return this.outcome;
  }

  async forgetInstance(uid: string): Promise<void> {
    this.forgotten.push(uid);
  }
}

const fileState = (): Promise<string> => spool.check('instance', digest, 0);

describe('Commits', () => {
  test('a commit leaves the file under its digest and nothing in the way', async () => {
    const outcome = await new Commits(new Notes({ kind: 'stored' })).commit(incoming(), row);

    expect(outcome).toEqual({ kind: 'stored' });
    expect(await fileState()).toBe('damaged'); // it is there; "data" has another digest than the name
  });

  test('without a row there is no file', async () => {
    const notes = new Notes(new LedgerError('LEDGER_UNAVAILABLE'));

    const outcome = await new Commits(notes).commit(incoming(), row);

    expect(outcome).toEqual({ kind: 'failed', code: 'LEDGER_UNAVAILABLE' });
    expect(await fileState()).toBe('missing');
  });

  test('a file that was there before stays when the row of its second copy fails', async () => {
    await new Commits(new Notes({ kind: 'stored' })).commit(incoming(), row);

    await new Commits(new Notes(new LedgerError('LEDGER_BUSY'))).commit(incoming(), row);

    expect(await fileState()).not.toBe('missing');
  });

  test('a file that is not durable takes its row back', async () => {
    const notes = new Notes({ kind: 'stored' });

    const outcome = await new Commits(notes).commit(unsyncable(), row);

    expect(outcome).toEqual({ kind: 'failed', code: 'SPOOL_UNAVAILABLE' });
    expect(notes.forgotten).toEqual([row.sopInstanceUid]);
    expect(await fileState()).toBe('missing');
  });

  test('a row that was there before stays when the flush of its second copy fails', async () => {
    const notes = new Notes({ kind: 'duplicate' });

    const outcome = await new Commits(notes).commit(unsyncable(), row);

    expect(outcome).toEqual({ kind: 'failed', code: 'SPOOL_UNAVAILABLE' });
    expect(notes.forgotten).toEqual([]);
    expect(await fileState()).not.toBe('missing');
  });

  test('two copies at once are committed in turn, and one failing does not take the file of the other', async () => {
    const outcomes: (RecordOutcome | LedgerError)[] = [new LedgerError('LEDGER_BUSY'), { kind: 'stored' }];
    const commits = new Commits({
      recordInstance: async () => {
        const outcome = outcomes.shift();
        if (outcome === undefined || outcome instanceof LedgerError) throw outcome ?? new Error('asked too often');
        return outcome;
      },
      forgetInstance: () => Promise.resolve(),
    });

    const results = await Promise.all([commits.commit(incoming(), row), commits.commit(incoming(), row)]);

    expect(results).toEqual([{ kind: 'failed', code: 'LEDGER_BUSY' }, { kind: 'stored' }]);
    expect(await fileState()).not.toBe('missing');
  });
});
