import type { Item } from './associate-items.ts';
import {
  encodeAeTitle,
  encodeItem,
  encodePdu,
  encodeText,
  itemTypes,
  readItems,
  readText,
  uint16,
  uint32,
} from './associate-items.ts';
import { DimseError } from './errors.ts';
import { associateFixedBytes, dicomApplicationContext, pduHeaderBytes, pduTypes } from './pdu.ts';

export interface ProposedContext {
  /** Odd, 1 to 255, unique within the association. */
  readonly id: number;
  readonly abstractSyntaxUid: string;
  /** At least one, in the order of the proposal. */
  readonly transferSyntaxUids: readonly string[];
}

/** PS3.7 D.3.3.4: which role the requestor wants to play for one SOP class. */
export interface Role {
  readonly sopClassUid: string;
  readonly scu: boolean;
  readonly scp: boolean;
}

/** PS3.7 D.3.3.3: how many operations may be outstanding; 0 means no limit. */
export interface OperationsWindow {
  readonly invoked: number;
  readonly performed: number;
}

/** An A-ASSOCIATE-RQ (PS3.8 9.3.2): text as the peer sent it, trimmed; nothing in it is trusted yet. */
export interface AssociateRequest {
  readonly protocolVersion: number;
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly applicationContext: string;
  readonly contexts: readonly ProposedContext[];
  /** Longest P-DATA-TF that the requestor takes; 0 means no limit. */
  readonly maxPduLengthBytes: number;
  readonly implementationClassUid: string;
  readonly implementationVersion: string;
  readonly window: OperationsWindow | undefined;
  readonly roles: readonly Role[];
  /** PS3.7 D.3.3.7: sent, and never checked by us; the fields themselves are not read. */
  readonly hasUserIdentity: boolean;
}

const maxContexts = 128;
/** A peer that takes less could not even be sent a command set in reasonable pieces. */
const minPduLengthBytes = 128;

function malformed(what: string, details: Readonly<Record<string, number>> = {}): DimseError {
  return new DimseError('DIMSE_BAD_ASSOCIATE_RQ', { what, ...details });
}

/**
 * Decodes a whole A-ASSOCIATE-RQ, header included, and checks its structure (PS3.8 9.3.2, dicom-io.md 3.3).
 * Whether it is welcome is another question: `findRejection`.
 * @throws DimseError DIMSE_BAD_ASSOCIATE_RQ
 */
export function parseAssociateRequest(pdu: Buffer): AssociateRequest {
  const body = pdu.subarray(pduHeaderBytes);
  if (body.length < associateFixedBytes + 4) throw malformed('length', { lengthBytes: body.length });
  const items = readItems(body.subarray(associateFixedBytes), 'DIMSE_BAD_ASSOCIATE_RQ');
  const user = items.find((item) => item.type === itemTypes.userInformation);
  if (user === undefined) throw malformed('no user information');
  return {
    protocolVersion: body.readUInt16BE(0),
    calledAeTitle: readText(body.subarray(4, 20)),
    callingAeTitle: readText(body.subarray(20, 36)),
    applicationContext: textOf(items, itemTypes.applicationContext),
    contexts: readContexts(items),
    ...readUserInformation(readItems(user.value, 'DIMSE_BAD_ASSOCIATE_RQ')),
  };
}

function textOf(items: readonly Item[], type: number): string {
  const found = items.find((item) => item.type === type);
  return found === undefined ? '' : readText(found.value);
}

function readContexts(items: readonly Item[]): readonly ProposedContext[] {
  const proposals = items.filter((item) => item.type === itemTypes.presentationContextRq);
  if (proposals.length === 0 || proposals.length > maxContexts) {
    throw malformed('number of presentation contexts', { contexts: proposals.length });
  }
  const contexts = proposals.map((item) => readContext(item.value));
  const ids = new Set(contexts.map((context) => context.id));
  if (ids.size !== contexts.length) throw malformed('presentation context id twice', { contexts: contexts.length });
  return contexts;
}

function readContext(value: Buffer): ProposedContext {
  if (value.length < 4) throw malformed('presentation context length', { lengthBytes: value.length });
  const id = value.readUInt8(0);
  if (id % 2 === 0) throw malformed('even presentation context id', { id });
  const items = readItems(value.subarray(4), 'DIMSE_BAD_ASSOCIATE_RQ');
  const abstracts = items.filter((item) => item.type === itemTypes.abstractSyntax);
  const [abstract] = abstracts;
  if (abstract === undefined || abstracts.length > 1) {
    throw malformed('abstract syntaxes of a presentation context', { id, syntaxes: abstracts.length });
  }
  const transfers = items.filter((item) => item.type === itemTypes.transferSyntax);
  if (transfers.length === 0) throw malformed('presentation context without transfer syntax', { id });
  return {
    id,
    abstractSyntaxUid: readText(abstract.value),
    transferSyntaxUids: transfers.map((item) => readText(item.value)),
  };
}

