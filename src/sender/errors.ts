/** Every way in which an attempt can end without an answer; `docs/reference/errors.md` is generated from this table. */
export const senderErrors = {
  SENDER_UNREACHABLE: 'the destination can not be reached: check host, port, firewall, and that it runs',
  SENDER_REJECTED: 'the destination rejects our association: check AE titles and its list of known callers',
  SENDER_BUSY: 'the destination has no room for an association, or for objects, now',
  SENDER_ABORTED: 'the destination ended the association in the middle',
  SENDER_TIMEOUT: 'the destination did not answer, or took no bytes, in time',
  SENDER_PROTOCOL: 'the destination answers what PS3.7 and PS3.8 do not allow',
  SENDER_UNREADABLE: 'the stored file is missing or damaged: run "diffcode-node doctor"',
  SENDER_STOPPED: 'we ended the association ourselves; what was not answered is sent again',
} as const;

export type SenderErrorCode = keyof typeof senderErrors;

/** The end of an association, or of one attempt. Details hold numbers and system error names, never values. */
export class SenderError extends Error {
  override readonly name = 'SenderError';
  readonly code: SenderErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: SenderErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    super([`${code}: ${senderErrors[code]}`, factsOf(details)].filter((part) => part !== '').join(', '), options);
    this.code = code;
    this.details = details;
  }

  /** What the ledger and the log keep: what happened and where, without the advice. */
  get reason(): string {
    const facts = factsOf(this.details);
    return facts === '' ? this.code : `${this.code}: ${facts}`;
  }
}

function factsOf(details: Readonly<Record<string, string | number>>): string {
  return Object.entries(details)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
