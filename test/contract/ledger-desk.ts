import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { DeliveryEnd, Job, JobEnd, Ledger, SeriesKey, SeriesVerdict } from '../../src/ledger/ledger.ts';
import { derivedOf, instanceOf, pacs } from './ledger-rows.ts';

export const key = (series: number, revision = 1): SeriesKey => ({
  seriesInstanceUid: instanceOf(series, 1).seriesInstanceUid,
  revision,
});

export const lease = (owner: string, until: number) => ({ owner, until });

export const restored = (series: number, numbers: readonly number[]): JobEnd => ({
  kind: 'restored',
  derived: numbers.map((n) => derivedOf(instanceOf(series, n))),
  gate: [{ measure: 'noise', value: 0.5, lower: 0.2, upper: 1, passed: true }],
  notes: [],
  contextJson: '{}',
});

export const ended = (deliveryId: string, change: Partial<DeliveryEnd> = {}): DeliveryEnd => ({
  deliveryId,
  state: 'acknowledged',
  outcome: 'acknowledged',
  dimseStatus: 0,
  reason: '',
  dueAt: null,
  endedAt: 3_000,
  ...change,
});

/** A ledger in a folder of its own, and the steps that most tests begin with. */
export class LedgerDesk implements AsyncDisposable {
  ledger: Ledger;
  readonly #folder: string;
  readonly #open: (folder: string) => Promise<Ledger>;

  private constructor(folder: string, open: (folder: string) => Promise<Ledger>, ledger: Ledger) {
    this.#folder = folder;
    this.#open = open;
    this.ledger = ledger;
  }

  static async open(open: (folder: string) => Promise<Ledger>): Promise<LedgerDesk> {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
    return new LedgerDesk(folder, open, await open(folder));
  }

  async restart(): Promise<void> {
    await this.ledger.close();
    this.ledger = await this.#open(this.#folder);
  }

  async receive(series: number, from: number, to: number): Promise<void> {
    const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    await Promise.all(numbers.map((n) => this.ledger.recordInstance(instanceOf(series, n))));
  }

  async decide(series: number, verdict: SeriesVerdict, revision = 1): Promise<void> {
    const { length } = await this.ledger.seriesInstances(key(series).seriesInstanceUid);
    expect(await this.ledger.decideSeries(key(series, revision), length, verdict)).toBe(true);
  }

  async claimJob(now = 2_000): Promise<Job> {
    const found = await this.ledger.claimJob(lease('node', now + 1_000), [], now);
    if (found === undefined) throw new Error('no job was due');
    return found;
  }

  async deliverAll(now = 2_000): Promise<void> {
    const due = await this.ledger.claimDeliveries(pacs, 1_000, lease('s', now + 1_000), now);
    await this.ledger.endDeliveries(
      due.map(({ deliveryId }) => ended(deliveryId)),
      's',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.close();
    await rm(this.#folder, { recursive: true });
  }
}
