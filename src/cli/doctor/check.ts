import { codeOf } from '../exit-codes.ts';

/** Whose business a fault is; it decides the exit code. */
export type Concern = 'configuration' | 'machine' | 'peer';

/** One line of `doctor`: what was found and, where something is wrong, what to do about it. */
export interface Check {
  readonly name: string;
  readonly concern: Concern;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly todo: string | null;
}

export function ok(name: string, found: string): Check {
  return { name, concern: 'machine', verdict: 'ok', found, todo: null };
}

export function warn(name: string, found: string, todo: string): Check {
  return { name, concern: 'machine', verdict: 'warn', found, todo };
}

export function fail(name: string, found: string, todo: string, concern: Concern = 'machine'): Check {
  return { name, concern, verdict: 'fail', found, todo };
}

/** A check that ends with an error of a room or of the system fails with its text; a defect passes through. */
export async function guarded(name: string, todo: string, check: () => Promise<Check | readonly Check[]>) {
  try {
    return [await check()].flat();
  } catch (error) {
    if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
    return [fail(name, error.message, todo)];
  }
}
