import type { Destination } from '../config/schema.ts';
import type { AssociateAccept } from '../dimse/associate-accept.ts';
import type { Delivery, DestinationName } from '../ledger/ledger.ts';
import type { Logger } from '../observe/logger.ts';
import type { AssociationOut } from './association-out.ts';
import { type Attempt, attemptOfError, deliveryEvents, endOf, type SenderSettings } from './attempt.ts';
import type { Circuit } from './circuit.ts';
import { SenderError } from './errors.ts';
import type { HeldDeliveries } from './held-deliveries.ts';
import { Lane, type LaneEnd, type Transcode } from './lane.ts';
import { type PlannedContext, proposeContexts, proposeOffer } from './proposal.ts';

export interface BatchParts {
  readonly name: DestinationName;
  readonly destination: Destination;
  readonly settings: SenderSettings;
  readonly path: (delivery: Delivery) => string;
  readonly transcode: Transcode;
  readonly logger: Logger;
  readonly now: () => number;
  readonly random: () => number;
  readonly isDraining: () => boolean;
  /** Whether the destination says that it has an object. */
  readonly isKnown: (delivery: Delivery) => Promise<boolean>;
  readonly open: (contexts: readonly PlannedContext[]) => Promise<Opened>;
}

interface Opened {
  readonly association: AssociationOut;
  readonly accept: AssociateAccept;
}

/** A further association pays from so many objects on. */
const objectsPerAssociation = 8;
const programError = { source: 0, reason: 0 } as const;
const noContext: Attempt = { outcome: 'no-context', dimseStatus: null, reason: 'no presentation context accepted' };

/**
 * What was claimed for one destination, sent over as many associations as it allows and negotiation needs
 * (dicom-io.md 4.1). Ends with every delivery ended or given back.
 */
export class Batch {
  readonly #held: HeldDeliveries;
  readonly #circuit: Circuit;
  readonly #parts: BatchParts;
  /** Of classes of which no context was accepted; the offer's turn comes last. */
  readonly #refused: Delivery[] = [];
  #restDueAt: number;

  constructor(held: HeldDeliveries, circuit: Circuit, parts: BatchParts) {
    this.#held = held;
    this.#circuit = circuit;
    this.#parts = parts;
    this.#restDueAt = parts.now();
  }

