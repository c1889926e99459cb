import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobEnd } from '../../src/ledger/ledger.ts';
import { key, LedgerDesk, lease, restored } from './ledger-desk.ts';
import { derivedOf, digestFor, instanceOf, job, pacs, verdictOf } from './ledger-rows.ts';
import { ledgers } from './ledgers.ts';

const decided = (change: Partial<typeof job>, decidedAt: number) =>
  verdictOf('decided', { job: { ...job, ...change }, decidedAt });

describe.for(ledgers)('jobs of the $name ledger', ({ open }) => {
  let desk: LedgerDesk;

  beforeEach(async () => {
    desk = await LedgerDesk.open(open);
  });

  afterEach(async () => {
    await desk[Symbol.asyncDispose]();
  });

  describe('jobs', () => {
    beforeEach(async () => {
      await desk.receive(1, 1, 2);
      await desk.decide(1, verdictOf('decided'));
    });

    test('a claimed job is nobody else’s until its lease runs out', async () => {
      const mine = await desk.ledger.claimJob(lease('a', 2_100), [], 2_000);
      const none = await desk.ledger.claimJob(lease('b', 2_150), [], 2_050);
      const theirs = await desk.ledger.claimJob(lease('b', 2_300), [], 2_200);

      expect(mine).toMatchObject({ attempts: 1, firstClaimedAt: 2_000, originals: [pacs], restored: [pacs] });
      expect(none).toBeUndefined();
      expect(theirs).toMatchObject({ jobId: mine?.jobId, attempts: 2, firstClaimedAt: 2_000 });
      expect(await desk.ledger.extendJob(mine?.jobId ?? '', lease('a', 2_400))).toBe(false);
      expect(await desk.ledger.endJob(mine?.jobId ?? '', 'a', restored(1, [1, 2]), 2_250)).toBe(false);
      expect(await desk.ledger.sums()).toMatchObject({ inProgress: 2, derived: 0 });
    });

    test('what a killed owner had claimed is due again as soon as it is back, and nobody else’s is', async () => {
      await desk.receive(2, 1, 1);
      await desk.decide(2, verdictOf('decided'));
      const lost = await desk.ledger.claimJob(lease('a', 90_000), [], 2_000);
      const others = await desk.ledger.claimJob(lease('b', 90_000), [], 2_000);
      const [delivery] = await desk.ledger.claimDeliveries(pacs, 1, lease('a', 90_000), 2_000);

      await desk.ledger.abandonLeases('a');

      expect(await desk.ledger.claimJob(lease('a', 90_000), [], 2_001)).toMatchObject({ jobId: lost?.jobId });
      expect(await desk.ledger.claimJob(lease('c', 90_000), [], 2_001)).toBeUndefined();
      expect(await desk.ledger.extendJob(others?.jobId ?? '', lease('b', 95_000))).toBe(true);
      const again = await desk.ledger.claimDeliveries(pacs, 100, lease('a', 90_000), 2_001);
      expect(again.map(({ deliveryId }) => deliveryId)).toContain(delivery?.deliveryId);
    });

    test('an extended lease holds', async () => {
      const { jobId } = await desk.claimJob();

      expect(await desk.ledger.extendJob(jobId, lease('node', 9_000))).toBe(true);

      expect(await desk.ledger.claimJob(lease('b', 9_000), [], 5_000)).toBeUndefined();
    });

    test('the result, its deliveries and the series’ state are one step, and can be written twice', async () => {
      const { jobId } = await desk.claimJob();

      expect(await desk.ledger.endJob(jobId, 'node', restored(1, [1, 2]), 2_100)).toBe(true);
      expect(await desk.ledger.endJob(jobId, 'node', restored(1, [1, 2]), 2_100)).toBe(true);

      expect(await desk.ledger.sums()).toMatchObject({ restored: 2, derived: 2, due: 4 });
      const [story] = await desk.ledger.stories({ limit: 1 });
      expect(story).toMatchObject({ state: 'restored', deliveries: { pacs: { waiting: 2 } } });
      expect(story).toMatchObject({ derivedDeliveries: { pacs: { waiting: 2 } } });
      expect(story?.derivedSeriesInstanceUid).toBe(derivedOf(instanceOf(1, 1)).seriesInstanceUid);
      expect(story?.gate).toEqual([{ measure: 'noise', value: 0.5, lower: 0.2, upper: 1, passed: true }]);
    });

    test.for([
      { kind: 'gated', end: { kind: 'gated', gate: [], reasons: ['noise'] }, sums: { forwarded: 2, gated: 2 } },
      { kind: 'excluded', end: { kind: 'excluded', reasons: ['nothing to restore'] }, sums: { excluded: 2 } },
      { kind: 'failed', end: { kind: 'failed', reason: 'hung' }, sums: { forwarded: 2, failed: 2 } },
    ] as const)('a job that ends $kind writes nothing derived', async ({ end, sums }) => {
      const { jobId } = await desk.claimJob();

      await desk.ledger.endJob(jobId, 'node', end, 2_100);

      expect(await desk.ledger.sums()).toMatchObject({ ...sums, inProgress: 0, derived: 0, due: 2 });
      expect(await desk.ledger.claimJob(lease('b', 9_000), [], 8_000)).toBeUndefined();
    });

    test('a retry waits for its time and starts with the moment of the first claim', async () => {
      const { jobId } = await desk.claimJob(2_000);
      await desk.ledger.endJob(jobId, 'node', { kind: 'retry', reason: 'model died', dueAt: 5_000 }, 2_100);

      expect(await desk.ledger.claimJob(lease('b', 4_000), [], 3_000)).toBeUndefined();
      expect(await desk.ledger.claimJob(lease('b', 6_000), [], 5_000)).toMatchObject({
        attempts: 2,
        firstClaimedAt: 2_000,
      });
    });

    test('the first result is the result: other pixels under a known UID change nothing', async () => {
      const { jobId } = await desk.claimJob();
      await desk.ledger.endJob(jobId, 'node', restored(1, [1]), 2_100);
      await desk.ledger.adoptDerived(
        { ...derivedOf(instanceOf(1, 1), { pixelDigest: digestFor(77) }), task: 't', contextJson: '{}', revision: 1 },
        2_200,
      );

      const kept = await desk.ledger.findDerived(derivedOf(instanceOf(1, 1)).sopInstanceUid);

      expect(kept?.pixelDigest).toBe(derivedOf(instanceOf(1, 1)).pixelDigest);
    });

    test('a derived UID that belongs to another source fails the whole step', async () => {
      const { jobId } = await desk.claimJob();
      const wrong = derivedOf(instanceOf(1, 2), { sopInstanceUid: derivedOf(instanceOf(1, 1)).sopInstanceUid });
      const end: JobEnd = {
        kind: 'restored',
        derived: [derivedOf(instanceOf(1, 1)), wrong],
        gate: [],
        notes: [],
        contextJson: '{}',
      };

      await expect(desk.ledger.endJob(jobId, 'node', end, 2_100)).rejects.toMatchObject({
        code: 'LEDGER_UID_COLLISION',
      });

      expect(await desk.ledger.sums()).toMatchObject({ derived: 0, inProgress: 2, due: 2 });
    });

    test('a second revision sends only what is new', async () => {
      await desk.ledger.endJob((await desk.claimJob()).jobId, 'node', restored(1, [1, 2]), 2_100);
      await desk.receive(1, 3, 3);
      await desk.decide(1, verdictOf('decided', { decidedAt: 3_000 }), 2);
      const known = await desk.ledger.derivedOfSeries(key(1).seriesInstanceUid);

      await desk.ledger.endJob((await desk.claimJob(4_000)).jobId, 'node', restored(1, [1, 2, 3]), 4_100);

      expect(known.map(({ revision }) => revision)).toEqual([1, 1]);
      expect(await desk.ledger.sums()).toMatchObject({ restored: 3, derived: 3, due: 6 });
    });
  });

  test('the most urgent job goes first, then the oldest; a closed window holds its jobs alone', async () => {
    await Promise.all([1, 2, 3, 4].map((series) => desk.receive(series, 1, 1)));
    await desk.decide(1, decided({}, 1_002));
    await desk.decide(2, decided({}, 1_001));
    await desk.decide(3, decided({ priority: 5 }, 1_003));
    await desk.decide(4, decided({ priority: 9, window: 'nights' }, 1_000));

    const order: string[] = [];
    for (let now = 2_000; now < 2_003; now++) order.push((await desk.claimJob(now)).seriesInstanceUid);

    expect(order).toEqual(['1.2.3', '1.2.2', '1.2.1']);
    expect(await desk.ledger.claimJob(lease('n', 3_000), [], 2_010)).toBeUndefined();
    expect(await desk.ledger.claimJob(lease('n', 3_000), ['nights'], 2_010)).toMatchObject({ window: 'nights' });
  });
});
