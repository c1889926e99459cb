import type { CollectingSeries } from '../ledger/ledger.ts';

/** Waiting times of derived-objects.md 5.1, each counted from the last instance of the series. */
export interface CompletenessTimes {
  /** Quiet time that suffices once the expected count is there. */
  readonly quietWithCountMs: number;
  /** Quiet time that suffices when the slice positions have no gap. */
  readonly quietWithPositionsMs: number;
  /** Quiet time that suffices without any evidence. */
  readonly quietMs: number;
  /** Age of the first instance at which a series that keeps receiving is closed all the same. */
  readonly maxAgeMs: number;
}

/** What the headers of a series say about its end (derived-objects.md 5.1, E2 and E6). */
export interface HeaderEvidence {
  readonly countReached: boolean;
  readonly positionsEven: boolean;
}

export type Completeness =
  | { readonly kind: 'complete'; readonly by: 'count' | 'positions' | 'quiet' | 'age' }
  /** Not yet; nothing can change before `lookAgainAt` unless an instance or a release comes. */
  | { readonly kind: 'wait'; readonly lookAgainAt: number };

/**
 * Whether a series is complete: (released and count and quiet 5 s) or (released and positions and quiet 15 s) or
 * quiet 60 s or 30 min old. `evidence` is asked only when an answer could depend on it.
 */
export async function completeness(
  series: Pick<CollectingSeries, 'firstReceivedAt' | 'lastReceivedAt' | 'openAssociations'>,
  times: CompletenessTimes,
  now: number,
  evidence: () => Promise<HeaderEvidence>,
): Promise<Completeness> {
  const quietFor = now - series.lastReceivedAt;
  if (now - series.firstReceivedAt >= times.maxAgeMs) return { kind: 'complete', by: 'age' };
  if (quietFor >= times.quietMs) return { kind: 'complete', by: 'quiet' };
  const steps = [times.quietMs];
  if (series.openAssociations === 0) steps.push(times.quietWithCountMs, times.quietWithPositionsMs);
  if (series.openAssociations === 0 && quietFor >= Math.min(times.quietWithCountMs, times.quietWithPositionsMs)) {
    const { countReached, positionsEven } = await evidence();
    if (countReached && quietFor >= times.quietWithCountMs) return { kind: 'complete', by: 'count' };
    if (positionsEven && quietFor >= times.quietWithPositionsMs) return { kind: 'complete', by: 'positions' };
  }
  const nextQuiet = Math.min(...steps.filter((step) => step > quietFor)) + series.lastReceivedAt;
  return { kind: 'wait', lookAgainAt: Math.min(nextQuiet, series.firstReceivedAt + times.maxAgeMs) };
}
