/**
 * No due time and no lease reaches further ahead than this. One that does was written before the clock stepped back, and
 * counts as passed: a step must not hold work for as long as it was wide.
 */
export const clockToleranceMs = 3_600_000;

/**
 * SQL conditions whose union is what may be claimed: what is due, what a clock that stepped back left in the future, and
 * what was abandoned. Apart, because each then reads a range of an index; joined by OR they read every row there is.
 * They need `@now` and `@tolerance`.
 */
export function claimableRanges(claimedState: 'running' | 'sending'): readonly string[] {
  return [
    `state = 'waiting' AND due_at <= @now`,
    `state = 'waiting' AND due_at > @now + @tolerance`,
    `state = '${claimedState}' AND (leased_until <= @now OR leased_until > @now + @tolerance)`,
  ];
}
