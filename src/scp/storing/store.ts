import type { AeTitle } from '../../dicom/ae-title.ts';
import { HeaderScanner } from '../../dicom/header-scanner.ts';
import { encodeFileMeta } from '../../dicom/part10.ts';
import type { CommandSet } from '../../dimse/command-set.ts';
import type { Ledger, NewInstance } from '../../ledger/ledger.ts';
import type { Audit } from '../../observe/audit.ts';
import type { Logger } from '../../observe/logger.ts';
import { SpoolError } from '../../spool/errors.ts';
import type { Spool } from '../../spool/spool.ts';
import type { CallerRights } from '../callers.ts';
import type { ScpLimits } from '../limits.ts';
import { type StoreErrorCode, storeStatus } from '../status.ts';
import { type CommitOutcome, Commits } from './commit.ts';
import { isSameImage, scanStored } from './same-image.ts';
import { SinkBudget } from './sink-budget.ts';
import { type Checked, checkDataSet, type StoreRequest, uidOrNothing } from './store-checks.ts';
import { type ReceivedObject, StoreSink } from './store-sink.ts';

/** Who sends, on which association. */
export interface StorePeer {
  readonly associationId: string;
  readonly callingAeTitle: AeTitle;
  readonly calledAeTitle: AeTitle;
  readonly peerAddress: string;
  readonly rights: CallerRights;
}

/** What the sender is told: success, or why not. */
export type StoreAnswer = { readonly kind: 'stored' } | { readonly kind: 'refused'; readonly code: StoreErrorCode };

/** One object on its way in. */
export interface OpenStore {
  readonly request: StoreRequest;
  readonly peer: StorePeer;
  readonly sink: StoreSink;
  readonly dataSetOffsetBytes: number;
  /** By the monotonic clock. */
  readonly startedMs: number;
}

export interface StoreParts {
  readonly spool: Spool;
  readonly ledger: Pick<Ledger, 'recordInstance' | 'forgetInstance'>;
  readonly logger: Logger;
  readonly audit: Audit;
  readonly limits: ScpLimits;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that never steps. */
  readonly monotonicMs: () => number;
}

/** How long associations are rejected after the ledger failed to commit. */
const ledgerPauseMs = 10_000;

