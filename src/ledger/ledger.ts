import type { AeTitle } from '../dicom/ae-title.ts';
import type {
  SeriesInstanceUid,
  SopClassUid,
  SopInstanceUid,
  StudyInstanceUid,
  TransferSyntaxUid,
} from '../dicom/uid.ts';
import { LedgerError } from './errors.ts';
import type { DeliveryState, InstanceState, SeriesState } from './states.ts';
import type { DeliveryCounts, LedgerSums } from './sums.ts';

declare const brand: unique symbol;
/** SHA-256, 64 lower-case hexadecimal digits; made by `digestOf`. */
export type Digest = string & { readonly [brand]: 'Digest' };
/** A key of `destinations.yaml`; made by `destinationNameOf`. */
export type DestinationName = string & { readonly [brand]: 'DestinationName' };

/** One received object as `scp` knows it when its last byte is written. */
export interface NewInstance {
  readonly sopInstanceUid: SopInstanceUid;
  readonly sopClassUid: SopClassUid;
  readonly studyInstanceUid: StudyInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly transferSyntaxUid: TransferSyntaxUid;
  /** Of the data set bytes alone; names the file in the spool. */
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Where the data set begins in the stored file. */
  readonly dataSetOffsetBytes: number;
  readonly modality: string;
  readonly callingAeTitle: AeTitle;
  readonly calledAeTitle: AeTitle;
  readonly peerAddress: string;
  readonly associationId: string;
  readonly receivedAt: number;
}

export interface InstanceRow extends NewInstance {
  readonly state: InstanceState;
}

/** What became of a received object. The promise that gives it resolves only when the row is durable. */
export type RecordOutcome =
  | { readonly kind: 'stored' }
  /** The same bytes are kept already: nothing changed. */
  | { readonly kind: 'duplicate' }
  /** The same bytes, whose first copy retention had removed: a new store, its deliveries are due again. */
  | { readonly kind: 'stored-again' }
  /** A known UID with other bytes: kept aside in `conflict`, counted as quarantined. */
  | { readonly kind: 'conflict'; readonly keptDigest: Digest; readonly keptTransferSyntaxUid: TransferSyntaxUid };

export interface SeriesKey {
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly revision: number;
}

/** A series in `collecting`, with the evidence that rows alone can give (derived-objects.md 5.1: E1, E7, age). */
export interface CollectingSeries extends SeriesKey {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly modality: string;
  /** All instances of the series, earlier revisions included. */
  readonly instances: number;
  readonly firstReceivedAt: number;
  readonly lastReceivedAt: number;
  /** Associations that brought an instance of this revision and were not released in order yet. */
  readonly openAssociations: number;
}

/** A decision as `router` made it, in the words of the ledger. Written once per revision, in one transaction. */
export interface SeriesVerdict {
  readonly state: 'decided' | 'forwarded' | 'excluded' | 'quarantined';
  /** Name of the rule that decided, or `none`. */
  readonly rule: string;
  readonly task: string | null;
  readonly reasons: readonly string[];
  /** Evidence that closed the series: `count`, `positions`, `quiet`, `age`. */
  readonly completedBy: string;
  /** Summary that the rules saw, as JSON; kept for replays. */
  readonly summaryJson: string;
  /** Where the originals go; deliveries that exist already are left as they are. */
  readonly originals: readonly DestinationName[];
  /** Present when state is `decided`: the work that follows. */
  readonly job: NewJob | null;
  readonly decidedAt: number;
}

export interface NewJob {
  readonly task: string;
  readonly weightsDigest: Digest;
  readonly settingsDigest: Digest;
  readonly priority: number;
  readonly window: string | null;
  /** Where the restored instances go. */
  readonly restored: readonly DestinationName[];
  /** The rule's share of the job (`accept`, `applicability`, limits), as JSON. */
  readonly settingsJson: string;
}

export interface Lease {
  readonly owner: string;
  readonly until: number;
}

export interface Job extends NewJob, SeriesKey {
  readonly jobId: string;
  readonly attempts: number;
  /** Moment of the first claim: Instance Creation Date and Time of everything that the job derives. */
  readonly firstClaimedAt: number;
  readonly originals: readonly DestinationName[];
}

/** One derived object, already durable in the spool. */
export interface NewDerived {
  readonly sopInstanceUid: SopInstanceUid;
  readonly sopClassUid: SopClassUid;
  readonly studyInstanceUid: StudyInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly transferSyntaxUid: TransferSyntaxUid;
  readonly sourceSopInstanceUid: SopInstanceUid;
  readonly digest: Digest;
  readonly pixelDigest: Digest;
  readonly sizeBytes: number;
  readonly dataSetOffsetBytes: number;
}

/** One measured value of the gate; kept for every series, passed or not. */
export interface GateValue {
  readonly measure: string;
  readonly value: number;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly passed: boolean;
}

