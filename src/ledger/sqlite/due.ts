/**
 * No due time and no lease reaches further ahead than this. One that does was written before the clock stepped back, and
 * counts as passed: a step must not hold work for as long as it was wide.
 */
export const clockToleranceMs = 3_600_000;

/** SQL: a waiting row is due, or a claimed one was abandoned. Needs `@now` and `@tolerance`. */
export function claimable(claimedState: 'running' | 'sending'): string {
  return `((state = 'waiting' AND ${passed('due_at')}) OR (state = '${claimedState}' AND ${passed('leased_until')}))`;
}

function passed(column: string): string {
  return `(${column} <= @now OR ${column} > @now + @tolerance)`;
}
