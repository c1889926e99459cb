/** Every way in which the spool can fail; `docs/reference/errors.md` is generated from this table. */
export const spoolErrors = {
  SPOOL_BAD_DIGEST: 'not a SHA-256: 64 lower-case hexadecimal digits',
  SPOOL_BAD_MARKS: 'the low mark must be below the high mark, both between 0 and 1: see spool in node.yaml',
  SPOOL_FULL: 'no space left in the spool folder: free disk space or lower retention.after',
  SPOOL_UNAVAILABLE: 'the spool folder can not be read or written: check that it exists and who owns it',
  SPOOL_FINISHED: 'the incoming file was placed or discarded before',
  SPOOL_MISSING: 'no file of this name in the spool',
} as const;

export type SpoolErrorCode = keyof typeof spoolErrors;

/** A file operation that failed. Details hold sizes, digests and system error names, never the user's paths. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
  readonly code: SpoolErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: SpoolErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const facts = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${spoolErrors[code]}`, ...facts].join(', '), options);
    this.code = code;
    this.details = details;
  }
}

const fullDisk = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Turns what `node:fs` throws into the spool's words; the system's message, which holds paths, stays in `cause`. */
export function spoolErrorOf(cause: unknown): SpoolError {
  if (cause instanceof SpoolError) return cause;
  const system = systemCodeOf(cause);
  const code = fullDisk.has(system) ? 'SPOOL_FULL' : system === 'ENOENT' ? 'SPOOL_MISSING' : 'SPOOL_UNAVAILABLE';
  return new SpoolError(code, { system }, { cause });
}

/** The system's name of an error, `EEXIST` for one, or `unknown`. */
export function systemCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
