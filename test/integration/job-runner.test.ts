import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { PipelineError } from '../../src/pipeline/errors.ts';
import { JobRunner, type JobRunnerParts, type SeriesRestorer } from '../../src/pipeline/job-runner.ts';
import { checkCel } from '../../src/router/cel.ts';
import { Spool } from '../../src/spool/spool.ts';
import { key, LedgerDesk, lease, restored } from '../contract/ledger-desk.ts';
import { job, verdictOf } from '../contract/ledger-rows.ts';
import { ledgers } from '../contract/ledgers.ts';

const texts = { 'node.yaml': '', 'destinations.yaml': '', 'rules.yaml': '' };
const config = parseConfig(texts, { folder: '/', checkExpression: checkCel });

let folder: string;
let spool: Spool;
let desk: LedgerDesk;
let now: number;
let runner: JobRunner | undefined;

beforeEach(async () => {
  const [kind] = ledgers;
  if (kind === undefined) throw new Error('no ledger');
  folder = await mkdtemp(join(tmpdir(), 'runner-'));
  spool = await Spool.open({ folder, highMark: 0.999, lowMark: 0.99 });
  desk = await LedgerDesk.open(kind.open);
  now = 2_000;
  await desk.receive(1, 1, 2);
  await desk.decide(1, verdictOf('decided'));
});

afterEach(async () => {
  await runner?.stop();
  await desk[Symbol.asyncDispose]();
  await spool.close();
  await rm(folder, { recursive: true });
});

function start(restore: SeriesRestorer['restore'], changes: Partial<JobRunnerParts> = {}): JobRunner {
  runner = new JobRunner({
    ledger: desk.ledger,
    spool,
    restorer: { restore, close: () => Promise.resolve() },
    config,
    widenedLimits: () => [],
    provenance: { installationId: 'test', nodeVersion: '0', timezone: 'UTC' },
    weights: () => ({ path: '/none', digest: job.weightsDigest }),
    preset: 'micro8',
    openWindows: () => [],
    owner: 'node',
    logger: silentLogger,
    now: () => now,
    onDeliveries: () => undefined,
    ...changes,
  });
  runner.start();
  return runner;
}

const story = async () => (await desk.ledger.stories({ limit: 1, ...key(1) })).at(0);
const untilState = (state: string) => vi.waitFor(async () => expect(await story()).toMatchObject({ state }), 5_000);
const broken = () => Promise.reject(new PipelineError('PIPELINE_MODEL_LOST'));
const done = restored(1, [1, 2]);

describe('a restoration job', () => {
  test('whose attempt fails is tried again after a while, not before', async () => {
    const restore = vi.fn(broken);
    const running = start(restore);
    await untilState('decided');

    await vi.waitFor(() => expect(restore).toHaveBeenCalledTimes(1));
    running.wake();
    expect(await desk.ledger.claimJob(lease('other', now + 1), [], now + 9_000)).toBeUndefined();
    now += 10_001;
    running.wake();

    await vi.waitFor(() => expect(restore).toHaveBeenCalledTimes(2));
  });

  test('whose last attempt fails makes its series failed, with the reason', async () => {
    const running = start(broken);

    await vi.waitFor(async () => {
      now += 100_000;
      running.wake();
      expect(await story()).toMatchObject({ state: 'failed' });
    }, 5_000);

    expect((await story())?.reasons.join()).toContain('PIPELINE_MODEL_LOST');
  });

  test('whose lease went to somebody else loses its result', async () => {
    start(async () => {
      await desk.ledger.claimJob(lease('other', now + 400_000), [], now + 200_000);
      if (done.kind !== 'restored') throw new Error('no result');
      return done;
    });

    await untilState('restoring');
    await runner?.stop();

    expect(await desk.ledger.sums()).toMatchObject({ derived: 0 });
  });

  test('that the gate refuses derives nothing', async () => {
    const gate = [{ measure: 'noise', value: 2, lower: 0, upper: 1, passed: false }];
    start(() => Promise.resolve({ kind: 'gated', gate, reasons: ['noise'] }));

    await untilState('gated');

    expect(await desk.ledger.sums()).toMatchObject({ derived: 0, gated: 2 });
  });

  test('that was decided for other weights is done with those in force, and says so', async () => {
    start(() => (done.kind === 'restored' ? Promise.resolve(done) : broken()), {
      weights: () => ({ path: '/none', digest: 'f'.repeat(64) }),
    });

    await untilState('restored');

    expect((await story())?.reasons.join()).toContain('restored with ffffffffffff');
  });

  test('that a stop interrupts is due again at once, even after its last attempt', async () => {
    let began = false;
    const running = start(
      (_, signal) => {
        began = true;
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
      },
      { config: { ...config, model: { ...config.model, attempts: 1 } } },
    );
    await vi.waitFor(() => expect(began).toBe(true));

    await running.stop();

    expect(await story()).toMatchObject({ state: 'decided' });
    expect(await desk.ledger.claimJob(lease('next', now + 1_000), [], now)).toBeDefined();
  });

  test('waits where the ledger can not be asked, and the node lives on', async () => {
    let asked = 0;
    const claimJob = () => {
      asked += 1;
      return Promise.reject(new Error('disk full'));
    };
    const ledger = new Proxy(desk.ledger, {
      get: (of, name) => (name === 'claimJob' ? claimJob : Reflect.get(of, name)),
    });

    const running = start(broken, { ledger });
    await vi.waitFor(() => expect(asked).toBe(1));
    running.wake();

    await vi.waitFor(() => expect(asked).toBe(2));
  });
});
