import { type Backoff, backoffMs } from './backoff.ts';

/** How a destination's last associations went; kept in the ledger, so that a restart does not forget to wait. */
export interface CircuitState {
  /** Associations that failed in a row. */
  readonly failures: number;
  /** Nothing is tried before. */
  readonly nextAt: number;
  /** A C-ECHO was answered since the last failure. */
  readonly probed: boolean;
  readonly reason: string;
}

export interface CircuitSettings {
  readonly backoff: Backoff;
  /** No wait is longer; one that seems so was written before the clock stepped back. */
  readonly longestMs: number;
  /** Failures in a row after which a destination is asked by C-ECHO before deliveries are claimed for it. */
  readonly circuitFailures: number;
}

export const closedCircuit: CircuitState = { failures: 0, nextAt: 0, probed: false, reason: '' };

/** `wait`: not yet; `probe`: one C-ECHO first; `send`: claim deliveries (dicom-io.md 4.3). */
export function whatNext(state: CircuitState, settings: CircuitSettings, now: number): 'wait' | 'probe' | 'send' {
  const stepBack = state.nextAt > now + settings.longestMs;
  if (state.nextAt > now && !stepBack) return 'wait';
  return state.failures >= settings.circuitFailures && !state.probed ? 'probe' : 'send';
}

/** One more failure; `waitMs` where the failure has a wait of its own, as a permanent rejection has. */
export function afterFailure(
  state: CircuitState,
  failure: { readonly reason: string; readonly waitMs: number | undefined },
  settings: CircuitSettings,
  at: { readonly now: number; readonly random: () => number },
): CircuitState {
  const failures = state.failures + 1;
  const waitMs = failure.waitMs ?? backoffMs(failures, settings.backoff, at.random);
  return { failures, nextAt: at.now + waitMs, probed: false, reason: failure.reason };
}

/** The peer answers C-ECHO. Only an object that it takes closes the circuit: a peer without space answers C-ECHO too. */
export function afterProbe(state: CircuitState): CircuitState {
  return { ...state, probed: true };
}

/** As `formatCircuit` wrote it. Anything else, from a version that wrote otherwise, is a closed circuit. */
export function parseCircuit(text: string | undefined): CircuitState {
  if (text === undefined) return closedCircuit;
  const value: unknown = JSON.parse(text);
  return isCircuitState(value) ? value : closedCircuit;
}

export function formatCircuit(state: CircuitState): string {
  return JSON.stringify(state);
}

function isCircuitState(value: unknown): value is CircuitState {
  return (
    typeof value === 'object' &&
    value !== null &&
    'failures' in value &&
    typeof value.failures === 'number' &&
    'nextAt' in value &&
    typeof value.nextAt === 'number' &&
    'probed' in value &&
    typeof value.probed === 'boolean' &&
    'reason' in value &&
    typeof value.reason === 'string'
  );
}
