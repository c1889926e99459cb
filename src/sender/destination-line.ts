import type { Destination } from '../config/schema.ts';
import type { AeTitle } from '../dicom/ae-title.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { Delivery, DestinationName, Ledger } from '../ledger/ledger.ts';
import type { Logger } from '../observe/logger.ts';
import { AssociationOut } from './association-out.ts';
import type { SenderSettings } from './attempt.ts';
import { Batch } from './batch.ts';
import { Circuit } from './circuit.ts';
import { type EchoTarget, echo } from './echo.ts';
import { knowsInstance } from './find.ts';
import { HeldDeliveries } from './held-deliveries.ts';
import type { Transcode } from './lane.ts';
import { associateRequest } from './proposal.ts';

/** What every line of a sender shares. */
export interface SenderParts {
  readonly ledger: Ledger;
  readonly settings: SenderSettings;
  /** Our own AE title, where a destination names no other. */
  readonly callingAeTitle: AeTitle;
  /** Who we are in leases, the same after each start. */
  readonly owner: string;
  /** Where a delivery's file is. */
  readonly path: (delivery: Delivery) => string;
  readonly transcode: Transcode;
  readonly isWindowOpen: (window: string, now: number) => boolean;
  readonly logger: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

/**
 * One destination's work: claims what is due, sends it, waits. Its failures delay nobody else (dicom-io.md 4.3); nothing
 * is remembered here that the ledger does not have.
 */
export class DestinationLine {
  readonly #name: DestinationName;
  readonly #destination: Destination;
  readonly #parts: SenderParts;
  readonly #circuit: Circuit;
  readonly #abort = new AbortController();
  #draining = false;
  #isWoken = false;
  #sleeper: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(name: DestinationName, destination: Destination, parts: SenderParts) {
    this.#name = name;
    this.#destination = destination;
    this.#parts = parts;
    this.#circuit = new Circuit(name, parts);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There may be something to send. */
  wake(): void {
    this.#isWoken = true;
    this.#sleeper?.();
  }

  /** Begins no further object and ends in order; after the grace, at once. What was not answered is sent again later. */
  async stop(graceMs: number): Promise<void> {
    this.#draining = true;
    this.wake();
    const timer = setTimeout(() => this.#abort.abort(), graceMs);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#draining) {
      if (!(await this.#guardedStep())) await this.#sleep();
    }
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#sleeper = resolve;
      if (this.#isWoken) resolve();
    });
    this.#isWoken = false;
    this.#sleeper = undefined;
  }

  /** A ledger that can't commit ends the step; leases run out, and the next wake tries again. */
  async #guardedStep(): Promise<boolean> {
    try {
      return await this.#step();
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      this.#parts.logger.error('ledger.unavailable', { errorCode: error.code });
      return false;
    }
  }

  /** One batch, or one question whether the peer is there again. False when there is nothing to do now. */
  async #step(): Promise<boolean> {
    const { enabled, window } = this.#destination;
    const { settings, now, isWindowOpen } = this.#parts;
    if (!enabled || (window !== undefined && !isWindowOpen(window, now()))) return false;
    const next = await this.#circuit.whatNext();
    if (next === 'wait') return false;
    if (next === 'probe') return this.#probe();
    const limits = { instances: settings.batchInstances, bytes: settings.batchBytes };
    await using held = await HeldDeliveries.claim({ ...this.#parts, leaseMs: settings.leaseMs }, this.#name, limits);
    if (held.waiting.length === 0) return false;
    await new Batch(held, this.#circuit, {
      ...this.#parts,
      name: this.#name,
      destination: this.#destination,
      isDraining: () => this.#draining,
      isKnown: (delivery) => knowsInstance(this.#target, delivery, settings, this.#abort.signal),
      open: (contexts) =>
        AssociationOut.open(this.#target, associateRequest(this.#target, contexts), settings, this.#abort.signal),
    }).send();
    return true;
  }

  async #probe(): Promise<boolean> {
    const result = await echo(this.#target, this.#parts.settings, this.#abort.signal);
    if (result.kind !== 'failed') await this.#circuit.probed();
    else if (result.error.code !== 'SENDER_STOPPED') await this.#circuit.failed(result.error);
    return result.kind !== 'failed';
  }

  get #target(): EchoTarget {
    const { host, port, aeTitle, callingAeTitle } = this.#destination;
    return { host, port, calledAeTitle: aeTitle, callingAeTitle: callingAeTitle ?? this.#parts.callingAeTitle };
  }
}
