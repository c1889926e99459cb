import type { SeriesOutcome, SeriesWork } from './series-work.ts';

/** What the node tells the series thread. */
export type ThreadRequest = { readonly kind: 'restore'; readonly spoolFolder: string; readonly work: SeriesWork };

/** What the series thread tells the node. Errors travel as plain data: a posted Error loses its code. */
export type ThreadReply =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'model-loaded'; readonly executor: string; readonly durationMs: number }
  | { readonly kind: 'ended'; readonly outcome: SeriesOutcome }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** The parts of an error that survive a border between threads. */
export function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const coded = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
  return { code: coded ? String(error.code) : 'PIPELINE_DEFECT', message };
}
