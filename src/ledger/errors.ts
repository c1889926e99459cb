/** Every way in which the ledger can fail; `docs/reference/errors.md` is generated from this table. */
export const ledgerErrors = {
  LEDGER_UNAVAILABLE: 'the ledger can not be read or written: check the disk and who owns the file of ledger.file',
  LEDGER_BUSY: 'another process holds the ledger for too long: try again, and look for a second node on this file',
  LEDGER_CORRUPT: 'the ledger file is damaged: move it away and run "diffcode-node doctor --rebuild"',
  LEDGER_MISSING: 'there is no ledger file yet: start the node once, or correct ledger.file',
  LEDGER_NEWER: 'the ledger was written by a newer version of diffcode-node: install that version',
  LEDGER_OLDER: 'the ledger was written by an older version of diffcode-node: start the node once, which migrates it',
  LEDGER_WRONG_STATE: 'a row was asked to enter a state that may not follow its own: this is a defect, report it',
  LEDGER_UID_COLLISION: 'a derived UID is in the ledger for another source: the job must fail',
  LEDGER_BAD_DIGEST: 'not a SHA-256: 64 lower-case hexadecimal digits',
  LEDGER_BAD_DESTINATION: 'not the name of a destination: letters, digits, dot, dash and underscore, at most 64',
  LEDGER_CLOSED: 'the ledger was closed',
} as const;

export type LedgerErrorCode = keyof typeof ledgerErrors;

/** A failure of the ledger. Details hold system codes and counts, never values of a row. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: LedgerErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const facts = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${ledgerErrors[code]}`, ...facts].join(', '), options);
    this.code = code;
    this.details = details;
  }
}
