import type { NodeConfig } from '../config/schema.ts';
import type { Delivery, DeliveryEnd } from '../ledger/ledger.ts';
import type { EventName } from '../observe/log-events.ts';
import { backoffMs } from './backoff.ts';
import type { SenderError } from './errors.ts';
import { type Outcome, outcomeOfError, outcomeOfStatus, stateAfter } from './outcome.ts';

export type SenderSettings = NodeConfig['sender'];

/** How one attempt ended, before the ledger knows. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly dimseStatus: number | null;
  readonly reason: string;
  /** The destination has the object, by its own word, though we never heard that it took it. */
  readonly isKnown?: boolean;
  /** A wait of its own instead of the back-off. */
  readonly waitMs?: number;
}

/** What an answer means. The error comment may hold anything, patients' names too, and is not kept. */
export function attemptOfStatus(status: number): Attempt {
  const reason = `status 0x${status.toString(16).padStart(4, '0')}`;
  return { outcome: outcomeOfStatus(status), dimseStatus: status, reason };
}

/** What the end of an association means for whatever was under way in it. */
export function attemptOfError(error: SenderError, settings: SenderSettings): Attempt {
  const attempt = { outcome: outcomeOfError[error.code], dimseStatus: null, reason: error.reason };
  const waitMs = waitOf(error, settings);
  return waitMs === undefined ? attempt : { ...attempt, waitMs };
}

/** A wait that a failure has of its own: nobody mends a configuration in seconds, and our own stop is no failure. */
export function waitOf(error: SenderError, settings: SenderSettings): number | undefined {
  if (error.code === 'SENDER_REJECTED') return settings.rejectedRetryMs;
  return error.code === 'SENDER_STOPPED' ? 0 : undefined;
}

/** The ledger's row of an attempt: the state that follows, and when it is due again (dicom-io.md 4.3). */
export function endOf(
  delivery: Delivery,
  attempt: Attempt,
  settings: SenderSettings,
  at: { readonly now: number; readonly random: () => number },
): DeliveryEnd {
  const history = { failures: delivery.failures, sentBefore: delivery.attempts > 1 || attempt.isKnown === true };
  const state = stateAfter(attempt.outcome, history, settings.failedAttempts);
  const backoff = { firstMs: settings.backoffFirstMs, maxMs: settings.backoffMaxMs };
  const waitMs = attempt.waitMs ?? backoffMs(delivery.attempts, backoff, at.random);
  const { deliveryId } = delivery;
  const { outcome, dimseStatus, reason } = attempt;
  const dueAt = state === 'waiting' ? at.now + waitMs : null;
  return { deliveryId, state, outcome, dimseStatus, reason, dueAt, endedAt: at.now };
}

/** The log event of each state that is worth a line; an acknowledged delivery is the rule. */
export const deliveryEvents = {
  warned: 'delivery.warned',
  refused: 'delivery.refused',
  waiting: 'delivery.waiting',
} as const satisfies Record<Exclude<DeliveryEnd['state'], 'acknowledged'>, EventName>;
