import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryEnd, Job, JobEnd, Ledger, SeriesKey, SeriesVerdict } from '../../src/ledger/ledger.ts';
import { archive, derivedOf, digestFor, instanceOf, job, pacs, verdictOf } from './ledger-rows.ts';
import { ledgers } from './ledgers.ts';

const key = (series: number, revision = 1): SeriesKey => ({
  seriesInstanceUid: instanceOf(series, 1).seriesInstanceUid,
  revision,
});
const lease = (owner: string, until: number) => ({ owner, until });

describe.for(ledgers)('the $name ledger', ({ open }) => {
  let folder: string;
  let ledger: Ledger;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-'));
    ledger = await open(folder);
  });

  afterEach(async () => {
    await ledger.close();
    await rm(folder, { recursive: true });
  });

  async function receive(series: number, from: number, to: number): Promise<void> {
    const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    await Promise.all(numbers.map((n) => ledger.recordInstance(instanceOf(series, n))));
  }

  async function decide(series: number, verdict: SeriesVerdict, revision = 1): Promise<void> {
    const { length } = await ledger.seriesInstances(key(series).seriesInstanceUid);
    expect(await ledger.decideSeries(key(series, revision), length, verdict)).toBe(true);
  }

  async function claimed(now = 2_000): Promise<Job> {
    const found = await ledger.claimJob(lease('node', now + 1_000), [], now);
    if (found === undefined) throw new Error('no job was due');
    return found;
  }

  const restored = (series: number, numbers: readonly number[]): JobEnd => ({
    kind: 'restored',
    derived: numbers.map((n) => derivedOf(instanceOf(series, n))),
    gate: [{ measure: 'noise', value: 0.5, lower: 0.2, upper: 1, passed: true }],
    notes: [],
    contextJson: '{}',
  });

  const ended = (deliveryId: string, change: Partial<DeliveryEnd> = {}): DeliveryEnd => ({
    deliveryId,
    state: 'acknowledged',
    outcome: 'acknowledged',
    dimseStatus: 0,
    reason: '',
    dueAt: null,
    endedAt: 3_000,
    ...change,
  });

  async function deliverAll(now = 2_000): Promise<void> {
    const due = await ledger.claimDeliveries(pacs, 1_000, lease('s', now + 1_000), now);
    await ledger.endDeliveries(
      due.map(({ deliveryId }) => ended(deliveryId)),
      's',
    );
  }

  describe('receiving', () => {
    test('the same bytes twice are one instance', async () => {
      expect(await ledger.recordInstance(instanceOf(1, 1))).toEqual({ kind: 'stored' });
      expect(await ledger.recordInstance(instanceOf(1, 1))).toEqual({ kind: 'duplicate' });

      expect(await ledger.sums()).toMatchObject({ received: 1, inProgress: 1, conflicts: 0 });
    });

    test('a known UID with other bytes is kept aside and counted as quarantined', async () => {
      await ledger.recordInstance(instanceOf(1, 1));
      const other = instanceOf(1, 1, { digest: digestFor(9) });

      expect(await ledger.recordInstance(other)).toEqual({
        kind: 'conflict',
        keptDigest: instanceOf(1, 1).digest,
        keptTransferSyntaxUid: other.transferSyntaxUid,
      });
      expect(await ledger.recordInstance(other)).toMatchObject({ kind: 'conflict' });

      expect(await ledger.sums()).toMatchObject({ received: 2, inProgress: 1, quarantined: 1, conflicts: 1 });
    });

    test('a row reads back as it was written', async () => {
      await ledger.recordInstance(instanceOf(1, 1));

      const row = await ledger.findInstance(instanceOf(1, 1).sopInstanceUid);

      expect(row).toEqual({ ...instanceOf(1, 1), state: 'stored' });
      expect(await ledger.findInstance(instanceOf(1, 2).sopInstanceUid)).toBeUndefined();
    });

    test('a collecting series shows its count, its age and the associations that are still open', async () => {
      await ledger.recordInstance(instanceOf(1, 5, { associationId: 'one' }));
      await ledger.recordInstance(instanceOf(1, 7, { associationId: 'two' }));
      await ledger.associationReleased('one', 8);
      await ledger.associationReleased('one', 8);

      expect(await ledger.collectingSeries()).toEqual([
        {
          ...key(1),
          studyInstanceUid: instanceOf(1, 1).studyInstanceUid,
          modality: 'CT',
          instances: 2,
          firstReceivedAt: 5,
          lastReceivedAt: 7,
          openAssociations: 1,
        },
      ]);
    });

    test('an instance whose file failed its check is taken back with its series and deliveries', async () => {
      await ledger.recordInstance(instanceOf(1, 1));
      await ledger.routeInstances([{ sopInstanceUid: instanceOf(1, 1).sopInstanceUid, destinations: [pacs] }], 10);

      await ledger.forgetInstance(instanceOf(1, 1).sopInstanceUid);
      await ledger.forgetInstance(instanceOf(1, 1).sopInstanceUid);

      expect(await ledger.sums()).toMatchObject({ received: 0, due: 0 });
      expect(await ledger.collectingSeries()).toEqual([]);
      expect(await ledger.recordInstance(instanceOf(1, 1))).toEqual({ kind: 'stored' });
    });

    test('a clean mark covers what was received until then', async () => {
      await receive(1, 1, 3);

      await ledger.markClean(2);

      const rows = await ledger.instancesSinceCleanMark();
      expect(rows.map(({ receivedAt }) => receivedAt)).toEqual([3]);
    });

    test('digests that neither an instance nor a conflict names are unknown', async () => {
      await ledger.recordInstance(instanceOf(1, 1, { digest: digestFor(1) }));
      await ledger.recordInstance(instanceOf(1, 1, { digest: digestFor(2) }));

      const unknown = await ledger.unknownDigests([1, 2, 3].map(digestFor));

      expect(unknown).toEqual([digestFor(3)]);
    });
  });

  describe('routing', () => {
    test('an instance is routed once, and its early deliveries exist once', async () => {
      await receive(1, 1, 2);
      const [first] = await ledger.unroutedInstances(1);
      const route = { sopInstanceUid: instanceOf(1, 1).sopInstanceUid, destinations: [pacs, archive] };

      await ledger.routeInstances([route], 10);
      await ledger.routeInstances([route], 11);

      expect(first?.sopInstanceUid).toBe(route.sopInstanceUid);
      expect(await ledger.unroutedInstances(10)).toHaveLength(1);
      expect(await ledger.sums()).toMatchObject({ due: 2, waiting: 2 });
    });

    test('a decision adds only the deliveries that do not exist yet', async () => {
      await receive(1, 1, 3);
      await ledger.routeInstances([{ sopInstanceUid: instanceOf(1, 1).sopInstanceUid, destinations: [pacs] }], 10);

      await decide(1, verdictOf('forwarded', { originals: [pacs, archive] }));

      expect(await ledger.sums()).toMatchObject({ received: 3, forwarded: 3, due: 6 });
    });

    test('a series that grew since it was counted is not decided', async () => {
      await receive(1, 1, 3);

      expect(await ledger.decideSeries(key(1), 2, verdictOf('forwarded'))).toBe(false);

      expect(await ledger.sums()).toMatchObject({ inProgress: 3, due: 0 });
    });

    test('a decision is made once', async () => {
      await receive(1, 1, 1);
      await decide(1, verdictOf('forwarded'));

      expect(await ledger.decideSeries(key(1), 1, verdictOf('excluded'))).toBe(false);

      expect(await ledger.sums()).toMatchObject({ forwarded: 1, excluded: 0 });
    });

    test.for(['forwarded', 'excluded', 'quarantined'] as const)('a series that is %s counts there', async (state) => {
      await receive(1, 1, 4);

      await decide(1, verdictOf(state, { originals: [] }));

      expect(await ledger.sums()).toMatchObject({ received: 4, inProgress: 0, [state]: 4, due: 0 });
    });

    test('a late instance opens a second revision over all instances', async () => {
      await receive(1, 1, 2);
      await decide(1, verdictOf('forwarded'));
      await receive(1, 3, 3);

      const [late] = await ledger.collectingSeries();
      expect(late).toMatchObject({ revision: 2, instances: 3, firstReceivedAt: 3 });
      expect(await ledger.sums()).toMatchObject({ forwarded: 2, inProgress: 1 });

      await decide(1, verdictOf('excluded'), 2);
      expect(await ledger.sums()).toMatchObject({ received: 3, forwarded: 0, excluded: 3, due: 3 });
    });
  });

  describe('jobs', () => {
    beforeEach(async () => {
      await receive(1, 1, 2);
      await decide(1, verdictOf('decided'));
    });

    test('a claimed job is nobody else’s until its lease runs out', async () => {
      const mine = await ledger.claimJob(lease('a', 2_100), [], 2_000);
      const none = await ledger.claimJob(lease('b', 2_150), [], 2_050);
      const theirs = await ledger.claimJob(lease('b', 2_300), [], 2_200);

      expect(mine).toMatchObject({ attempts: 1, firstClaimedAt: 2_000, originals: [pacs], restored: [pacs] });
      expect(none).toBeUndefined();
      expect(theirs).toMatchObject({ jobId: mine?.jobId, attempts: 2, firstClaimedAt: 2_000 });
      expect(await ledger.extendJob(mine?.jobId ?? '', lease('a', 2_400))).toBe(false);
      expect(await ledger.endJob(mine?.jobId ?? '', 'a', restored(1, [1, 2]), 2_250)).toBe(false);
      expect(await ledger.sums()).toMatchObject({ inProgress: 2, derived: 0 });
    });

    test('an extended lease holds', async () => {
      const { jobId } = await claimed();

      expect(await ledger.extendJob(jobId, lease('node', 9_000))).toBe(true);

      expect(await ledger.claimJob(lease('b', 9_000), [], 5_000)).toBeUndefined();
    });

    test('the result, its deliveries and the series’ state are one step, and can be written twice', async () => {
      const { jobId } = await claimed();

      expect(await ledger.endJob(jobId, 'node', restored(1, [1, 2]), 2_100)).toBe(true);
      expect(await ledger.endJob(jobId, 'node', restored(1, [1, 2]), 2_100)).toBe(true);

      expect(await ledger.sums()).toMatchObject({ restored: 2, derived: 2, due: 4 });
      const [story] = await ledger.stories({ limit: 1 });
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
      const { jobId } = await claimed();

      await ledger.endJob(jobId, 'node', end, 2_100);

      expect(await ledger.sums()).toMatchObject({ ...sums, inProgress: 0, derived: 0, due: 2 });
      expect(await ledger.claimJob(lease('b', 9_000), [], 8_000)).toBeUndefined();
    });

    test('a retry waits for its time and starts with the moment of the first claim', async () => {
      const { jobId } = await claimed(2_000);
      await ledger.endJob(jobId, 'node', { kind: 'retry', reason: 'model died', dueAt: 5_000 }, 2_100);

      expect(await ledger.claimJob(lease('b', 4_000), [], 3_000)).toBeUndefined();
      expect(await ledger.claimJob(lease('b', 6_000), [], 5_000)).toMatchObject({ attempts: 2, firstClaimedAt: 2_000 });
    });

    test('the first result is the result: other pixels under a known UID change nothing', async () => {
      const { jobId } = await claimed();
      await ledger.endJob(jobId, 'node', restored(1, [1]), 2_100);
      await ledger.adoptDerived(
        { ...derivedOf(instanceOf(1, 1), { pixelDigest: digestFor(77) }), task: 't', contextJson: '{}', revision: 1 },
        2_200,
      );

      const kept = await ledger.findDerived(derivedOf(instanceOf(1, 1)).sopInstanceUid);

      expect(kept?.pixelDigest).toBe(derivedOf(instanceOf(1, 1)).pixelDigest);
    });

    test('a derived UID that belongs to another source fails the whole step', async () => {
      const { jobId } = await claimed();
      const wrong = derivedOf(instanceOf(1, 2), { sopInstanceUid: derivedOf(instanceOf(1, 1)).sopInstanceUid });
      const end: JobEnd = {
        kind: 'restored',
        derived: [derivedOf(instanceOf(1, 1)), wrong],
        gate: [],
        notes: [],
        contextJson: '{}',
      };

      await expect(ledger.endJob(jobId, 'node', end, 2_100)).rejects.toMatchObject({ code: 'LEDGER_UID_COLLISION' });

      expect(await ledger.sums()).toMatchObject({ derived: 0, inProgress: 2, due: 2 });
    });

    test('a second revision sends only what is new', async () => {
      await ledger.endJob((await claimed()).jobId, 'node', restored(1, [1, 2]), 2_100);
      await receive(1, 3, 3);
      await decide(1, verdictOf('decided', { decidedAt: 3_000 }), 2);
      const known = await ledger.derivedOfSeries(key(1).seriesInstanceUid);

      await ledger.endJob((await claimed(4_000)).jobId, 'node', restored(1, [1, 2, 3]), 4_100);

      expect(known.map(({ revision }) => revision)).toEqual([1, 1]);
      expect(await ledger.sums()).toMatchObject({ restored: 3, derived: 3, due: 6 });
    });
  });

  test('the most urgent job goes first, then the oldest; a closed window holds its jobs alone', async () => {
    await Promise.all([1, 2, 3, 4].map((series) => receive(series, 1, 1)));
    const decided = (change: Partial<typeof job>, decidedAt: number) =>
      verdictOf('decided', { job: { ...job, ...change }, decidedAt });
    await decide(1, decided({}, 1_002));
    await decide(2, decided({}, 1_001));
    await decide(3, decided({ priority: 5 }, 1_003));
    await decide(4, decided({ priority: 9, window: 'nights' }, 1_000));

    const order: string[] = [];
    for (let now = 2_000; now < 2_003; now++) order.push((await claimed(now)).seriesInstanceUid);

    expect(order).toEqual(['1.2.3', '1.2.2', '1.2.1']);
    expect(await ledger.claimJob(lease('n', 3_000), [], 2_010)).toBeUndefined();
    expect(await ledger.claimJob(lease('n', 3_000), ['nights'], 2_010)).toMatchObject({ window: 'nights' });
  });

  describe('deliveries', () => {
    beforeEach(async () => {
      await receive(1, 1, 3);
      await decide(1, verdictOf('forwarded', { originals: [pacs, archive] }));
    });

    test('are claimed by destination, in the order of arrival, up to the limit', async () => {
      const first = await ledger.claimDeliveries(pacs, 2, lease('s', 3_000), 2_000);
      const rest = await ledger.claimDeliveries(pacs, 2, lease('s', 3_000), 2_000);

      expect(first.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(['1.2.1.1', '1.2.1.2']);
      expect(rest.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(['1.2.1.3']);
      expect(first[0]).toMatchObject({ destination: pacs, origin: 'instance', attempts: 1, failures: 0 });
      expect(await ledger.sums()).toMatchObject({ waiting: 3, sending: 3 });
    });

    test('of a lease that ran out are due again, and the late end of it changes nothing', async () => {
      const [lost] = await ledger.claimDeliveries(pacs, 1, lease('a', 2_100), 2_000);
      const [again] = await ledger.claimDeliveries(pacs, 1, lease('b', 3_000), 2_200);
      await ledger.endDeliveries([ended(lost?.deliveryId ?? '', { state: 'refused' })], 'a');

      expect(again).toMatchObject({ deliveryId: lost?.deliveryId, attempts: 2 });
      expect(await ledger.sums()).toMatchObject({ sending: 1, refused: 0 });
    });

    test.for(['acknowledged', 'warned', 'refused'] as const)('that end %s are not due again', async (state) => {
      const [one] = await ledger.claimDeliveries(pacs, 1, lease('s', 3_000), 2_000);
      await ledger.endDeliveries([ended(one?.deliveryId ?? '', { state })], 's');
      await ledger.endDeliveries([ended(one?.deliveryId ?? '', { state })], 's');

      expect(await ledger.sums()).toMatchObject({ [state]: 1, sending: 0, due: 6 });
      expect(await ledger.claimDeliveries(pacs, 9, lease('s', 9_000), 8_000)).toHaveLength(2);
    });

    test('that wait are due at their time, also after a restart', async () => {
      const due = await ledger.claimDeliveries(pacs, 9, lease('s', 3_000), 2_000);
      await ledger.endDeliveries(
        due.map(({ deliveryId }) => ended(deliveryId, { state: 'waiting', outcome: 'failed', dueAt: 7_000 })),
        's',
      );
      await ledger.close();
      ledger = await open(folder);

      expect(await ledger.claimDeliveries(pacs, 9, lease('s', 8_000), 6_999)).toEqual([]);
      expect(await ledger.destinationsWithWork(6_999)).toEqual([archive]);
      expect(await ledger.destinationsWithWork(7_000)).toEqual([archive, pacs]);
      const [one] = await ledger.claimDeliveries(pacs, 9, lease('s', 8_000), 7_000);
      expect(one).toMatchObject({ attempts: 2, failures: 1 });
    });

    test('that are given back count no attempt', async () => {
      const [one] = await ledger.claimDeliveries(pacs, 1, lease('s', 3_000), 2_000);
      await ledger.releaseDeliveries([one?.deliveryId ?? ''], 'other', 2_500);
      await ledger.releaseDeliveries([one?.deliveryId ?? ''], 's', 2_500);

      const again = await ledger.claimDeliveries(pacs, 9, lease('s', 4_000), 2_500);
      expect(again.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
    });

    test('whose lease was extended stay with their owner', async () => {
      const [one] = await ledger.claimDeliveries(pacs, 1, lease('s', 2_100), 2_000);
      await ledger.extendDeliveries([one?.deliveryId ?? ''], lease('s', 5_000));

      expect(await ledger.claimDeliveries(pacs, 9, lease('t', 5_000), 4_000)).toHaveLength(2);
    });

    test('a person cancels what waits, and tries again what was refused; what is on its way stays', async () => {
      const [one] = await ledger.claimDeliveries(pacs, 1, lease('s', 3_000), 2_000);
      expect(await ledger.cancelDeliveries({ destination: pacs }, 2_100)).toBe(2);
      await ledger.endDeliveries([ended(one?.deliveryId ?? '', { state: 'refused' })], 's');

      expect(await ledger.retryDeliveries({ destination: pacs }, 2_200)).toBe(1);
      expect(await ledger.sums()).toMatchObject({ cancelled: 2, waiting: 4, refused: 0 });
      expect(await ledger.retryDeliveries({ destination: pacs, state: 'cancelled' }, 2_300)).toBe(2);
      expect(await ledger.sums()).toMatchObject({ cancelled: 0, waiting: 6 });
    });

    test('a clock that stepped back by a day does not hold them for a day', async () => {
      const day = 86_400_000;
      await ledger.claimDeliveries(pacs, 1, lease('s', day + 60_000), day);

      expect(await ledger.claimDeliveries(pacs, 9, lease('t', 5_000), 2_000)).toHaveLength(3);
      expect(await ledger.destinationsWithWork(-day)).toEqual([archive, pacs]);
    });
  });

  describe('retention', () => {
    beforeEach(async () => {
      await receive(1, 1, 2);
      const routes = [1, 2].map((n) => ({ sopInstanceUid: instanceOf(1, n).sopInstanceUid, destinations: [] }));
      await ledger.routeInstances(routes, 10);
    });

    test('offers only what every destination has taken, and only after the series’ work', async () => {
      await decide(1, verdictOf('decided', { originals: [pacs, archive] }));
      await deliverAll();
      expect(await ledger.removable(9_000, 10)).toEqual([]);

      await ledger.endJob((await claimed()).jobId, 'node', restored(1, [1]), 2_100);
      expect(await ledger.removable(9_000, 10)).toEqual([]);

      const [first] = await ledger.claimDeliveries(archive, 1, lease('s', 5_000), 4_000);
      await ledger.endDeliveries([ended(first?.deliveryId ?? '', { state: 'warned', endedAt: 4_000 })], 's');
      expect(await ledger.removable(9_000, 10)).toMatchObject([{ sopInstanceUid: '1.2.1.1', origin: 'instance' }]);
      expect(await ledger.removable(4_000, 10)).toEqual([]);

      await deliverAll(5_000);
      expect(await ledger.removable(9_000, 10)).toMatchObject([{ origin: 'instance' }, { origin: 'derived' }]);
      expect(await ledger.removable(9_000, 1)).toHaveLength(1);
    });

    test('never offers what has no delivery at all', async () => {
      await decide(1, verdictOf('quarantined', { originals: [] }));

      expect(await ledger.removable(9_000, 10)).toEqual([]);
    });

    test('a removed instance stays in the sums, and comes back whole when it is sent again', async () => {
      await decide(1, verdictOf('forwarded'));
      await deliverAll();
      const files = await ledger.removable(9_000, 10);
      const uids = files.map(({ sopInstanceUid }) => sopInstanceUid);
      await ledger.markRemoved(uids, 9_000);
      await ledger.markRemoved(uids, 9_000);
      expect(await ledger.sums()).toMatchObject({ received: 2, forwarded: 2, removed: 2, acknowledged: 2 });

      const again = instanceOf(1, 1, { receivedAt: 9_500, dataSetOffsetBytes: 352 });
      expect(await ledger.recordInstance(again)).toEqual({ kind: 'stored-again' });

      expect(await ledger.findInstance(again.sopInstanceUid)).toEqual({ ...again, state: 'stored' });
      expect(await ledger.sums()).toMatchObject({ received: 2, removed: 1, acknowledged: 1, waiting: 1 });
      expect(await ledger.claimDeliveries(pacs, 9, lease('s', 9_900), 9_600)).toMatchObject([
        { sopInstanceUid: again.sopInstanceUid, dataSetOffsetBytes: 352 },
      ]);
    });
  });

  test('settings keep their last value', async () => {
    await ledger.setSetting('configuration', 'a');
    await ledger.setSetting('configuration', 'b');

    expect(await ledger.setting('configuration')).toBe('b');
    expect(await ledger.setting('other')).toBeUndefined();
    await expect(ledger.audit({ at: 1, actor: 'admin', action: 'cancel', detailJson: '{}' })).resolves.toBeUndefined();
  });

  test('stories are told newest first, and can be asked by series and study', async () => {
    await receive(1, 1, 1);
    await receive(2, 2, 2);

    const told = await ledger.stories({ limit: 5 });
    const one = await ledger.stories({ limit: 5, seriesInstanceUid: key(1).seriesInstanceUid });
    const study = await ledger.stories({ limit: 5, studyInstanceUid: instanceOf(1, 1).studyInstanceUid });

    expect(told.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual(['1.2.2', '1.2.1']);
    expect(one).toHaveLength(1);
    expect(study).toHaveLength(2);
  });

  test('everything that was acknowledged is there after a restart', async () => {
    await receive(1, 1, 20);
    const before = await ledger.sums();
    await ledger.close();

    ledger = await open(folder);

    expect(await ledger.sums()).toEqual(before);
  });

  test('a closed ledger refuses further calls and may be closed again', async () => {
    await ledger.close();

    await expect(ledger.sums()).rejects.toMatchObject({ code: 'LEDGER_CLOSED' });
    await expect(ledger.close()).resolves.toBeUndefined();
  });
});