/** Takes objects in: opens a sink for each, and answers when the object is durable (dicom-io.md 3.6). */
export class StoreService {
  readonly #parts: StoreParts;
  readonly #budget: SinkBudget;
  readonly #commits: Commits;
  /** What is being finished or committed, for associations that have gone too. */
  readonly #underWay = new Set<Promise<StoreAnswer>>();
  #ledgerFailedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#budget = new SinkBudget(parts.limits);
    this.#commits = new Commits(parts.ledger);
  }

  /** The ledger did not commit a moment ago: no new association, so that senders try elsewhere or later. */
  get paused(): boolean {
    return this.#parts.monotonicMs() - this.#ledgerFailedMs < ledgerPauseMs;
  }

  /** Resolves when nothing is being committed. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Opens the file of an object whose command was accepted. */
  open(request: StoreRequest, peer: StorePeer): Checked<OpenStore> {
    try {
      return this.#open(request, peer);
    } catch (error) {
      if (!(error instanceof SpoolError)) throw error;
      return { kind: 'refused', code: error.code };
    }
  }

  #open(request: StoreRequest, peer: StorePeer): Checked<OpenStore> {
    const { spool, limits, monotonicMs } = this.#parts;
    const space = spool.space();
    if (space.verdict === 'above-high-mark') return { kind: 'refused', code: 'SCP_ABOVE_HIGH_MARK' };
    const meta = encodeFileMeta({ ...request, sourceAeTitle: peer.callingAeTitle });
    const sink = new StoreSink({
      incoming: spool.createIncoming(),
      scanner: new HeaderScanner(request.transferSyntaxUid, {
        maxHeaderBytes: limits.headerBytes,
        maxNesting: limits.sequenceDepth,
      }),
      budget: this.#budget,
      limit: smallerLimit(limits.storeDataSetBytes, space.bytesToHighMark),
      meta,
    });
    const open = { request, peer, sink, dataSetOffsetBytes: meta.length, startedMs: monotonicMs() };
    return { kind: 'accepted', value: open };
  }

  /** The last byte has come. Resolves when the object is durable, or when it is known that it will not be. */
  async finish(open: OpenStore): Promise<StoreAnswer> {
    const answer = await this.#track(this.#finishOrFail(open));
    if (answer.kind === 'refused') this.tellRefused(answer.code, open.peer, commandOf(open), open.sink.dataSetBytes);
    return answer;
  }

  /** A defect of ours costs one object, not the association. */
  async #finishOrFail(open: OpenStore): Promise<StoreAnswer> {
    try {
      return await this.#finish(open);
    } catch (cause) {
      await open.sink.discard();
      const reason = cause instanceof Error ? cause.name : typeof cause;
      this.#parts.logger.error('store.defect', { associationId: open.peer.associationId, reason });
      return { kind: 'refused', code: 'SCP_DEFECT' };
    }
  }

  async #finish(open: OpenStore): Promise<StoreAnswer> {
    const object = await open.sink.finish();
    if (typeof object === 'string') return { kind: 'refused', code: object };
    const identity = checkDataSet(object.header, open.request);
    if (identity.kind === 'refused') {
      object.incoming.discard();
      return identity;
    }
    const row = this.#rowOf(open, object, identity.value);
    const commit = this.#track(this.#commit(open, object, row));
    return Promise.race([commit, tooSlow(this.#parts.limits.commitMs, commit)]);
  }

  async #track(answer: Promise<StoreAnswer>): Promise<StoreAnswer> {
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  #rowOf(
    open: OpenStore,
    object: ReceivedObject,
    identity: Pick<NewInstance, 'studyInstanceUid' | 'seriesInstanceUid' | 'modality'>,
  ): NewInstance {
    const { request, peer, dataSetOffsetBytes } = open;
    return {
      ...request,
      ...identity,
      digest: object.digest,
      sizeBytes: dataSetOffsetBytes + object.dataSetBytes,
      dataSetOffsetBytes,
      callingAeTitle: peer.callingAeTitle,
      calledAeTitle: peer.calledAeTitle,
      peerAddress: peer.peerAddress,
      associationId: peer.associationId,
      receivedAt: this.#parts.now(),
    };
  }

  async #commit(open: OpenStore, object: ReceivedObject, row: NewInstance): Promise<StoreAnswer> {
    const outcome = await this.#commits.commit(object.incoming, row);
    if (outcome.kind === 'failed') {
      if (outcome.code.startsWith('LEDGER_')) this.#pause(outcome.code);
      return { kind: 'refused', code: outcome.code };
    }
    this.#tell(outcome, row, open.startedMs);
    return outcome.kind === 'conflict' ? this.#answerConflict(open, object, row, outcome) : { kind: 'stored' };
  }

  #pause(errorCode: StoreErrorCode): void {
    if (!this.paused)
      this.#parts.logger.error('ledger.unavailable', { errorCode, reason: 'a received object has no row' });
    this.#ledgerFailedMs = this.#parts.monotonicMs();
  }

  #tell(outcome: Exclude<CommitOutcome, { kind: 'failed' }>, row: NewInstance, startedMs: number): void {
    const { logger, audit, monotonicMs } = this.#parts;
    const fields = { ...row, durationMs: Math.round(monotonicMs() - startedMs) };
    if (outcome.kind === 'duplicate') logger.info('instance.duplicate', fields);
    else if (outcome.kind !== 'conflict') logger.info('instance.stored', fields);
    else {
      logger.warn('instance.conflict', fields);
      const { sopInstanceUid, peerAddress, digest } = row;
      audit.record('instance.conflict', row.callingAeTitle, { sopInstanceUid, peerAddress, digest });
    }
  }

  async #answerConflict(
    { peer }: OpenStore,
    { header }: ReceivedObject,
    row: NewInstance,
    conflict: Extract<CommitOutcome, { kind: 'conflict' }>,
  ): Promise<StoreAnswer> {
    if (peer.rights.onConflict === 'success') return { kind: 'stored' };
    if (conflict.keptTransferSyntaxUid !== row.transferSyntaxUid) {
      const kept = await scanStored(this.#parts.spool, conflict.keptDigest);
      if (kept !== undefined && isSameImage(kept, header)) return { kind: 'stored' };
    }
    return { kind: 'refused', code: 'SCP_CONFLICT' };
  }

  /** Logs that an object was not taken, and why. What the peer calls it is shown only where it is a UID. */
  tellRefused(code: StoreErrorCode, { associationId }: StorePeer, command: CommandSet, sizeBytes: number): void {
    const [sopClassUid, sopInstanceUid] = [command.affectedSopClassUid, command.affectedSopInstanceUid].map(
      uidOrNothing,
    );
    const dimseStatus = storeStatus[code];
    const fields = { associationId, sopClassUid, sopInstanceUid, sizeBytes, dimseStatus, errorCode: code };
    this.#parts.logger.warn('instance.refused', fields);
  }

  /** Logs that a request other than a C-STORE was refused. */
  tellNotServed(code: StoreErrorCode, { associationId }: StorePeer, { commandField }: CommandSet): void {
    const fields = { associationId, value: commandField, dimseStatus: storeStatus[code], errorCode: code };
    this.#parts.logger.warn('operation.refused', fields);
  }
}

function commandOf({ request }: OpenStore): CommandSet {
  return { affectedSopClassUid: request.sopClassUid, affectedSopInstanceUid: request.sopInstanceUid };
}

function smallerLimit(
  limitBytes: number,
  bytesToHighMark: number,
): { readonly bytes: number; readonly code: StoreErrorCode } {
  return bytesToHighMark < limitBytes
    ? { bytes: bytesToHighMark, code: 'SCP_ABOVE_HIGH_MARK' }
    : { bytes: limitBytes, code: 'SCP_DATA_SET_TOO_LONG' };
}

/** Answers when `commit` takes too long; what is committing goes on, and a repeat of the object is a duplicate. */
function tooSlow(commitMs: number, commit: Promise<unknown>): Promise<StoreAnswer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ kind: 'refused', code: 'SCP_COMMIT_TOO_SLOW' }), commitMs);
    void commit.finally(() => clearTimeout(timer)).catch(() => undefined);
  });
}