  async send(): Promise<void> {
    if (await this.#sendAll()) await this.#sendOffer();
    this.#putBackRefused();
    await this.#held.releaseWaiting(this.#restDueAt);
  }

  /** False when the destination had better be left alone for now. */
  async #sendAll(): Promise<boolean> {
    while (this.#held.waiting.length > 0) {
      const contexts = proposeContexts(this.#held.waiting);
      if (!(await this.#associate(contexts, (delivery) => this.#refuse(delivery)))) return false;
    }
    return true;
  }

  /** A second association for what no context was accepted for (dicom-io.md 4.1.4). */
  async #sendOffer(): Promise<void> {
    const contexts = proposeOffer(this.#refused, this.#parts.destination.offer);
    this.#putBackRefused();
    if (contexts.length > 0) await this.#associate(contexts, (delivery) => this.#end(delivery, noContext));
  }

  async #refuse(delivery: Delivery): Promise<void> {
    if (this.#parts.destination.offer.length > 0) this.#refused.push(delivery);
    else await this.#end(delivery, noContext);
  }

  #putBackRefused(): void {
    for (const delivery of this.#refused.splice(0).toReversed()) this.#held.putBack(delivery);
  }

  /** True when all that suits these contexts was sent. */
  async #associate(
    contexts: readonly PlannedContext[],
    onRefused: (delivery: Delivery) => Promise<void>,
  ): Promise<boolean> {
    const ends: LaneEnd[] = [];
    const run = async (opened: Opened): Promise<void> => {
      ends.push(await this.#runLane(opened, contexts, onRefused));
    };
    const first = await this.#tryOpen(contexts);
    if (first instanceof SenderError) return this.#notOpened(first);
    const results = await Promise.allSettled([run(first), ...this.#furtherLanes(contexts, run)]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return this.#judge(ends);
  }

  /** A peer that takes fewer associations than we may open is no failure: those that it takes do the work. */
  #furtherLanes(contexts: readonly PlannedContext[], run: (opened: Opened) => Promise<void>): readonly Promise<void>[] {
    const useful = Math.ceil(this.#held.waiting.length / objectsPerAssociation);
    const count = Math.min(this.#parts.destination.associations, useful) - 1;
    return Array.from({ length: Math.max(count, 0) }, async () => {
      const opened = await this.#tryOpen(contexts);
      if (!(opened instanceof SenderError)) await run(opened);
    });
  }

  async #tryOpen(contexts: readonly PlannedContext[]): Promise<Opened | SenderError> {
    try {
      return await this.#parts.open(contexts);
    } catch (error) {
      if (error instanceof SenderError) return error;
      throw error;
    }
  }

  async #runLane(
    opened: Opened,
    contexts: readonly PlannedContext[],
    onRefused: (delivery: Delivery) => Promise<void>,
  ): Promise<LaneEnd> {
    const { association } = opened;
    const end = (delivery: Delivery, attempt: Attempt): Promise<void> => this.#end(delivery, attempt);
    try {
      const laneEnd = await new Lane({ ...this.#parts, ...opened, contexts, held: this.#held, onRefused, end }).run();
      await association.release();
      return laneEnd;
    } catch (error) {
      association.abort(programError, new SenderError('SENDER_STOPPED'));
      throw error;
    }
  }

  /** The attempt is the first delivery's; the others were not tried and are due again together with it. */
  async #notOpened(error: SenderError): Promise<boolean> {
    if (error.code === 'SENDER_STOPPED') return false;
    this.#restDueAt = await this.#circuit.failed(error);
    const waitMs = this.#restDueAt - this.#parts.now();
    const first = this.#held.take(() => true);
    if (first !== undefined) await this.#end(first, { ...attemptOfError(error, this.#parts.settings), waitMs });
    return false;
  }

  /** Whoever took or refused an object is there; whoever only fails, or is only busy, is left alone for a while. */
  async #judge(ends: readonly LaneEnd[]): Promise<boolean> {
    const fault = ends.find((end) => end.fault !== undefined)?.fault;
    const isBusy = ends.some((end) => end.isBusy);
    const isDone = fault === undefined && !isBusy && !this.#parts.isDraining();
    const stopped = fault?.code === 'SENDER_STOPPED' || this.#parts.isDraining();
    if (isDone || ends.some((end) => end.answers > 0)) await this.#circuit.succeeded();
    else if (!stopped) this.#restDueAt = await this.#circuit.failed(fault ?? outOfResources);
    return isDone;
  }

  /** A first attempt that meets a duplicate: somebody else sent it, or we did before the ledger was rebuilt. */
  async #confirmed(delivery: Delivery, attempt: Attempt): Promise<Attempt> {
    if (attempt.outcome !== 'duplicate' || delivery.attempts > 1) return attempt;
    return { ...attempt, isKnown: await this.#parts.isKnown(delivery) };
  }

  async #end(delivery: Delivery, attempt: Attempt): Promise<void> {
    const { settings, now, random, logger, name } = this.#parts;
    const asked = await this.#confirmed(delivery, attempt);
    const end = endOf(delivery, asked, settings, { now: now(), random });
    await this.#held.end(end);
    const { sopInstanceUid, seriesInstanceUid } = delivery;
    const fields = { destination: name, sopInstanceUid, seriesInstanceUid, attempt: delivery.attempts };
    if (end.state === 'acknowledged') logger.debug('delivery.acknowledged', fields);
    else {
      const dimseStatus = attempt.dimseStatus ?? undefined;
      logger.warn(deliveryEvents[end.state], {
        ...fields,
        dimseStatus,
        reason: `${attempt.outcome}: ${attempt.reason}`,
      });
    }
  }
}

const outOfResources = new SenderError('SENDER_BUSY', { what: 'out of resources' });
