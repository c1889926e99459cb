import fc from 'fast-check';
import { expect } from 'vitest';
import type { JobEnd, Ledger, SeriesVerdict } from '../../src/ledger/ledger.ts';
import type { LedgerModel } from './ledger-model.ts';
import { archive, derivedOf, digestFor, instanceOf, pacs, verdictOf } from './ledger-rows.ts';

/** The ledger under test; `reopen` is a restart. */
export interface Real {
  ledger: Ledger;
  readonly reopen: () => Promise<Ledger>;
}

type Command = fc.AsyncCommand<LedgerModel, Real>;

/** A step with a name that the failure prints; every step ends with both sums. */
function command(name: string, act: (model: LedgerModel, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    toString: () => name,
    async run(model, real) {
      model.now += 10;
      await act(model, real);
      const { oldestDueAt: _, ...sums } = await real.ledger.sums();
      expect(sums).toEqual(model.sums());
      expect(sums.received).toBe(sums.restored + sums.forwarded + sums.excluded + sums.quarantined + sums.inProgress);
      expect(sums.due).toBe(
        sums.acknowledged + sums.warned + sums.refused + sums.cancelled + sums.waiting + sums.sending,
      );
    },
  };
}

const series = fc.integer({ min: 1, max: 3 });
const number = fc.integer({ min: 1, max: 4 });
const destination = fc.constantFrom(pacs, archive);
const owner = fc.constantFrom('a', 'b');

const receive = fc
  .record({ series, number, bytes: fc.constantFrom(0, 0, 0, 1) })
  .map(({ series: s, number: n, bytes }) =>
    command(`receive(${s}, ${n}, bytes ${bytes})`, async (model, { ledger }) => {
      const digest = digestFor(s * 1_000 + n * 10 + bytes);
      const instance = instanceOf(s, n, { digest, receivedAt: model.now });
      const { kind } = await ledger.recordInstance(instance);
      const uid = instance.sopInstanceUid;
      const known = model.instances.get(uid);
      if (bytes === 1 && known !== undefined) {
        expect(kind).toBe('conflict');
        model.conflicts.add(digest);
      } else if (bytes === 1) {
        // The first copy has the other bytes: taken back, so that the model's instances have one digest.
        expect(kind).toBe('stored');
        await ledger.forgetInstance(uid);
      } else if (known === undefined) {
        expect(kind).toBe('stored');
        model.instances.set(uid, { series: s, revision: model.collectingRevision(s), state: 'stored' });
      } else if (known.state === 'removed') {
        expect(kind).toBe('stored-again');
        known.state = 'stored';
        for (const delivery of model.deliveries.values()) {
          if (delivery.source !== uid) continue;
          if (delivery.state === 'acknowledged' || delivery.state === 'warned') {
            Object.assign(delivery, { state: 'waiting', dueAt: model.now });
          }
        }
      } else expect(kind).toBe('duplicate');
    }),
  );

const route = fc.record({ limit: number, destination, early: fc.boolean() }).map(({ limit, destination: to, early }) =>
  command(`route(${limit}, ${early ? to : 'nowhere'})`, async (model, { ledger }) => {
    const rows = await ledger.unroutedInstances(limit);
    const stored = [...model.instances.values()].filter(({ state }) => state === 'stored').length;
    expect(rows).toHaveLength(Math.min(limit, stored));
    const routes = rows.map(({ sopInstanceUid }) => ({ sopInstanceUid, destinations: early ? [to] : [] }));
    await ledger.routeInstances(routes, model.now);
    for (const { sopInstanceUid } of rows) {
      const instance = model.instances.get(sopInstanceUid);
      if (instance === undefined) throw new Error('unknown to the model');
      instance.state = 'routed';
      if (early)
        model.deliver(`${sopInstanceUid} ${to}`, { destination: to, series: instance.series, source: sopInstanceUid });
    }
  }),
);

const verdictState = fc.constantFrom<SeriesVerdict['state']>(
  'decided',
  'decided',
  'forwarded',
  'excluded',
  'quarantined',
);

const decide = fc.record({ series, state: verdictState, destination }).map(({ series: s, state, destination: to }) =>
  command(`decide(${s}, ${state}, ${to})`, async (model, { ledger }) => {
    const revision = model.revisions.get(s)?.length ?? 1;
    const all = [...model.instances].filter(([, instance]) => instance.series === s);
    const key = { seriesInstanceUid: instanceOf(s, 1).seriesInstanceUid, revision };
    const verdict = verdictOf(state, { originals: [to], decidedAt: model.now });

    expect(await ledger.decideSeries(key, all.length + 1, verdict)).toBe(false);
    const decided = await ledger.decideSeries(key, all.length, verdict);

    expect(decided).toBe(model.stateOf(s, revision) === 'collecting');
    if (!decided) return;
    model.moveSeries(s, revision, state);
    for (const [uid, instance] of all) {
      if (instance.state !== 'removed') model.deliver(`${uid} ${to}`, { destination: to, series: s, source: uid });
    }
  }),
);

const claimJob = owner.map((who) =>
  command(`claimJob(${who})`, async (model, { ledger }) => {
    const claimed = await ledger.claimJob({ owner: who, until: model.now + 100 }, [], model.now);
    if (claimed === undefined) return;
    const of = Number(claimed.seriesInstanceUid.split('.').at(-1));
    expect(['decided', 'restoring']).toContain(model.stateOf(of, claimed.revision));
    model.moveSeries(of, claimed.revision, 'restoring');
    model.jobs.push({ job: claimed, series: of, owner: who });
  }),
);

