import type { DeliveryEnd } from '../ledger/ledger.ts';
import type { SenderErrorCode } from './errors.ts';

/** How one attempt at a delivery ended (dicom-io.md 4.3); the ledger keeps it beside the delivery's state. */
export type Outcome =
  | 'acknowledged'
  | 'warned'
  | 'duplicate'
  | 'busy'
  | 'failed'
  | 'refused'
  | 'no-context'
  | 'rejected'
  | 'unreachable'
  | 'aborted'
  | 'timeout'
  | 'protocol'
  | 'unreadable';

const warnings = new Set([0x0001, 0x0107, 0x0116]);
const failures = new Set([0x0110, 0x0210, 0x0213]);

/** What a C-STORE status means (PS3.4 B.2.3, PS3.7 annex C). A status that nobody defines is a refusal. */
export function outcomeOfStatus(status: number): Outcome {
  if (status === 0) return 'acknowledged';
  if (status >> 12 === 0xb || warnings.has(status)) return 'warned';
  if (status === 0x0111) return 'duplicate';
  if (status >> 8 === 0xa7) return 'busy';
  return failures.has(status) ? 'failed' : 'refused';
}

/** What an attempt without an answer is called. Exhaustive: a new code does not compile until it has an outcome. */
export const outcomeOfError: Readonly<Record<SenderErrorCode, Outcome>> = {
  SENDER_UNREACHABLE: 'unreachable',
  SENDER_REJECTED: 'rejected',
  SENDER_BUSY: 'rejected',
  SENDER_ABORTED: 'aborted',
  SENDER_TIMEOUT: 'timeout',
  SENDER_PROTOCOL: 'protocol',
  SENDER_UNREADABLE: 'unreadable',
  SENDER_STOPPED: 'aborted',
};

/** What came before this attempt. */
export interface History {
  /** Attempts that ended `failed`. */
  readonly failures: number;
  /** An earlier attempt may have been stored without our hearing of it, or the destination said that it has it. */
  readonly sentBefore: boolean;
}

/** The delivery's state after an attempt: `waiting` asks for a due time. */
export function stateAfter(outcome: Outcome, history: History, failedAttempts: number): DeliveryEnd['state'] {
  switch (outcome) {
    case 'acknowledged':
    case 'warned':
      return outcome;
    case 'duplicate':
      return history.sentBefore ? 'acknowledged' : 'refused';
    case 'failed':
      return history.failures + 1 >= failedAttempts ? 'refused' : 'waiting';
    case 'refused':
    case 'no-context':
    case 'unreadable':
      return 'refused';
    case 'busy':
    case 'rejected':
    case 'unreachable':
    case 'aborted':
    case 'timeout':
    case 'protocol':
      return 'waiting';
  }
}
