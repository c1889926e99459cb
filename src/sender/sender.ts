import type { Config, Destination } from '../config/schema.ts';
import { LedgerError } from '../ledger/errors.ts';
import { type DestinationName, destinationNameOf } from '../ledger/ledger.ts';
import { DestinationLine, type SenderParts } from './destination-line.ts';

/** How often the ledger is asked what is due; `wake` only makes it sooner. */
const pollMs = 1_000;

/**
 * Sends what is due, each destination on its own line (architecture.md, step 5). Deliveries are claims of the ledger, so
 * that several nodes may send for one installation, and a killed one loses nothing.
 */
export class Sender {
  readonly #parts: SenderParts;
  readonly #lines = new Map<DestinationName, { readonly destination: Destination; readonly line: DestinationLine }>();
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> = Promise.resolve();

  constructor(destinations: Config['destinations'], parts: SenderParts) {
    this.#parts = parts;
    for (const [name, destination] of Object.entries(destinations)) this.#add(destinationNameOf(name), destination);
  }

  start(): void {
    for (const { line } of this.#lines.values()) line.start();
    this.#timer = setInterval(() => this.wake(), pollMs);
    this.wake();
  }

  /** Deliveries may have been written just now. */
  wake(): void {
    this.#polling = this.#poll();
  }

  /** Lets each line end what it is sending; after the grace, at once. Nothing is lost: leases are given back. */
  async stop(graceMs: number): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#lines.values()].map(({ line }) => line.stop(graceMs)));
    await this.#polling;
  }

  /** Takes changed destinations into force; a line that stays the same goes on undisturbed. */
  async reconfigure(destinations: Config['destinations'], graceMs: number): Promise<void> {
    const wanted = new Map(Object.entries(destinations));
    const changed = [...this.#lines].filter(([name, { destination }]) => !isSame(destination, wanted.get(name)));
    for (const [name] of changed) this.#lines.delete(name);
    await Promise.all(changed.map(([, { line }]) => line.stop(graceMs)));
    for (const [name, destination] of wanted) {
      const destinationName = destinationNameOf(name);
      if (!this.#lines.has(destinationName)) this.#add(destinationName, destination).start();
    }
    this.wake();
  }

  #add(name: DestinationName, destination: Destination): DestinationLine {
    const line = new DestinationLine(name, destination, this.#parts);
    this.#lines.set(name, { destination, line });
    return line;
  }

  async #poll(): Promise<void> {
    const { ledger, now, logger } = this.#parts;
    try {
      for (const name of await ledger.destinationsWithWork(now())) this.#lines.get(name)?.line.wake();
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      logger.error('ledger.unavailable', { errorCode: error.code });
    }
  }
}

function isSame(a: Destination, b: Destination | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
