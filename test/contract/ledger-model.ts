import type { Delivery, Job } from '../../src/ledger/ledger.ts';
import { categoryOf, type DeliveryState, type SeriesState } from '../../src/ledger/states.ts';
import type { LedgerSums } from '../../src/ledger/sums.ts';

interface ModelInstance {
  readonly series: number;
  readonly revision: number;
  state: 'stored' | 'routed' | 'removed';
}

interface ModelDelivery {
  readonly destination: string;
  readonly series: number;
  readonly source: string;
  state: DeliveryState;
  dueAt: number;
  owner: string;
  leasedUntil: number;
}

/** What the ledger must know, said in maps: the sums are counted anew from first principles after each step. */
export class LedgerModel {
  now = 10_000;
  readonly instances = new Map<string, ModelInstance>();
  readonly conflicts = new Set<string>();
  readonly revisions = new Map<number, SeriesState[]>();
  readonly derived = new Set<string>();
  readonly deliveries = new Map<string, ModelDelivery>();
  /** Work that somebody has in hand, leases that ran out included. */
  readonly jobs: { readonly job: Job; readonly series: number; readonly owner: string }[] = [];
  readonly claims: { readonly delivery: Delivery; readonly key: string; readonly owner: string }[] = [];

  /** Of a series' revision, counted from 1. */
  stateOf(series: number, revision: number): SeriesState | undefined {
    return this.revisions.get(series)?.[revision - 1];
  }

  moveSeries(series: number, revision: number, state: SeriesState): void {
    const states = this.revisions.get(series);
    if (states === undefined) throw new Error('no such series');
    states[revision - 1] = state;
  }

  /** The revision that a new instance joins. */
  collectingRevision(series: number): number {
    const states = this.revisions.get(series) ?? [];
    if (states.at(-1) !== 'collecting') states.push('collecting');
    this.revisions.set(series, states);
    return states.length;
  }

  deliver(key: string, delivery: Pick<ModelDelivery, 'destination' | 'series' | 'source'>): void {
    if (this.deliveries.has(key)) return;
    this.deliveries.set(key, { ...delivery, state: 'waiting', dueAt: this.now, owner: '', leasedUntil: 0 });
  }

  claimable(destination: string): readonly string[] {
    const due = (delivery: ModelDelivery): boolean =>
      (delivery.state === 'waiting' && delivery.dueAt <= this.now) ||
      (delivery.state === 'sending' && delivery.leasedUntil <= this.now);
    return [...this.deliveries].filter(([, d]) => d.destination === destination && due(d)).map(([key]) => key);
  }

  sums(): Omit<LedgerSums, 'oldestDueAt'> {
    const sums = {
      received: this.instances.size + this.conflicts.size,
      restored: 0,
      forwarded: 0,
      excluded: 0,
      quarantined: this.conflicts.size,
      inProgress: 0,
      due: this.deliveries.size,
      acknowledged: 0,
      warned: 0,
      refused: 0,
      cancelled: 0,
      waiting: 0,
      sending: 0,
      gated: 0,
      failed: 0,
      conflicts: this.conflicts.size,
      derived: this.derived.size,
      removed: 0,
    };
    for (const instance of this.instances.values()) {
      const state = this.#outcome(instance);
      sums[categoryOf[state]]++;
      if (state === 'gated' || state === 'failed') sums[state]++;
      if (instance.state === 'removed') sums.removed++;
    }
    for (const { state } of this.deliveries.values()) sums[state]++;
    return sums;
  }

  /** The outcome of the newest decided revision that contains the instance. */
  #outcome({ series, revision }: ModelInstance): SeriesState {
    const states = this.revisions.get(series) ?? [];
    const containing = states.slice(revision - 1).filter((state) => state !== 'collecting');
    return containing.at(-1) ?? 'collecting';
  }
}