type UserInformation = Pick<
  AssociateRequest,
  'maxPduLengthBytes' | 'implementationClassUid' | 'implementationVersion' | 'window' | 'roles' | 'hasUserIdentity'
>;

function readUserInformation(items: readonly Item[]): UserInformation {
  const maximum = items.find((item) => item.type === itemTypes.maximumLength);
  if (maximum === undefined || maximum.value.length !== 4) throw malformed('maximum length item');
  const maxPduLengthBytes = maximum.value.readUInt32BE(0);
  if (maxPduLengthBytes > 0 && maxPduLengthBytes < minPduLengthBytes) {
    throw malformed('maximum length', { maxPduLengthBytes });
  }
  const window = items.find((item) => item.type === itemTypes.asynchronousOperations);
  return {
    maxPduLengthBytes,
    implementationClassUid: textOf(items, itemTypes.implementationClassUid),
    implementationVersion: textOf(items, itemTypes.implementationVersion),
    window: window && readWindow(window.value),
    roles: items.filter((item) => item.type === itemTypes.role).map((item) => readRole(item.value)),
    hasUserIdentity: items.some((item) => item.type === itemTypes.userIdentity),
  };
}

function readWindow(value: Buffer): OperationsWindow {
  if (value.length !== 4) throw malformed('asynchronous operations window', { lengthBytes: value.length });
  return { invoked: value.readUInt16BE(0), performed: value.readUInt16BE(2) };
}

function readRole(value: Buffer): Role {
  const uidBytes = value.length < 2 ? -1 : value.readUInt16BE(0);
  if (uidBytes < 0 || value.length !== uidBytes + 4) throw malformed('role selection', { lengthBytes: value.length });
  return {
    sopClassUid: readText(value.subarray(2, 2 + uidBytes)),
    scu: value.readUInt8(2 + uidBytes) === 1,
    scp: value.readUInt8(3 + uidBytes) === 1,
  };
}

/** Encodes an A-ASSOCIATE-RQ, header included (PS3.8 9.3.2); contexts stay in their order. */
export function encodeAssociateRequest(request: AssociateRequest): Buffer {
  const body = Buffer.concat([
    uint16(request.protocolVersion),
    uint16(0),
    encodeAeTitle(request.calledAeTitle),
    encodeAeTitle(request.callingAeTitle),
    Buffer.alloc(32),
    encodeItem(itemTypes.applicationContext, encodeText(request.applicationContext)),
    ...request.contexts.map(encodeContext),
    encodeItem(itemTypes.userInformation, ...encodeUserInformation(request)),
  ]);
  return encodePdu(pduTypes.associateRq, body);
}

function encodeContext({ id, abstractSyntaxUid, transferSyntaxUids }: ProposedContext): Buffer {
  return encodeItem(
    itemTypes.presentationContextRq,
    Buffer.from([id, 0, 0, 0]),
    encodeItem(itemTypes.abstractSyntax, encodeText(abstractSyntaxUid)),
    ...transferSyntaxUids.map((uid) => encodeItem(itemTypes.transferSyntax, encodeText(uid))),
  );
}

function encodeUserInformation(request: AssociateRequest): Buffer[] {
  const items = [
    encodeItem(itemTypes.maximumLength, uint32(request.maxPduLengthBytes)),
    encodeItem(itemTypes.implementationClassUid, encodeText(request.implementationClassUid)),
  ];
  if (request.window) items.push(encodeWindow(request.window));
  items.push(...request.roles.map(encodeRole));
  if (request.implementationVersion !== '') {
    items.push(encodeItem(itemTypes.implementationVersion, encodeText(request.implementationVersion)));
  }
  return items;
}

/** The window's item, the same in a request and in its answer. */
export function encodeWindow({ invoked, performed }: OperationsWindow): Buffer {
  return encodeItem(itemTypes.asynchronousOperations, uint16(invoked), uint16(performed));
}

function encodeRole({ sopClassUid, scu, scp }: Role): Buffer {
  const uid = encodeText(sopClassUid);
  return encodeItem(itemTypes.role, uint16(uid.length), uid, Buffer.from([scu ? 1 : 0, scp ? 1 : 0]));
}

/**
 * The one form in which the library may see a request (dicom-io.md 3.3): contexts sorted by id, since it renumbers
 * others (2.2 n), and nothing that we did not read: no user identity, no unknown items.
 */
export function canonicalRequest(request: AssociateRequest): Buffer {
  const contexts = request.contexts.toSorted((a, b) => a.id - b.id);
  return encodeAssociateRequest({ ...request, contexts, applicationContext: dicomApplicationContext });
}
