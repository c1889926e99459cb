import type { LedgerErrorCode } from '../ledger/errors.ts';
import type { SpoolErrorCode } from '../spool/errors.ts';
import { type RefusalCode, scpErrors } from './errors.ts';

/** Everything that can keep a request from success. */
export type StoreErrorCode = RefusalCode | SpoolErrorCode | LedgerErrorCode;

/** What a peer hears when it is done. */
export const successStatus = 0x0000;

const outOfResources = 0xa700;
const cannotUnderstand = 0xc000;
const processingFailure = 0x0110;

/** What a peer hears. PS3.4 B.2.3, PS3.7 annex C. Exhaustive: a new code does not compile until it has a status. */
// biome-ignore format: one row per code
export const storeStatus: Readonly<Record<StoreErrorCode, number>> = {
  SCP_MISTYPED_ARGUMENT:        0x0212,
  SCP_UNRECOGNIZED_OPERATION:   0x0211,
  SCP_DUPLICATE_INVOCATION:     0x0210,
  SCP_NOT_AUTHORIZED:           0x0124,
  SCP_SOP_CLASS_NOT_STORED:     0x0122,
  SCP_SOP_CLASS_NOT_OF_CONTEXT: 0xa900,
  SCP_INVALID_INSTANCE_UID:     0x0117,
  SCP_SOP_CLASS_DIFFERS:        0xa900,
  SCP_SOP_INSTANCE_DIFFERS:     0xa900,
  SCP_NO_DATA_SET:              cannotUnderstand,
  SCP_EMPTY_DATA_SET:           cannotUnderstand,
  SCP_UNREADABLE_DATA_SET:      cannotUnderstand,
  SCP_TRUNCATED_DATA_SET:       cannotUnderstand,
  SCP_DATA_SET_TOO_LONG:        outOfResources,
  SCP_ABOVE_HIGH_MARK:          outOfResources,
  SCP_COMMIT_TOO_SLOW:          outOfResources,
  SCP_CONFLICT:                 0x0111,
  SCP_DEFECT:                   processingFailure,
  SPOOL_FULL:                   outOfResources,
  SPOOL_UNAVAILABLE:            outOfResources,
  SPOOL_MISSING:                outOfResources,
  SPOOL_BAD_DIGEST:             processingFailure,
  SPOOL_BAD_MARKS:              processingFailure,
  SPOOL_FINISHED:               processingFailure,
  LEDGER_UNAVAILABLE:           outOfResources,
  LEDGER_BUSY:                  outOfResources,
  LEDGER_CORRUPT:               outOfResources,
  LEDGER_MISSING:               outOfResources,
  LEDGER_NEWER:                 outOfResources,
  LEDGER_OLDER:                 outOfResources,
  LEDGER_CLOSED:                outOfResources,
  LEDGER_WRONG_STATE:           processingFailure,
  LEDGER_UID_COLLISION:         processingFailure,
  LEDGER_BAD_DIGEST:            processingFailure,
  LEDGER_BAD_DESTINATION:       processingFailure,
};

function isRefusal(code: StoreErrorCode): code is RefusalCode {
  return code in scpErrors;
}

/** Error Comment (0000,0902): at most 64 characters of ASCII, nothing of a patient in it. */
export function errorComment(code: StoreErrorCode): string {
  return isRefusal(code) ? scpErrors[code] : `out of resources: ${code}`;
}

// biome-ignore format: one row per code
const offendingElements: Readonly<Partial<Record<StoreErrorCode, number>>> = {
  SCP_MISTYPED_ARGUMENT:        0x00001000,
  SCP_SOP_CLASS_NOT_OF_CONTEXT: 0x00000002,
  SCP_SOP_CLASS_DIFFERS:        0x00080016,
  SCP_SOP_INSTANCE_DIFFERS:     0x00080018,
};

/** Offending Element (0000,0901), where one can be named. */
export function offendingElement(code: StoreErrorCode): number | undefined {
  return offendingElements[code];
}
