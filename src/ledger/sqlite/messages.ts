import type { LedgerErrorCode } from '../errors.ts';
import type { Arguments, OperationName } from './operations.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly file: string;
  readonly access: 'read' | 'check' | 'write';
}

/** One call of a method of `Ledger`. */
export type Call = {
  readonly [M in OperationName]: { readonly id: number; readonly method: M; readonly args: Arguments[M] };
}[OperationName];

/** A call, or `close`, which ends the thread after what came before it. */
export type Request = Call | { readonly id: number; readonly method: 'close' };

/** Plain: an `Error` that is posted loses its code (style.md 7). */
export interface Failure {
  readonly code: LedgerErrorCode;
  readonly details: Readonly<Record<string, string | number>>;
}

export type Reply<T> = { readonly id: number } & ({ readonly result: T } | { readonly failure: Failure });

/** Answers of one transaction, or how opening went. */
export type ThreadMessage =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly failure: Failure }
  | { readonly kind: 'replies'; readonly replies: readonly Reply<unknown>[] };
