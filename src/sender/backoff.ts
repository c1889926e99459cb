/** How long to wait after a failure: `firstMs`, doubled with each further one, never above `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Wait after the `failures`-th failure in a row, with full jitter: anything from nothing to the whole, so that
 * destinations that come back are not met by all their senders at once (dicom-io.md 4.3).
 */
export function backoffMs(failures: number, { firstMs, maxMs }: Backoff, random: () => number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  return Math.round(random() * Math.min(maxMs, firstMs * 2 ** doublings));
}
