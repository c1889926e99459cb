/**
 * Every way in which receiving can fail; `docs/reference/errors.md` is generated from this table. All but the first
 * refuse one request: the text is the Error Comment that the peer reads, its status stands in `status.ts`.
 */
// biome-ignore format: one row per code
export const scpErrors = {
  SCP_LISTEN_FAILED:            'cannot listen on scp.host and scp.port: see whether the port is free and the address is ours',
  SCP_MISTYPED_ARGUMENT:        'the command lacks an element or it has another type',
  SCP_UNRECOGNIZED_OPERATION:   'this operation is not served here',
  SCP_DUPLICATE_INVOCATION:     'a request with this message id is outstanding',
  SCP_NOT_AUTHORIZED:           'this calling AE title may not store',
  SCP_SOP_CLASS_NOT_STORED:     'objects of this SOP class are not stored',
  SCP_SOP_CLASS_NOT_OF_CONTEXT: 'the SOP class is not that of the context',
  SCP_INVALID_INSTANCE_UID:     'the SOP instance UID is not a valid UID',
  SCP_SOP_CLASS_DIFFERS:        'SOP class differs between command and data set',
  SCP_SOP_INSTANCE_DIFFERS:     'SOP instance differs between command and data set',
  SCP_NO_DATA_SET:              'no data set',
  SCP_EMPTY_DATA_SET:           'the data set is empty',
  SCP_UNREADABLE_DATA_SET:      'the data set cannot be read up to its SOP instance UID',
  SCP_TRUNCATED_DATA_SET:       'the data set ends within an element',
  SCP_DATA_SET_TOO_LONG:        'the data set is longer than the limit',
  SCP_ABOVE_HIGH_MARK:          'no disk space left above the mark',
  SCP_COMMIT_TOO_SLOW:          'the object did not become durable in time',
  SCP_CONFLICT:                 'this SOP instance UID is known with other bytes',
  SCP_DEFECT:                   'a defect of the node',
} as const;

/** Why the server could not start. */
export type ScpErrorCode = Extract<keyof typeof scpErrors, 'SCP_LISTEN_FAILED'>;
/** Why a request is not done. */
export type RefusalCode = Exclude<keyof typeof scpErrors, ScpErrorCode>;

/** The server could not start. */
export class ScpError extends Error {
  override readonly name = 'ScpError';
  readonly code: ScpErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: ScpErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const facts = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${scpErrors[code]}`, ...facts].join(', '), options);
    this.code = code;
    this.details = details;
  }
}
