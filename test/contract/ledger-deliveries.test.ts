import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ended, LedgerDesk, lease, restored } from './ledger-desk.ts';
import { archive, instanceOf, pacs, verdictOf } from './ledger-rows.ts';
import { ledgers } from './ledgers.ts';

describe.for(ledgers)('deliveries of the $name ledger', ({ open }) => {
  let desk: LedgerDesk;

  beforeEach(async () => {
    desk = await LedgerDesk.open(open);
  });

  afterEach(async () => {
    await desk[Symbol.asyncDispose]();
  });

  describe('deliveries', () => {
    beforeEach(async () => {
      await desk.receive(1, 1, 3);
      await desk.decide(1, verdictOf('forwarded', { originals: [pacs, archive] }));
    });

    test('are claimed by destination, in the order of arrival, up to the limit', async () => {
      const first = await desk.ledger.claimDeliveries(pacs, 2, lease('s', 3_000), 2_000);
      const rest = await desk.ledger.claimDeliveries(pacs, 2, lease('s', 3_000), 2_000);

      expect(first.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(['1.2.1.1', '1.2.1.2']);
      expect(rest.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(['1.2.1.3']);
      expect(first[0]).toMatchObject({ destination: pacs, origin: 'instance', attempts: 1, failures: 0 });
      expect(await desk.ledger.sums()).toMatchObject({ waiting: 3, sending: 3 });
    });

    test('of a lease that ran out are due again, and the late end of it changes nothing', async () => {
      const [lost] = await desk.ledger.claimDeliveries(pacs, 1, lease('a', 2_100), 2_000);
      const [again] = await desk.ledger.claimDeliveries(pacs, 1, lease('b', 3_000), 2_200);
      await desk.ledger.endDeliveries([ended(lost?.deliveryId ?? '', { state: 'refused' })], 'a');

      expect(again).toMatchObject({ deliveryId: lost?.deliveryId, attempts: 2 });
      expect(await desk.ledger.sums()).toMatchObject({ sending: 1, refused: 0 });
    });

    test.for(['acknowledged', 'warned', 'refused'] as const)('that end %s are not due again', async (state) => {
      const [one] = await desk.ledger.claimDeliveries(pacs, 1, lease('s', 3_000), 2_000);
      await desk.ledger.endDeliveries([ended(one?.deliveryId ?? '', { state })], 's');
      await desk.ledger.endDeliveries([ended(one?.deliveryId ?? '', { state })], 's');

      expect(await desk.ledger.sums()).toMatchObject({ [state]: 1, sending: 0, due: 6 });
      expect(await desk.ledger.claimDeliveries(pacs, 9, lease('s', 9_000), 8_000)).toHaveLength(2);
    });

    test('that wait are due at their time, also after a restart', async () => {
      const due = await desk.ledger.claimDeliveries(pacs, 9, lease('s', 3_000), 2_000);
      await desk.ledger.endDeliveries(
        due.map(({ deliveryId }) => ended(deliveryId, { state: 'waiting', outcome: 'failed', dueAt: 7_000 })),
        's',
      );
      await desk.restart();

      expect(await desk.ledger.claimDeliveries(pacs, 9, lease('s', 8_000), 6_999)).toEqual([]);
      expect(await desk.ledger.destinationsWithWork(6_999)).toEqual([archive]);
      expect(await desk.ledger.destinationsWithWork(7_000)).toEqual([archive, pacs]);
      const [one] = await desk.ledger.claimDeliveries(pacs, 9, lease('s', 8_000), 7_000);
      expect(one).toMatchObject({ attempts: 2, failures: 1 });
    });

    test('that are given back count no attempt', async () => {
      const [one] = await desk.ledger.claimDeliveries(pacs, 1, lease('s', 3_000), 2_000);
      await desk.ledger.releaseDeliveries([one?.deliveryId ?? ''], 'other', 2_500);
      await desk.ledger.releaseDeliveries([one?.deliveryId ?? ''], 's', 2_500);

      const again = await desk.ledger.claimDeliveries(pacs, 9, lease('s', 4_000), 2_500);
      expect(again.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
    });

    test('whose lease was extended stay with their owner', async () => {
      const [one] = await desk.ledger.claimDeliveries(pacs, 1, lease('s', 2_100), 2_000);
      await desk.ledger.extendDeliveries([one?.deliveryId ?? ''], lease('s', 5_000));

      expect(await desk.ledger.claimDeliveries(pacs, 9, lease('t', 5_000), 4_000)).toHaveLength(2);
    });

    test('a person cancels what waits, and tries again what was refused; what is on its way stays', async () => {
      const [one] = await desk.ledger.claimDeliveries(pacs, 1, lease('s', 3_000), 2_000);
      expect(await desk.ledger.cancelDeliveries({ destination: pacs }, 2_100)).toBe(2);
      await desk.ledger.endDeliveries([ended(one?.deliveryId ?? '', { state: 'refused' })], 's');

      expect(await desk.ledger.retryDeliveries({ destination: pacs }, 2_200)).toBe(1);
      expect(await desk.ledger.sums()).toMatchObject({ cancelled: 2, waiting: 4, refused: 0 });
      expect(await desk.ledger.retryDeliveries({ destination: pacs, state: 'cancelled' }, 2_300)).toBe(2);
      expect(await desk.ledger.sums()).toMatchObject({ cancelled: 0, waiting: 6 });
    });

    test('a clock that stepped back by a day does not hold them for a day', async () => {
      const day = 86_400_000;
      await desk.ledger.claimDeliveries(pacs, 1, lease('s', day + 60_000), day);

      expect(await desk.ledger.claimDeliveries(pacs, 9, lease('t', 5_000), 2_000)).toHaveLength(3);
      expect(await desk.ledger.destinationsWithWork(-day)).toEqual([archive, pacs]);
    });
  });

  describe('retention', () => {
    beforeEach(async () => {
      await desk.receive(1, 1, 2);
      const routes = [1, 2].map((n) => ({ sopInstanceUid: instanceOf(1, n).sopInstanceUid, destinations: [] }));
      await desk.ledger.routeInstances(routes, 10);
    });

    test('offers only what every destination has taken, and only after the series’ work', async () => {
      await desk.decide(1, verdictOf('decided', { originals: [pacs, archive] }));
      await desk.deliverAll();
      expect(await desk.ledger.removable(9_000, 10)).toEqual([]);

      await desk.ledger.endJob((await desk.claimJob()).jobId, 'node', restored(1, [1]), 2_100);
      expect(await desk.ledger.removable(9_000, 10)).toEqual([]);

      const [first] = await desk.ledger.claimDeliveries(archive, 1, lease('s', 5_000), 4_000);
      await desk.ledger.endDeliveries([ended(first?.deliveryId ?? '', { state: 'warned', endedAt: 4_000 })], 's');
      expect(await desk.ledger.removable(9_000, 10)).toMatchObject([{ sopInstanceUid: '1.2.1.1', origin: 'instance' }]);
      expect(await desk.ledger.removable(4_000, 10)).toEqual([]);

      await desk.deliverAll(5_000);
      expect(await desk.ledger.removable(9_000, 10)).toMatchObject([{ origin: 'instance' }, { origin: 'derived' }]);
      expect(await desk.ledger.removable(9_000, 1)).toHaveLength(1);
    });

    test('never offers what has no delivery at all', async () => {
      await desk.decide(1, verdictOf('quarantined', { originals: [] }));

      expect(await desk.ledger.removable(9_000, 10)).toEqual([]);
    });

    test('a removed instance stays in the sums, and comes back whole when it is sent again', async () => {
      await desk.decide(1, verdictOf('forwarded'));
      await desk.deliverAll();
      const files = await desk.ledger.removable(9_000, 10);
      const uids = files.map(({ sopInstanceUid }) => sopInstanceUid);
      await desk.ledger.markRemoved(uids, 9_000);
      await desk.ledger.markRemoved(uids, 9_000);
      expect(await desk.ledger.sums()).toMatchObject({ received: 2, forwarded: 2, removed: 2, acknowledged: 2 });

      const again = instanceOf(1, 1, { receivedAt: 9_500, dataSetOffsetBytes: 352 });
      expect(await desk.ledger.recordInstance(again)).toEqual({ kind: 'stored-again' });

      expect(await desk.ledger.findInstance(again.sopInstanceUid)).toEqual({ ...again, state: 'stored' });
      expect(await desk.ledger.sums()).toMatchObject({ received: 2, removed: 1, acknowledged: 1, waiting: 1 });
      expect(await desk.ledger.claimDeliveries(pacs, 9, lease('s', 9_900), 9_600)).toMatchObject([
        { sopInstanceUid: again.sopInstanceUid, dataSetOffsetBytes: 352 },
      ]);
    });
  });
});
