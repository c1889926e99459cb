import { DicomError } from '../dicom/errors.ts';
import { parseUid, type TransferSyntaxUid } from '../dicom/uid.ts';
import type { AssociateAccept } from '../dimse/associate-accept.ts';
import { storeRequest } from '../dimse/command-set.ts';
import type { Delivery } from '../ledger/ledger.ts';
import type { AssociationOut } from './association-out.ts';
import { type Attempt, attemptOfError, attemptOfStatus, type SenderSettings } from './attempt.ts';
import { SenderError } from './errors.ts';
import type { HeldDeliveries } from './held-deliveries.ts';
import { type DataSetSource, OutgoingBytes, OutgoingFile, SliceBuffers } from './outgoing-file.ts';
import { sliceBytesFor, writeDataSet } from './pdata-file-writer.ts';
import { type PlannedContext, routeOf, windowOf } from './proposal.ts';

/** Data set bytes of a stored file in another transfer syntax; runs off the event loop. @throws DicomError */
export type Transcode = (path: string, target: TransferSyntaxUid) => Promise<readonly Buffer[]>;

export interface LaneWork {
  readonly association: AssociationOut;
  readonly accept: AssociateAccept;
  readonly contexts: readonly PlannedContext[];
  readonly held: HeldDeliveries;
  readonly settings: SenderSettings;
  readonly path: (delivery: Delivery) => string;
  readonly transcode: Transcode;
  /** True when no further object may begin. */
  readonly isDraining: () => boolean;
  /** Writes an outcome; resolves when it is durable. */
  readonly end: (delivery: Delivery, attempt: Attempt) => Promise<void>;
  /** No context of its class was accepted. */
  readonly onRefused: (delivery: Delivery) => Promise<void>;
}

/**
 * Outcomes that may be on their way to the disk while the next objects are sent: they share flushes. A kill loses so many
 * at most, and their objects are sent again, which is harmless. Nothing new is claimed before all are durable.
 */
const mostUnwritten = 16;
/** Files that are opened and read before their turn. */
const filesAhead = 3;
const programError = { source: 0, reason: 0 } as const;

/** How a lane ended: `answers` counts objects that the peer took or refused, "out of resources" apart. */
export interface LaneEnd {
  readonly fault: SenderError | undefined;
  readonly answers: number;
  readonly isBusy: boolean;
}

interface Prepared {
  readonly delivery: Delivery;
  readonly contextId: number;
  readonly source: DataSetSource;
}

/**
 * One association's share of the claimed deliveries: one object after the other, the next file read while an answer is
 * awaited, as many unanswered as the peer grants (dicom-io.md 4.2).
 */
export class Lane {
  readonly #work: LaneWork;
  readonly #window: number;
  readonly #maxPduLengthBytes: number;
  readonly #buffers: SliceBuffers;
  readonly #ahead: Promise<Prepared | undefined>[] = [];
  readonly #unanswered = new Set<Promise<void>>();
  readonly #unwritten = new Set<Promise<void>>();
  #answers = 0;
  #busyInARow = 0;

  constructor(work: LaneWork) {
    this.#work = work;
    this.#window = windowOf(work.accept);
    this.#maxPduLengthBytes = work.accept.maxPduLengthBytes;
    this.#buffers = new SliceBuffers(sliceBytesFor(this.#maxPduLengthBytes));
  }

