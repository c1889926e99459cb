import type { ScannedHeader } from '../../dicom/header-scanner.ts';
import type {
  SeriesInstanceUid,
  SopClassUid,
  SopInstanceUid,
  StudyInstanceUid,
  TransferSyntaxUid,
} from '../../dicom/uid.ts';
import { isUid, parseUid } from '../../dicom/uid.ts';
import type { DecodedCommand } from '../../dimse/command-set.ts';
import { announcesDataSet } from '../../dimse/command-set.ts';
import type { StoreErrorCode } from '../status.ts';

/** An accepted presentation context. */
export interface AcceptedContext {
  readonly id: number;
  readonly abstractSyntaxUid: string;
  readonly transferSyntaxUid: TransferSyntaxUid;
}

/** What the command of a C-STORE says of the object that follows. */
export interface StoreRequest {
  readonly sopClassUid: SopClassUid;
  readonly sopInstanceUid: SopInstanceUid;
  readonly transferSyntaxUid: TransferSyntaxUid;
}

export type Checked<T> =
  | { readonly kind: 'refused'; readonly code: StoreErrorCode }
  | { readonly kind: 'accepted'; readonly value: T };

function refused(code: StoreErrorCode): { readonly kind: 'refused'; readonly code: StoreErrorCode } {
  return { kind: 'refused', code };
}

export interface StorePolicy {
  readonly storageClasses: ReadonlySet<string>;
  readonly mayStore: boolean;
}

/** Checks a C-STORE-RQ before a byte of its data set comes (dicom-io.md 3.7). */
export function checkStoreCommand(
  { command }: DecodedCommand,
  context: AcceptedContext,
  policy: StorePolicy,
): Checked<StoreRequest> {
  const { affectedSopClassUid: sopClassUid, affectedSopInstanceUid: sopInstanceUid } = command;
  if (sopClassUid === undefined || sopInstanceUid === undefined) return refused('SCP_MISTYPED_ARGUMENT');
  if (!policy.mayStore) return refused('SCP_NOT_AUTHORIZED');
  if (!isUid<SopInstanceUid>(sopInstanceUid)) return refused('SCP_INVALID_INSTANCE_UID');
  if (sopClassUid !== context.abstractSyntaxUid) return refused('SCP_SOP_CLASS_NOT_OF_CONTEXT');
  if (!isUid<SopClassUid>(sopClassUid) || !policy.storageClasses.has(sopClassUid)) {
    return refused('SCP_SOP_CLASS_NOT_STORED');
  }
  if (!announcesDataSet(command)) return refused('SCP_NO_DATA_SET');
  return { kind: 'accepted', value: { sopClassUid, sopInstanceUid, transferSyntaxUid: context.transferSyntaxUid } };
}

/** What the ledger's row needs and only the data set says. */
export interface ObjectIdentity {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly modality: string;
}

/**
 * Holds a whole data set against its command (dicom-io.md 3.6.4, 3.7). An object whose tail can't be read is kept as it
 * is, as long as we know which object it is; one that ends in the middle of something is not an object.
 */
export function checkDataSet(header: ScannedHeader, request: StoreRequest): Checked<ObjectIdentity> {
  if (header.sizeBytes === 0) return refused('SCP_EMPTY_DATA_SET');
  if (header.fault === 'truncated') return refused('SCP_TRUNCATED_DATA_SET');
  const { sopClassUid, sopInstanceUid } = header;
  if (sopInstanceUid === undefined) return refused('SCP_UNREADABLE_DATA_SET');
  if (sopClassUid !== request.sopClassUid) return refused('SCP_SOP_CLASS_DIFFERS');
  if (sopInstanceUid !== request.sopInstanceUid) return refused('SCP_SOP_INSTANCE_DIFFERS');
  return { kind: 'accepted', value: identityOf(header, request.sopInstanceUid) };
}

/**
 * An object without a study or series, or with one that is no UID, is still somebody's: it is kept and forwarded as a
 * series of its own, under the name of its instance. Only the ledger's row says so, never the file.
 */
function identityOf(header: ScannedHeader, alone: SopInstanceUid): ObjectIdentity {
  return {
    studyInstanceUid: parseUid(uidOrNothing(header.studyInstanceUid) ?? alone),
    seriesInstanceUid: parseUid(uidOrNothing(header.seriesInstanceUid) ?? alone),
    modality: header.modality ?? '',
  };
}

/** Text of the network that may go into a log, a row, or back to the peer, or nothing: only a UID may. */
export function uidOrNothing(text: string | undefined): string | undefined {
  return text !== undefined && isUid(text) ? text : undefined;
}
