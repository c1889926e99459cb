import { LedgerError } from '../ledger/errors.ts';
import type { Delivery, DeliveryEnd, DestinationName, Ledger } from '../ledger/ledger.ts';

export interface Claim {
  readonly ledger: Pick<Ledger, 'claimDeliveries' | 'extendDeliveries' | 'endDeliveries' | 'releaseDeliveries'>;
  readonly owner: string;
  readonly leaseMs: number;
  readonly now: () => number;
}

/**
 * Deliveries that we have claimed, until each is ended or given back. The lease of all of them is renewed meanwhile;
 * were it lost, somebody else sends them too, which is harmless (architecture.md rule 4).
 */
export class HeldDeliveries implements AsyncDisposable {
  readonly #claim: Claim;
  readonly #waiting: Delivery[];
  readonly #held: Set<string>;
  readonly #renewal: NodeJS.Timeout;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(claim: Claim, deliveries: readonly Delivery[]) {
    this.#claim = claim;
    this.#waiting = [...deliveries];
    this.#held = new Set(deliveries.map(({ deliveryId }) => deliveryId));
    this.#renewal = setInterval(() => {
      this.#renewing = this.#renew();
    }, claim.leaseMs / 3);
  }

  /** Claims what is due for a destination, at most so many and so large; what is too much is given back at once. */
  static async claim(
    claim: Claim,
    destination: DestinationName,
    limits: { readonly instances: number; readonly bytes: number },
  ): Promise<HeldDeliveries> {
    const now = claim.now();
    const lease = { owner: claim.owner, until: now + claim.leaseMs };
    const claimed = await claim.ledger.claimDeliveries(destination, limits.instances, lease, now);
    const fitting = fittingCount(claimed, limits.bytes);
    const held = new HeldDeliveries(claim, claimed);
    await held.#giveBack(held.#waiting.splice(fitting), now);
    return held;
  }

  /** Those that nobody has taken, in their order. */
  get waiting(): readonly Delivery[] {
    return this.#waiting;
  }

  /** The next one that suits; it is the caller's until it is ended or put back. */
  take(suits: (delivery: Delivery) => boolean): Delivery | undefined {
    const index = this.#waiting.findIndex(suits);
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  putBack(delivery: Delivery): void {
    this.#waiting.unshift(delivery);
  }

  /** Writes how an attempt ended; resolves when that is durable. */
  async end(end: DeliveryEnd): Promise<void> {
    await this.#claim.ledger.endDeliveries([end], this.#claim.owner);
    this.#held.delete(end.deliveryId);
  }

  /** Gives back all that nobody has taken; no attempt was made at them. */
  async releaseWaiting(dueAt: number): Promise<void> {
    await this.#giveBack(this.#waiting.splice(0), dueAt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#renewal);
    await this.#renewing;
  }

  async #giveBack(deliveries: readonly Delivery[], dueAt: number): Promise<void> {
    if (deliveries.length === 0) return;
    const ids = deliveries.map(({ deliveryId }) => deliveryId);
    for (const id of ids) this.#held.delete(id);
    await this.#claim.ledger.releaseDeliveries(ids, this.#claim.owner, dueAt);
  }

  async #renew(): Promise<void> {
    const { ledger, owner, leaseMs, now } = this.#claim;
    try {
      await ledger.extendDeliveries([...this.#held], { owner, until: now() + leaseMs });
    } catch (error) {
      // A ledger that can't commit now is met again when an outcome is written.
      if (!(error instanceof LedgerError)) throw error;
    }
  }
}

/** How many fit into so many bytes; one does in any case. */
function fittingCount(deliveries: readonly Delivery[], bytes: number): number {
  let sum = 0;
  const tooMuch = deliveries.findIndex(({ sizeBytes }) => (sum += sizeBytes) > bytes);
  return tooMuch < 0 ? deliveries.length : Math.max(tooMuch, 1);
}
