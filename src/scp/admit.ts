import { type AeTitle, parseAeTitle } from '../dicom/ae-title.ts';
import { DicomError } from '../dicom/errors.ts';
import type { AssociateRequest } from '../dimse/associate-request.ts';
import { findRejection } from '../dimse/negotiation.ts';
import type { Rejection } from '../dimse/rejection.ts';
import type { SpaceVerdict } from '../spool/watermarks.ts';
import type { Admission } from './admission.ts';
import type { CallerRights, Callers } from './callers.ts';

/** Whether an association is welcome, and if not, what the peer and the log hear. */
export type Welcome =
  | { readonly kind: 'rejected'; readonly rejection: Rejection; readonly reason: string }
  | {
      readonly kind: 'accepted';
      readonly callingAeTitle: AeTitle;
      readonly calledAeTitle: AeTitle;
      readonly rights: CallerRights;
    };

export interface HouseState {
  readonly aeTitle: AeTitle;
  readonly callers: Callers;
  readonly admission: Admission;
  readonly stopping: boolean;
  readonly ledgerPaused: boolean;
  readonly space: SpaceVerdict;
}

function rejected(rejection: Rejection, reason: string): Welcome {
  return { kind: 'rejected', rejection, reason };
}

/** Decides on a well-formed request: its words, its caller, then our own state (dicom-io.md 3.3). */
export function welcome(request: AssociateRequest, peerAddress: string, house: HouseState): Welcome {
  const misaddressed = findRejection(request, house.aeTitle);
  if (misaddressed !== undefined) return rejected(misaddressed, misaddressed);
  const callingAeTitle = aeTitleOrNothing(request.callingAeTitle);
  const rights = callingAeTitle && house.callers.find(callingAeTitle, peerAddress);
  if (callingAeTitle === undefined || rights === undefined) {
    return rejected('calling-ae-title-not-recognized', 'title and address are in no row of callers');
  }
  if (house.stopping) return rejected('temporary-congestion', 'the node is stopping');
  const full = house.admission.fullness(peerAddress);
  if (full === 'all') return rejected('local-limit-exceeded', 'scp.limits.associations');
  if (full === 'address') return rejected('temporary-congestion', 'scp.limits.associationsPerAddress');
  if (house.space !== 'ok') return rejected('local-limit-exceeded', 'the disk is above spool.highMark');
  if (house.ledgerPaused) return rejected('local-limit-exceeded', 'the ledger did not commit a moment ago');
  return { kind: 'accepted', callingAeTitle, calledAeTitle: house.aeTitle, rights };
}

/** A title of the network, or nothing: only checked text goes into logs and rows. */
export function aeTitleOrNothing(text: string): AeTitle | undefined {
  try {
    return parseAeTitle(text);
  } catch (error) {
    if (error instanceof DicomError) return undefined;
    throw error;
  }
}