const endJob = fc
  .record({ kind: fc.constantFrom<JobEnd['kind']>('restored', 'restored', 'gated', 'excluded', 'retry', 'failed') })
  .map(({ kind }) =>
    command(`endJob(${kind})`, async (model, { ledger }) => {
      const held = model.jobs.shift();
      if (held === undefined) return;
      const sources = [...model.instances].filter(
        ([, { series: of, revision }]) => of === held.series && revision <= held.job.revision,
      );
      const numbers = sources.map(([uid]) => Number(uid.split('.').at(-1)));
      const end = endOf(kind, held.series, numbers, model.now + 50);
      const ended = await ledger.endJob(held.job.jobId, held.owner, end, model.now);
      if (!ended || model.stateOf(held.series, held.job.revision) !== 'restoring') return;
      model.moveSeries(held.series, held.job.revision, end.kind === 'retry' ? 'decided' : end.kind);
      if (end.kind !== 'restored') return;
      for (const { sopInstanceUid } of end.derived) {
        model.derived.add(sopInstanceUid);
        model.deliver(`${sopInstanceUid} pacs`, { destination: pacs, series: held.series, source: sopInstanceUid });
      }
    }),
  );

function endOf(kind: JobEnd['kind'], of: number, numbers: readonly number[], dueAt: number): JobEnd {
  const derived = numbers.map((n) => derivedOf(instanceOf(of, n)));
  const ends: { readonly [K in JobEnd['kind']]: Extract<JobEnd, { kind: K }> } = {
    restored: { kind: 'restored', derived, gate: [], notes: [], contextJson: '{}' },
    gated: { kind: 'gated', gate: [], reasons: ['noise'] },
    excluded: { kind: 'excluded', reasons: ['nothing to restore'] },
    retry: { kind: 'retry', reason: 'died', dueAt },
    failed: { kind: 'failed', reason: 'hung' },
  };
  return ends[kind];
}

const claim = fc.record({ destination, owner, limit: number }).map(({ destination: to, owner: who, limit }) =>
  command(`claim(${to}, ${who}, ${limit})`, async (model, { ledger }) => {
    const claimable = model.claimable(to);
    const lease = { owner: who, until: model.now + 60 };
    const claimed = await ledger.claimDeliveries(to, limit, lease, model.now);
    expect(claimed).toHaveLength(Math.min(limit, claimable.length));
    for (const delivery of claimed) {
      const key = `${delivery.sopInstanceUid} ${to}`;
      expect(claimable).toContain(key);
      Object.assign(model.deliveries.get(key) ?? {}, { state: 'sending', owner: who, leasedUntil: lease.until });
      model.claims.push({ delivery, key, owner: who });
    }
  }),
);

const deliveryEnd = fc.constantFrom<'acknowledged' | 'warned' | 'refused' | 'waiting'>(
  'acknowledged',
  'acknowledged',
  'warned',
  'refused',
  'waiting',
);

const endDelivery = fc.record({ state: deliveryEnd, back: fc.boolean() }).map(({ state, back }) =>
  command(back ? 'release' : `endDelivery(${state})`, async (model, { ledger }) => {
    const held = model.claims.shift();
    if (held === undefined) return;
    const { deliveryId } = held.delivery;
    const dueAt = model.now + 30;
    if (back) await ledger.releaseDeliveries([deliveryId], held.owner, dueAt);
    else {
      const end = { deliveryId, state, outcome: state, dimseStatus: 0, reason: '', dueAt, endedAt: model.now };
      await ledger.endDeliveries([end], held.owner);
    }
    const delivery = model.deliveries.get(held.key);
    if (delivery?.state === 'sending' && delivery.owner === held.owner) {
      Object.assign(delivery, { state: back ? 'waiting' : state, dueAt, owner: '' });
    }
  }),
);

const person = fc
  .record({ act: fc.constantFrom('retry', 'revive', 'cancel'), destination })
  .map(({ act, destination: to }) =>
    command(`${act}(${to})`, async (model, { ledger }) => {
      const from = act === 'revive' ? ['cancelled'] : ['waiting', 'refused'];
      const rows = [...model.deliveries.values()].filter((d) => d.destination === to && from.includes(d.state));
      const filter = act === 'revive' ? { destination: to, state: 'cancelled' as const } : { destination: to };
      const changed =
        act === 'cancel'
          ? await ledger.cancelDeliveries(filter, model.now)
          : await ledger.retryDeliveries(filter, model.now);
      expect(changed).toBe(rows.length);
      for (const row of rows)
        Object.assign(row, { state: act === 'cancel' ? 'cancelled' : 'waiting', dueAt: model.now });
    }),
  );

const retention = fc.constant(
  command('retention', async (model, { ledger }) => {
    const files = await ledger.removable(model.now, 100);
    for (const { sopInstanceUid, origin } of files) {
      const deliveries = [...model.deliveries.values()].filter(({ source }) => source === sopInstanceUid);
      expect(deliveries.length).toBeGreaterThan(0);
      expect(deliveries.every(({ state }) => state === 'acknowledged' || state === 'warned')).toBe(true);
      const instance = model.instances.get(sopInstanceUid);
      if (origin === 'instance' && instance !== undefined) instance.state = 'removed';
    }
    await ledger.markRemoved(
      files.map(({ sopInstanceUid }) => sopInstanceUid),
      model.now,
    );
  }),
);

const time = fc.constant(
  command('leases run out', async (model) => {
    model.now += 200;
  }),
);

const restart = fc.constant(
  command('restart', async (_model, real) => {
    real.ledger = await real.reopen();
  }),
);

// biome-ignore format: one line per stage of the flow; what is named twice happens twice as often
export const steps = [
  receive, receive, receive, route, decide,
  claimJob, endJob,
  claim, claim, endDelivery, endDelivery, person,
  retention, time, restart,
];
