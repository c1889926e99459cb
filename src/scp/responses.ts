import { type CommandSet, encodeCommandSet, responseTo } from '../dimse/command-set.ts';
import { errorComment, offendingElement, type StoreErrorCode, storeStatus, successStatus } from './status.ts';
import { uidOrNothing } from './storing/store-checks.ts';

/** The command set that answers `request`: success, or the status and comment of `code` (PS3.7 9.3.1.2, annex C). */
export function encodeResponse(request: CommandSet, code: StoreErrorCode | undefined): Buffer {
  const named = {
    affectedSopClassUid: uidOrNothing(request.affectedSopClassUid),
    affectedSopInstanceUid: uidOrNothing(request.affectedSopInstanceUid),
  };
  if (code === undefined) return encodeCommandSet(responseTo(request, { ...named, status: successStatus }));
  const failure = {
    status: storeStatus[code],
    errorComment: errorComment(code),
    offendingElement: offendingElement(code),
  };
  return encodeCommandSet(responseTo(request, { ...named, ...failure }));
}
