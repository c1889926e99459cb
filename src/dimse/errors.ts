/** Source and reason of an A-ABORT (PS3.8 9.3.8). */
export interface AbortReason {
  readonly source: 0 | 2;
  readonly reason: 0 | 1 | 2 | 6;
}

const programError: AbortReason = { source: 0, reason: 0 };
const notSpecified: AbortReason = { source: 2, reason: 0 };
const unrecognizedPdu: AbortReason = { source: 2, reason: 1 };
const unexpectedPdu: AbortReason = { source: 2, reason: 2 };
const invalidParameter: AbortReason = { source: 2, reason: 6 };

/**
 * Every way in which a peer, or we, can break the upper layer, and what the peer hears (dicom-io.md 3.7).
 * `docs/reference/errors.md` is generated from this table.
 */
// biome-ignore format: one row per code
export const dimseErrors = {
  DIMSE_UNRECOGNIZED_PDU: { text: 'the PDU type is none of PS3.8 9.3.1: the peer does not speak DICOM', abort: unrecognizedPdu },
  DIMSE_PDU_TOO_LONG: { text: 'the PDU is longer than our limit', abort: invalidParameter },
  DIMSE_PDU_BAD_LENGTH: { text: 'the PDU length does not fit its type', abort: invalidParameter },
  DIMSE_PDV_BAD_LENGTH: { text: 'the PDV is shorter than two bytes or longer than what is left of its PDU', abort: invalidParameter },
  DIMSE_BAD_ASSOCIATE_RQ: { text: 'the A-ASSOCIATE-RQ is malformed', abort: invalidParameter },
  DIMSE_BAD_ASSOCIATE_AC: { text: 'the A-ASSOCIATE-AC is malformed or answers what was not proposed', abort: programError },
  DIMSE_BAD_COMMAND_SET: { text: 'the command set is not one of PS3.7 6.3', abort: invalidParameter },
  DIMSE_COMMAND_TOO_LONG: { text: 'the command set is longer than our limit', abort: invalidParameter },
  DIMSE_DATA_SET_TOO_LONG: { text: 'the data set of the message is longer than our limit', abort: invalidParameter },
  DIMSE_UNEXPECTED_PDU: { text: 'the PDU or PDV is not allowed in this state of the association', abort: unexpectedPdu },
  DIMSE_FOREIGN_CONTEXT: { text: 'the presentation context was not accepted, or is not that of the message', abort: unexpectedPdu },
  DIMSE_ARTIM_EXPIRED: { text: 'the peer did not ask for an association, or did not close the connection, in time', abort: notSpecified },
  DIMSE_INACTIVE: { text: 'no byte came in the middle of a message', abort: notSpecified },
  DIMSE_TOO_SLOW: { text: 'the message came more slowly than our limit', abort: notSpecified },
  DIMSE_IDLE: { text: 'no message came on the open association', abort: notSpecified },
  DIMSE_SHUTDOWN: { text: 'the node is shutting down', abort: notSpecified },
  DIMSE_DEFECT: { text: 'a defect of the node; the association cannot go on', abort: programError },
} as const satisfies Record<string, { readonly text: string; readonly abort: AbortReason }>;

export type DimseErrorCode = keyof typeof dimseErrors;

/** Bytes, or a silence, that PS3.7 and PS3.8 do not allow. Details hold offsets, types and lengths, never values. */
export class DimseError extends Error {
  override readonly name = 'DimseError';
  readonly code: DimseErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: DimseErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const numbers = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${dimseErrors[code].text}`, ...numbers].join(', '), options);
    this.code = code;
    this.details = details;
  }

  /** What the peer hears. */
  get abort(): AbortReason {
    return dimseErrors[this.code].abort;
  }
}
