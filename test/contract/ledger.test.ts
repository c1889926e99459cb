import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { key, LedgerDesk } from './ledger-desk.ts';
import { archive, digestFor, instanceOf, pacs, verdictOf } from './ledger-rows.ts';
import { ledgers } from './ledgers.ts';

describe.for(ledgers)('intake of the $name ledger', ({ open }) => {
  let desk: LedgerDesk;

  beforeEach(async () => {
    desk = await LedgerDesk.open(open);
  });

  afterEach(async () => {
    await desk[Symbol.asyncDispose]();
  });

  describe('receiving', () => {
    test('the same bytes twice are one instance', async () => {
      expect(await desk.ledger.recordInstance(instanceOf(1, 1))).toEqual({ kind: 'stored' });
      expect(await desk.ledger.recordInstance(instanceOf(1, 1))).toEqual({ kind: 'duplicate' });

      expect(await desk.ledger.sums()).toMatchObject({ received: 1, inProgress: 1, conflicts: 0 });
    });

    test('a known UID with other bytes is kept aside and counted as quarantined', async () => {
      await desk.ledger.recordInstance(instanceOf(1, 1));
      const other = instanceOf(1, 1, { digest: digestFor(9) });

      expect(await desk.ledger.recordInstance(other)).toEqual({
        kind: 'conflict',
        keptDigest: instanceOf(1, 1).digest,
        keptTransferSyntaxUid: other.transferSyntaxUid,
      });
      expect(await desk.ledger.recordInstance(other)).toMatchObject({ kind: 'conflict' });

      expect(await desk.ledger.sums()).toMatchObject({ received: 2, inProgress: 1, quarantined: 1, conflicts: 1 });
    });

    test('a row reads back as it was written', async () => {
      await desk.ledger.recordInstance(instanceOf(1, 1));

      const row = await desk.ledger.findInstance(instanceOf(1, 1).sopInstanceUid);

      expect(row).toEqual({ ...instanceOf(1, 1), state: 'stored' });
      expect(await desk.ledger.findInstance(instanceOf(1, 2).sopInstanceUid)).toBeUndefined();
    });

    test('a collecting series shows its count, its age and the associations that are still open', async () => {
      await desk.ledger.recordInstance(instanceOf(1, 5, { associationId: 'one' }));
      await desk.ledger.recordInstance(instanceOf(1, 7, { associationId: 'two' }));
      await desk.ledger.associationReleased('one', 8);
      await desk.ledger.associationReleased('one', 8);

      expect(await desk.ledger.collectingSeries()).toEqual([
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
      await desk.ledger.recordInstance(instanceOf(1, 1));
      await desk.ledger.routeInstances([{ sopInstanceUid: instanceOf(1, 1).sopInstanceUid, destinations: [pacs] }], 10);

      await desk.ledger.forgetInstance(instanceOf(1, 1).sopInstanceUid);
      await desk.ledger.forgetInstance(instanceOf(1, 1).sopInstanceUid);

      expect(await desk.ledger.sums()).toMatchObject({ received: 0, due: 0 });
      expect(await desk.ledger.collectingSeries()).toEqual([]);
      expect(await desk.ledger.recordInstance(instanceOf(1, 1))).toEqual({ kind: 'stored' });
    });

    test('a clean mark covers what was received until then', async () => {
      await desk.receive(1, 1, 3);

      await desk.ledger.markClean(2);

      const rows = await desk.ledger.instancesSinceCleanMark();
      expect(rows.map(({ receivedAt }) => receivedAt)).toEqual([3]);
    });

    test('digests that neither an instance nor a conflict names are unknown', async () => {
      await desk.ledger.recordInstance(instanceOf(1, 1, { digest: digestFor(1) }));
      await desk.ledger.recordInstance(instanceOf(1, 1, { digest: digestFor(2) }));

      const unknown = await desk.ledger.unknownDigests([1, 2, 3].map(digestFor));

      expect(unknown).toEqual([digestFor(3)]);
    });
  });

  describe('routing', () => {
    test('an instance is routed once, and its early deliveries exist once', async () => {
      await desk.receive(1, 1, 2);
      const [first] = await desk.ledger.unroutedInstances(1);
      const route = { sopInstanceUid: instanceOf(1, 1).sopInstanceUid, destinations: [pacs, archive] };

      await desk.ledger.routeInstances([route], 10);
      await desk.ledger.routeInstances([route], 11);

      expect(first?.sopInstanceUid).toBe(route.sopInstanceUid);
      expect(await desk.ledger.unroutedInstances(10)).toHaveLength(1);
      expect(await desk.ledger.sums()).toMatchObject({ due: 2, waiting: 2 });
    });

    test('a decision adds only the deliveries that do not exist yet', async () => {
      await desk.receive(1, 1, 3);
      await desk.ledger.routeInstances([{ sopInstanceUid: instanceOf(1, 1).sopInstanceUid, destinations: [pacs] }], 10);

      await desk.decide(1, verdictOf('forwarded', { originals: [pacs, archive] }));

      expect(await desk.ledger.sums()).toMatchObject({ received: 3, forwarded: 3, due: 6 });
    });

    test('a series that grew since it was counted is not decided', async () => {
      await desk.receive(1, 1, 3);

      expect(await desk.ledger.decideSeries(key(1), 2, verdictOf('forwarded'))).toBe(false);

      expect(await desk.ledger.sums()).toMatchObject({ inProgress: 3, due: 0 });
    });

    test('a decision is made once', async () => {
      await desk.receive(1, 1, 1);
      await desk.decide(1, verdictOf('forwarded'));

      expect(await desk.ledger.decideSeries(key(1), 1, verdictOf('excluded'))).toBe(false);

      expect(await desk.ledger.sums()).toMatchObject({ forwarded: 1, excluded: 0 });
    });

    test.for(['forwarded', 'excluded', 'quarantined'] as const)('a series that is %s counts there', async (state) => {
      await desk.receive(1, 1, 4);

      await desk.decide(1, verdictOf(state, { originals: [] }));

      expect(await desk.ledger.sums()).toMatchObject({ received: 4, inProgress: 0, [state]: 4, due: 0 });
    });

    test('a late instance opens a second revision over all instances', async () => {
      await desk.receive(1, 1, 2);
      await desk.decide(1, verdictOf('forwarded'));
      await desk.receive(1, 3, 3);

      const [late] = await desk.ledger.collectingSeries();
      expect(late).toMatchObject({ revision: 2, instances: 3, firstReceivedAt: 3 });
      expect(await desk.ledger.sums()).toMatchObject({ forwarded: 2, inProgress: 1 });

      await desk.decide(1, verdictOf('excluded'), 2);
      expect(await desk.ledger.sums()).toMatchObject({ received: 3, forwarded: 0, excluded: 3, due: 3 });
    });
  });

  test('settings keep their last value', async () => {
    await desk.ledger.setSetting('configuration', 'a');
    await desk.ledger.setSetting('configuration', 'b');

    expect(await desk.ledger.setting('configuration')).toBe('b');
    expect(await desk.ledger.setting('other')).toBeUndefined();
    await expect(
      desk.ledger.audit({ at: 1, actor: 'admin', action: 'cancel', detailJson: '{}' }),
    ).resolves.toBeUndefined();
  });

  test('stories are told newest first, and can be asked by series and study', async () => {
    await desk.receive(1, 1, 1);
    await desk.receive(2, 2, 2);

    const told = await desk.ledger.stories({ limit: 5 });
    const one = await desk.ledger.stories({ limit: 5, seriesInstanceUid: key(1).seriesInstanceUid });
    const study = await desk.ledger.stories({ limit: 5, studyInstanceUid: instanceOf(1, 1).studyInstanceUid });

    expect(told.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual(['1.2.2', '1.2.1']);
    expect(one).toHaveLength(1);
    expect(study).toHaveLength(2);
  });

  test('everything that was acknowledged is there after a restart', async () => {
    await desk.receive(1, 1, 20);
    const before = await desk.ledger.sums();
    await desk.restart();

    expect(await desk.ledger.sums()).toEqual(before);
  });

  test('a closed ledger refuses further calls and may be closed again', async () => {
    await desk.ledger.close();

    await expect(desk.ledger.sums()).rejects.toMatchObject({ code: 'LEDGER_CLOSED' });
    await expect(desk.ledger.close()).resolves.toBeUndefined();
  });
});
