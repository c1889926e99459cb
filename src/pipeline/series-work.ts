import type { NodeConfig, Task } from '../config/schema.ts';
import type { SeriesInstanceUid, SopInstanceUid, TransferSyntaxUid } from '../dicom/uid.ts';
import type { GateValue, NewDerived } from '../ledger/ledger.ts';

/** One received instance of a series that is to be restored. */
export interface SourceFile {
  readonly path: string;
  readonly dataSetOffsetBytes: number;
  readonly transferSyntaxUid: TransferSyntaxUid;
  readonly sopInstanceUid: SopInstanceUid;
}

/** What earlier work on the same source series left in the ledger. */
export interface EarlierDerived {
  readonly sopInstanceUid: SopInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly pixelDigest: string;
  readonly task: string;
  readonly contextJson: string;
}

/** Who made the derived objects, and when: fields of their headers that are not pixels (derived-objects.md 2). */
export interface Provenance {
  readonly installationId: string;
  readonly nodeVersion: string;
  /** Moment of the job's first claim, from the ledger. */
  readonly claimedAt: number;
  /** IANA zone of Instance Creation Date and Time where the source names none. */
  readonly timezone: string;
}

/** One series to restore. Plain data: it crosses into a worker thread. */
export interface SeriesWork {
  readonly task: Task;
  readonly sources: readonly SourceFile[];
  readonly earlier: readonly EarlierDerived[];
  readonly weights: WeightsFile;
  readonly model: NodeConfig['model'];
  readonly gate: NodeConfig['gate'];
  /** Limits of this task that are wider than by default, as `key=value`: every derived object names them. */
  readonly widenedLimits: readonly string[];
  readonly applicability: 'refuse' | 'warn' | 'off';
  readonly provenance: Provenance;
}

export interface WeightsFile {
  readonly path: string;
  readonly digest: string;
}

/** What became of a series. Failures are errors; these are results. */
export type SeriesOutcome =
  | {
      readonly kind: 'restored';
      /** Complete and durable under the names of their digests, or in the folder that was asked for. */
      readonly derived: readonly NewDerived[];
      readonly gate: readonly GateValue[];
      readonly notes: readonly string[];
      readonly contextJson: string;
    }
  | { readonly kind: 'gated'; readonly gate: readonly GateValue[]; readonly reasons: readonly string[] }
  | { readonly kind: 'excluded'; readonly reasons: readonly string[] };

/** Tells how many frames of how many are done. */
export type OnProgress = (done: number, total: number) => void;