  /** Sends until nothing suits, the association ends, or the lane is told to drain; ends with every outcome durable. */
  async run(): Promise<LaneEnd> {
    for (let next = this.#nextPrepared(); next !== undefined; next = this.#nextPrepared()) {
      const prepared = await next;
      if (prepared === undefined) continue;
      await this.#freeSlot();
      if (this.#mustEnd()) this.#ahead.unshift(Promise.resolve(prepared));
      else await this.#send(prepared);
    }
    await Promise.all(this.#unanswered);
    await this.#putBackAhead();
    await Promise.all(this.#unwritten);
    return { fault: this.#work.association.fault, answers: this.#answers, isBusy: this.#isBusy };
  }

  /** The peer said "out of resources" so often that the rest had better wait. */
  get #isBusy(): boolean {
    return this.#busyInARow >= this.#work.settings.busyInARow;
  }

  #mustEnd(): boolean {
    return this.#work.isDraining() || this.#work.association.fault !== undefined || this.#isBusy;
  }

  async #freeSlot(): Promise<void> {
    while (this.#unanswered.size >= this.#window) await Promise.race(this.#unanswered);
    while (this.#unwritten.size >= mostUnwritten) await Promise.race(this.#unwritten);
  }

  /** The next object that this association can carry; those after it are being opened and read. */
  #nextPrepared(): Promise<Prepared | undefined> | undefined {
    if (this.#mustEnd()) return undefined;
    while (this.#ahead.length < filesAhead) {
      const delivery = this.#work.held.take((one) => this.#route(one).kind !== 'unproposed');
      if (delivery === undefined) break;
      const opening = this.#open(delivery);
      opening.catch(() => undefined); // Heard by `run`.
      this.#ahead.push(opening);
    }
    return this.#ahead.shift();
  }

  async #putBackAhead(): Promise<void> {
    for (const opening of this.#ahead.splice(0).toReversed()) {
      const prepared = await opening;
      await prepared?.source.close();
      if (prepared !== undefined) this.#work.held.putBack(prepared.delivery);
    }
  }

  #route(delivery: Delivery) {
    return routeOf(delivery, this.#work.contexts, this.#work.accept);
  }

  async #open(delivery: Delivery): Promise<Prepared | undefined> {
    const route = this.#route(delivery);
    if (route.kind === 'unproposed' || route.kind === 'refused') {
      await this.#work.onRefused(delivery);
      return undefined;
    }
    try {
      const source = await this.#source(delivery, route.kind === 'as-stored' ? undefined : route.transferSyntaxUid);
      return { delivery, contextId: route.contextId, source };
    } catch (error) {
      await this.#work.end(delivery, this.#unsendable(error));
      return undefined;
    }
  }

  async #source(delivery: Delivery, targetUid: string | undefined): Promise<DataSetSource> {
    const path = this.#work.path(delivery);
    const { dataSetOffsetBytes, digest } = delivery;
    if (targetUid === undefined) return OutgoingFile.open({ path, dataSetOffsetBytes, digest }, this.#buffers);
    return new OutgoingBytes(await this.#work.transcode(path, parseUid(targetUid)), this.#buffers);
  }

  /** A file that can't be read is an alarm; one that can't be transcoded has no context that fits. */
  #unsendable(error: unknown): Attempt {
    if (error instanceof SenderError) return attemptOfError(error, this.#work.settings);
    if (!(error instanceof DicomError)) throw error;
    return { outcome: 'no-context', dimseStatus: null, reason: `not transcoded: ${error.code}` };
  }

  /** Resolves when the last byte has left; the answer is heard meanwhile or later. */
  async #send(prepared: Prepared): Promise<void> {
    await new Promise<void>((sent) => {
      const settled = this.#settle(prepared, sent).finally(() => this.#unanswered.delete(settled));
      settled.catch(() => undefined); // Heard by `run`.
      this.#unanswered.add(settled);
    });
  }

  /** Ends when the answer is there; its outcome is being written then. */
  async #settle(prepared: Prepared, sent: () => void): Promise<void> {
    const attempt = await this.#attempt(prepared, sent);
    const written = this.#work.end(prepared.delivery, attempt).finally(() => this.#unwritten.delete(written));
    written.catch(() => undefined); // Heard by `run`.
    this.#unwritten.add(written);
    await prepared.source.close();
  }

  async #attempt({ delivery, contextId, source }: Prepared, sent: () => void): Promise<Attempt> {
    const { association, settings } = this.#work;
    const target = { contextId, maxPduLengthBytes: this.#maxPduLengthBytes };
    const { sopClassUid, sopInstanceUid } = delivery;
    const command = storeRequest({ messageId: 0, sopClassUid, sopInstanceUid });
    let begun = false;
    const write = (chunks: readonly Buffer[]): Promise<void> => {
      begun = true;
      return association.write(chunks);
    };
    try {
      const { status } = await association.ask({
        ...target,
        command,
        write: (commandPdus) => writeDataSet(write, source, target, commandPdus).finally(sent),
      });
      return this.#answer(status);
    } catch (error) {
      if (!(error instanceof SenderError)) throw error;
      // Half an object is on its way and can't be taken back: only the end of the association says so.
      if (error.code === 'SENDER_UNREADABLE' && begun) {
        association.abort(programError, new SenderError('SENDER_STOPPED', { what: 'damaged file' }));
      }
      return attemptOfError(error, settings);
    }
  }

  #answer(status: number): Attempt {
    const attempt = attemptOfStatus(status);
    const isBusy = attempt.outcome === 'busy';
    this.#busyInARow = isBusy ? this.#busyInARow + 1 : 0;
    if (!isBusy) this.#answers++;
    return attempt;
  }
}
