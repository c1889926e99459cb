import type { Destination } from '../config/schema.ts';
import type { Delivery, DeliveryEnd, DestinationName, Ledger } from '../ledger/ledger.ts';
import { silentLogger } from '../observe/logger.ts';
import { AssociationOut } from './association-out.ts';
import type { SenderSettings } from './attempt.ts';
import { Batch } from './batch.ts';
import { Circuit } from './circuit.ts';
import type { EchoTarget } from './echo.ts';
import { knowsInstance } from './find.ts';
import { HeldDeliveries } from './held-deliveries.ts';
import type { Transcode } from './lane.ts';
import { associateRequest } from './proposal.ts';

/** One file to send by hand; the digest is that of its data set bytes. */
export type FileToSend = Omit<Delivery, 'deliveryId' | 'destination' | 'origin' | 'attempts' | 'failures'> & {
  readonly path: string;
};

/** How one file's only attempt ended; `not-tried` when the destination failed before its turn. */
export interface SentFile {
  readonly file: FileToSend;
  readonly outcome: string;
  readonly dimseStatus: number | null;
  readonly reason: string;
  readonly isAcknowledged: boolean;
}

export interface SendOnceRequest {
  readonly name: DestinationName;
  readonly destination: Destination;
  readonly target: EchoTarget;
  readonly settings: SenderSettings;
  readonly files: readonly FileToSend[];
  readonly transcode: Transcode;
  readonly signal: AbortSignal;
  readonly onEnd: (done: number) => void;
}

/**
 * Sends files once, without a ledger: the same batch, lanes and negotiation as the node's, but nothing is tried again.
 * Resolves to an outcome for every file, in their order.
 */
export async function sendOnce(request: SendOnceRequest): Promise<readonly SentFile[]> {
  const { name, destination, target, settings, files, signal } = request;
  const list = new SendList(name, files, request.onEnd);
  const clock = { now: Date.now, random: Math.random, logger: silentLogger };
  const claim = { ledger: list, owner: 'command', leaseMs: settings.leaseMs, now: clock.now };
  const limits = { instances: files.length, bytes: Number.POSITIVE_INFINITY };
  await using held = await HeldDeliveries.claim(claim, name, limits);
  await new Batch(held, new Circuit(name, { ...clock, ledger: list, settings }), {
    ...clock,
    name,
    destination,
    settings,
    transcode: request.transcode,
    path: (delivery) => list.fileOf(delivery.deliveryId).path,
    isDraining: () => signal.aborted,
    isKnown: (delivery) => knowsInstance(target, delivery, settings, signal),
    open: (contexts) => AssociationOut.open(target, associateRequest(target, contexts), settings, signal),
  }).send();
  return list.results();
}

type ListedLedger = Pick<
  Ledger,
  'claimDeliveries' | 'extendDeliveries' | 'endDeliveries' | 'releaseDeliveries' | 'setting' | 'setSetting'
>;

/** What the batch takes for its ledger: the files of one command, in memory. */
class SendList implements ListedLedger {
  readonly #name: DestinationName;
  readonly #files: readonly FileToSend[];
  readonly #onEnd: (done: number) => void;
  readonly #ends = new Map<string, DeliveryEnd>();

  constructor(name: DestinationName, files: readonly FileToSend[], onEnd: (done: number) => void) {
    this.#name = name;
    this.#files = files;
    this.#onEnd = onEnd;
  }

  fileOf(deliveryId: string): FileToSend {
    const file = this.#files[Number(deliveryId)];
    if (file === undefined) throw new Error(`no file has the number ${deliveryId}`);
    return file;
  }

  results(): readonly SentFile[] {
    const last = [...this.#ends.values()].findLast(({ state }) => state === 'waiting');
    return this.#files.map((file, index) => {
      const end = this.#ends.get(String(index));
      if (end === undefined) return { file, ...notTried, reason: last?.reason ?? 'stopped before its turn' };
      const { outcome, dimseStatus, reason, state } = end;
      return { file, outcome, dimseStatus, reason, isAcknowledged: state === 'acknowledged' || state === 'warned' };
    });
  }

  async claimDeliveries(): Promise<readonly Delivery[]> {
    return this.#files.map((file, index) => ({
      ...file,
      deliveryId: String(index),
      destination: this.#name,
      origin: 'instance',
      attempts: 1,
      failures: 0,
    }));
  }

  async endDeliveries(ends: readonly DeliveryEnd[]): Promise<void> {
    for (const end of ends) this.#ends.set(end.deliveryId, end);
    this.#onEnd(this.#ends.size);
  }

  async extendDeliveries(): Promise<void> {}

  async releaseDeliveries(): Promise<void> {}

  async setting(): Promise<undefined> {
    return undefined;
  }

  async setSetting(): Promise<void> {}
}

const notTried = { outcome: 'not-tried', dimseStatus: null, isAcknowledged: false } as const;
