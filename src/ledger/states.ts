/**
 * Who may follow whom (architecture.md, "The ledger"). The SQLite ledger turns these tables into triggers, so that no
 * statement can move a row otherwise; staying in a state is always allowed.
 */

/** `removed` → `stored`: the same bytes came again after retention. */
export const instanceMoves = {
  stored: ['routed'],
  routed: ['removed'],
  removed: ['stored'],
} as const;

/** `restoring` → `decided`: the attempt failed or its lease ran out, and the job waits again. */
export const seriesMoves = {
  collecting: ['decided', 'forwarded', 'excluded', 'quarantined'],
  decided: ['restoring'],
  restoring: ['decided', 'restored', 'gated', 'failed', 'excluded'],
  restored: [],
  gated: [],
  failed: [],
  forwarded: [],
  excluded: [],
  quarantined: [],
} as const;

export const jobMoves = {
  waiting: ['running'],
  running: ['waiting', 'done', 'failed'],
  done: [],
  failed: [],
} as const;

/**
 * Only a person cancels, and only what is not on its way; a person may also try again what was refused or cancelled.
 * `acknowledged` and `warned` → `waiting`: the instance was removed and came again.
 */
export const deliveryMoves = {
  waiting: ['sending', 'cancelled'],
  sending: ['acknowledged', 'warned', 'refused', 'waiting'],
  acknowledged: ['waiting'],
  warned: ['waiting'],
  refused: ['waiting', 'cancelled'],
  cancelled: ['waiting'],
} as const;

export type InstanceState = keyof typeof instanceMoves;
export type SeriesState = keyof typeof seriesMoves;
export type DeliveryState = keyof typeof deliveryMoves;

/** The addends of `received`; each instance counts in exactly one of them. */
export type Category = 'restored' | 'forwarded' | 'excluded' | 'quarantined' | 'inProgress';

/** What a series' state counts as: `gated` and `failed` as forwarded, since their originals went where the rule says. */
export const categoryOf: Readonly<Record<SeriesState, Category>> = {
  collecting: 'inProgress',
  decided: 'inProgress',
  restoring: 'inProgress',
  restored: 'restored',
  gated: 'forwarded',
  failed: 'forwarded',
  forwarded: 'forwarded',
  excluded: 'excluded',
  quarantined: 'quarantined',
};

/** Whether text, from a row, names a state of the table. */
export function isStateOf<M extends object>(moves: M, text: string): text is Extract<keyof M, string> {
  return Object.hasOwn(moves, text);
}