/** How one attempt at a job ended. Each kind is one transaction. */
export type JobEnd =
  | {
      readonly kind: 'restored';
      readonly derived: readonly NewDerived[];
      readonly gate: readonly GateValue[];
      readonly notes: readonly string[];
      readonly contextJson: string;
    }
  /** The gate said no: nothing derived leaves. */
  | { readonly kind: 'gated'; readonly gate: readonly GateValue[]; readonly reasons: readonly string[] }
  /** Found only at work: nothing to restore, or a refusal that needs pixels. */
  | { readonly kind: 'excluded'; readonly reasons: readonly string[] }
  | { readonly kind: 'retry'; readonly reason: string; readonly dueAt: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** One file that one destination is to get. */
export interface Delivery {
  readonly deliveryId: string;
  readonly destination: DestinationName;
  readonly origin: 'instance' | 'derived';
  readonly sopInstanceUid: SopInstanceUid;
  readonly sopClassUid: SopClassUid;
  readonly studyInstanceUid: StudyInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly transferSyntaxUid: TransferSyntaxUid;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly dataSetOffsetBytes: number;
  /** Attempts so far, this one included. */
  readonly attempts: number;
  /** How many of the attempts ended `failed` (dicom-io.md 4.3: eight at most). */
  readonly failures: number;
}

/** State after one attempt; the attempt itself is kept beside it (dicom-io.md 4.3). */
export interface DeliveryEnd {
  readonly deliveryId: string;
  readonly state: Extract<DeliveryState, 'acknowledged' | 'warned' | 'refused' | 'waiting'>;
  /** Outcome of the attempt: `acknowledged`, `busy`, `unreachable` … */
  readonly outcome: string;
  readonly dimseStatus: number | null;
  readonly reason: string;
  /** When to try again; only with `waiting`. */
  readonly dueAt: number | null;
  readonly endedAt: number;
}

/** One series with its decision, job, gate values and deliveries: the story that `ledger --series` tells. */
export interface SeriesStory extends SeriesKey {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly modality: string;
  readonly state: SeriesState;
  readonly instances: number;
  readonly rule: string | null;
  readonly task: string | null;
  readonly reasons: readonly string[];
  readonly gate: readonly GateValue[];
  readonly derivedSeriesInstanceUid: SeriesInstanceUid | null;
  /** Of the originals, per destination. */
  readonly deliveries: DeliveryCounts;
  /** Of what was derived from this series, per destination. */
  readonly derivedDeliveries: DeliveryCounts;
}

/** A derived object as later revisions and `doctor --rebuild` know it. */
export interface DerivedRow extends NewDerived {
  readonly task: string;
  readonly contextJson: string;
  readonly revision: number;
}

/**
 * The node's only memory (architecture.md, "The ledger"). Every method is one transaction, can be run twice with the
 * same result, and resolves when it is durable. Nothing here names a path, an order of rows or the only process.
 * @throws LedgerError LEDGER_UNAVAILABLE when the database can't commit
 */
export interface Ledger {
  recordInstance(instance: NewInstance): Promise<RecordOutcome>;
  /** An association ended in order; its series may now count it as evidence. */
  associationReleased(associationId: string, releasedAt: number): Promise<void>;
  findInstance(sopInstanceUid: SopInstanceUid): Promise<InstanceRow | undefined>;

  /** Instances in `stored`, oldest first: the `when: instance` rules have not seen them yet. */
  unroutedInstances(limit: number): Promise<readonly InstanceRow[]>;
  /** Marks instances `routed` and writes their early deliveries, all in one transaction. */
  routeInstances(
    routes: readonly { readonly sopInstanceUid: SopInstanceUid; readonly destinations: readonly DestinationName[] }[],
    now: number,
  ): Promise<void>;
  collectingSeries(): Promise<readonly CollectingSeries[]>;
  seriesInstances(seriesInstanceUid: SeriesInstanceUid): Promise<readonly InstanceRow[]>;
  /** False when the series was decided already or grew since `instances` were counted: look again. */
  decideSeries(key: SeriesKey, instances: number, verdict: SeriesVerdict): Promise<boolean>;

  /** The most urgent due job whose window is among the open ones (null: a job without a window is always open). */
  claimJob(lease: Lease, openWindows: readonly string[], now: number): Promise<Job | undefined>;
  extendJob(jobId: string, lease: Lease): Promise<boolean>;
  /**
   * At start: what this owner had claimed in an earlier life is due again now, instead of when its lease runs out. Each
   * process of an installation is an owner of its own.
   */
  abandonLeases(owner: string): Promise<void>;
  /** False when the lease was lost: the result is dropped, somebody else has the job. */
  endJob(jobId: string, owner: string, end: JobEnd, now: number): Promise<boolean>;
  findDerived(sopInstanceUid: SopInstanceUid): Promise<NewDerived | undefined>;
  /** Derived instances of a source series, every recipe; for sticky MR scale, ordinals and late slices. */
  derivedOfSeries(seriesInstanceUid: SeriesInstanceUid): Promise<readonly DerivedRow[]>;

  /**
   * Leases the oldest `limit` due deliveries of one destination, series by series; abandoned leases are due again.
   * Each claim counts as an attempt until `releaseDeliveries` takes it back.
   */
  claimDeliveries(destination: DestinationName, limit: number, lease: Lease, now: number): Promise<readonly Delivery[]>;
  extendDeliveries(deliveryIds: readonly string[], lease: Lease): Promise<void>;
  /** Every attempt is kept; a delivery whose lease somebody else has now keeps its state. */
  endDeliveries(ends: readonly DeliveryEnd[], owner: string): Promise<void>;
  /** Gives claimed deliveries back untouched: the association was never made. */
  releaseDeliveries(deliveryIds: readonly string[], owner: string, dueAt: number): Promise<void>;
  destinationsWithWork(now: number): Promise<readonly DestinationName[]>;
  /** By a person: what waits, was refused or cancelled is due now. Resolves to how many rows changed. */
  retryDeliveries(filter: DeliveryFilter, now: number): Promise<number>;
  /** By a person: what waits or was refused. What is on its way is not touched. Resolves to how many rows changed. */
  cancelDeliveries(filter: DeliveryFilter, now: number): Promise<number>;

  /**
   * Files of which every delivery, one at least, is acknowledged or warned since before `olderThan`, and whose series
   * has no work before it; never anything undelivered.
   */
  removable(olderThan: number, limit: number): Promise<readonly RemovableFile[]>;
  markRemoved(sopInstanceUids: readonly SopInstanceUid[], now: number): Promise<void>;

  sums(): Promise<LedgerSums>;
  stories(filter: {
    readonly limit: number;
    readonly seriesInstanceUid?: SeriesInstanceUid;
    readonly studyInstanceUid?: StudyInstanceUid;
  }): Promise<readonly SeriesStory[]>;
  setting(key: string): Promise<string | undefined>;
  setSetting(key: string, value: string): Promise<void>;
  audit(entry: {
    readonly at: number;
    readonly actor: string;
    readonly action: string;
    readonly detailJson: string;
  }): Promise<void>;

  /** Rows newer than the last clean mark, to be checked against their files at start (dicom-io.md 3.6). */
  instancesSinceCleanMark(): Promise<readonly InstanceRow[]>;
  /** Takes back a row whose file failed its check, or whose store was not answered 0000; its deliveries go with it. */
  forgetInstance(sopInstanceUid: SopInstanceUid): Promise<void>;
  /** Instances received until then are durable with their files: call it with a moment before any store in flight. */
  markClean(until: number): Promise<void>;
  /** Of these digests of received files, the ones that no row names: files to adopt. */
  unknownDigests(digests: readonly Digest[]): Promise<readonly Digest[]>;
  /** Puts back the row of a derived file that is in the spool; one that exists already stays as it is. */
  adoptDerived(derived: DerivedRow, now: number): Promise<void>;
  close(): Promise<void>;
}

/** The part that another process reads while the node runs, or after its death. */
export type LedgerReader = Pick<
  Ledger,
  | 'sums'
  | 'stories'
  | 'findInstance'
  | 'seriesInstances'
  | 'findDerived'
  | 'derivedOfSeries'
  | 'collectingSeries'
  | 'destinationsWithWork'
  | 'setting'
  | 'close'
>;

export interface RemovableFile {
  readonly digest: Digest;
  readonly origin: 'instance' | 'derived';
  readonly sopInstanceUid: SopInstanceUid;
}

export interface DeliveryFilter {
  readonly destination?: DestinationName;
  readonly state?: DeliveryState;
  readonly seriesInstanceUid?: SeriesInstanceUid;
  readonly sopInstanceUid?: SopInstanceUid;
}

const digestForm = /^[0-9a-f]{64}$/;
const destinationForm = /^[A-Za-z0-9._-]{1,64}$/;

function isDigest(text: string): text is Digest {
  return digestForm.test(text);
}

function isDestinationName(text: string): text is DestinationName {
  return destinationForm.test(text);
}

/** The only maker of digests. @throws LedgerError LEDGER_BAD_DIGEST */
export function digestOf(hexadecimal: string): Digest {
  if (!isDigest(hexadecimal)) throw new LedgerError('LEDGER_BAD_DIGEST', { length: hexadecimal.length });
  return hexadecimal;
}

/** The only maker of destination names. @throws LedgerError LEDGER_BAD_DESTINATION */
export function destinationNameOf(text: string): DestinationName {
  if (!isDestinationName(text)) throw new LedgerError('LEDGER_BAD_DESTINATION', { length: text.length });
  return text;
}
