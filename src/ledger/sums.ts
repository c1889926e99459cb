import type { DeliveryState } from './states.ts';

/** The two sums of architecture.md, and what stands beside them by name. */
export interface LedgerSums {
  /** Instances and conflicts: restored + forwarded + excluded + quarantined + inProgress. */
  readonly received: number;
  readonly restored: number;
  readonly forwarded: number;
  readonly excluded: number;
  readonly quarantined: number;
  readonly inProgress: number;
  /** Deliveries: acknowledged + warned + refused + cancelled + waiting + sending. */
  readonly due: number;
  readonly acknowledged: number;
  readonly warned: number;
  readonly refused: number;
  readonly cancelled: number;
  readonly waiting: number;
  readonly sending: number;
  /** Instances of gated and failed series; they are part of `forwarded`. */
  readonly gated: number;
  readonly failed: number;
  /** Part of `quarantined`. */
  readonly conflicts: number;
  readonly derived: number;
  readonly removed: number;
  readonly oldestDueAt: number | null;
}

/** Deliveries by destination and state. */
export type DeliveryCounts = Readonly<Record<string, Readonly<Partial<Record<DeliveryState, number>>>>>;
