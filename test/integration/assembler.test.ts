import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { parseUid } from '../../src/dicom/uid.ts';
import { digestOf } from '../../src/ledger/ledger.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { Assembler } from '../../src/pipeline/assembler.ts';
import { checkCel } from '../../src/router/cel.ts';
import { compileRules } from '../../src/router/rules.ts';
import { Spool } from '../../src/spool/spool.ts';
import { dataSetOf } from '../builders/data-set.ts';
import { ct } from '../builders/images.ts';
import { key, LedgerDesk } from '../contract/ledger-desk.ts';
import { instanceOf, pacs } from '../contract/ledger-rows.ts';
import { ledgers } from '../contract/ledgers.ts';

const texts = {
  'node.yaml': '',
  'destinations.yaml':
    'pacs: { aeTitle: PACS, host: 127.0.0.1, port: 104 }\narchive: { aeTitle: A, host: 127.0.0.1, port: 105 }',
  'rules.yaml': `
- { name: early, when: instance, match: { Modality: CT }, do: forward, originals: [archive] }
- { name: ct, match: { Modality: CT }, do: restore, task: ct-denoising, originals: [pacs], restored: [pacs] }
`,
};
const config = parseConfig(texts, { folder: '/', checkExpression: checkCel });
const rules = compileRules(config.rules);

let folder: string;
let spool: Spool;
let desk: LedgerDesk;
let now: number;
let assembler: Assembler | undefined;

beforeEach(async () => {
  const [kind] = ledgers;
  if (kind === undefined) throw new Error('no ledger');
  folder = await mkdtemp(join(tmpdir(), 'assembler-'));
  spool = await Spool.open({ folder, highMark: 0.999, lowMark: 0.99 });
  desk = await LedgerDesk.open(kind.open);
  now = 1_000;
});

afterEach(async () => {
  await assembler?.stop();
  await desk[Symbol.asyncDispose]();
  await spool.close();
  await rm(folder, { recursive: true });
});

/** Slice `number` of a series, in the spool and in the ledger. */
async function receive(series: number, number: number): Promise<void> {
  const uids = { SOPInstanceUID: `1.2.${series}.${number}`, SeriesInstanceUID: `1.2.${series}` };
  const { bytes } = dataSetOf({ ...ct, ...uids, InstanceNumber: number, ImagePositionPatient: [0, 0, 3 * number] });
  const digest = digestOf(createHash('sha256').update(bytes).digest('hex'));
  const part = spool.createIncoming();
  part.write([bytes]);
  await part.place(digest).sync();
  const place = { digest, sizeBytes: bytes.length, dataSetOffsetBytes: 0, receivedAt: now };
  await desk.ledger.recordInstance(instanceOf(series, number, place));
}

function start(): Assembler {
  assembler = new Assembler({
    ledger: desk.ledger,
    spool,
    times: config.assembler,
    rules: () => rules,
    weights: { digest: 'a'.repeat(64), settingsDigest: 'b'.repeat(64), tasks: ['ct-denoising'] },
    logger: silentLogger,
    now: () => now,
    onWork: () => undefined,
  });
  assembler.start();
  return assembler;
}

const story = async (series = 1) => (await desk.ledger.stories({ limit: 1, ...key(series) })).at(0);
const until = (check: () => Promise<void>) => vi.waitFor(check, 8_000);
const untilDecided = (series = 1) => until(async () => expect(await story(series)).toMatchObject({ state: 'decided' }));

describe('the assembler', () => {
  test('forwards on arrival what a rule for instances names, before the series is decided', async () => {
    await receive(1, 1);

    start();

    await until(async () => expect((await story())?.deliveries).toEqual({ archive: { waiting: 1 } }));
    expect(await story()).toMatchObject({ state: 'collecting' });
  });

  test('decides once the association is released, the positions are even and 15 s have passed', async () => {
    for (const number of [1, 2, 3]) await receive(1, number);
    await desk.ledger.associationReleased('a-1', now);
    const running = start();
    await until(async () => expect(await desk.ledger.unroutedInstances(1)).toEqual([]));
    expect(await story()).toMatchObject({ state: 'collecting' });

    now += 15_000;
    running.wake();

    await untilDecided();
    expect((await story())?.deliveries).toMatchObject({ [pacs]: { waiting: 3 } });
  });

  test('does nothing twice when it is woken twice, or started again', async () => {
    await receive(1, 1);
    now += 60_000;
    start().wake();
    await untilDecided();
    const sums = await desk.ledger.sums();
    await assembler?.stop();

    await desk.restart();
    start().wake();
    await assembler?.stop();

    expect(await desk.ledger.sums()).toEqual(sums);
  });

  test('takes up after a restart what was stored before it', async () => {
    await receive(1, 1);
    await desk.restart();
    now += 60_000;

    start();

    await untilDecided();
  });

  test('opens a second revision for a late instance, and decides it over all', async () => {
    await receive(1, 1);
    now += 60_000;
    const running = start();
    await untilDecided();
    await receive(1, 2);
    now += 60_000;

    running.wake();

    await until(async () => expect(await story()).toMatchObject({ revision: 2, state: 'decided' }));
    expect((await story())?.deliveries).toMatchObject({ [pacs]: { waiting: 2 } });
  });

  test('decides the other series where a file of one can not be read', async () => {
    await desk.ledger.recordInstance(instanceOf(1, 1, { receivedAt: now, sopInstanceUid: parseUid('1.2.1.1') }));
    await receive(2, 1);
    now += 60_000;

    start();

    await untilDecided(2);
    expect(await story(1)).toMatchObject({ state: 'collecting' });
    expect(await desk.ledger.unroutedInstances(5)).toHaveLength(1);
  });
});
