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
import type { AssociateRequest, OperationsWindow } from './associate-request.ts';
import { encodeWindow } from './associate-request.ts';
import { DimseError } from './errors.ts';
import { associateFixedBytes, dicomApplicationContext, pduHeaderBytes, pduTypes } from './pdu.ts';

/** Result of one presentation context (PS3.8 table 9-18). */
export const contextResults = {
  accepted: 0,
  abstractSyntaxNotSupported: 3,
  transferSyntaxesNotSupported: 4,
} as const;

export interface ContextAnswer {
  readonly id: number;
  /** 0 accepted; 1 to 4 refused. */
  readonly result: number;
  /** Empty when refused: the standard says that nobody looks at it. */
  readonly transferSyntaxUid: string;
}

/** An A-ASSOCIATE-AC (PS3.8 9.3.3) as the requestor needs it. */
export interface AssociateAccept {
  readonly contexts: readonly ContextAnswer[];
  /** Longest P-DATA-TF that the acceptor takes; 0 means no limit. */
  readonly maxPduLengthBytes: number;
  readonly implementationClassUid: string;
  readonly implementationVersion: string;
  readonly window: OperationsWindow | undefined;
}

function malformed(what: string, details: Readonly<Record<string, number>> = {}): DimseError {
  return new DimseError('DIMSE_BAD_ASSOCIATE_AC', { what, ...details });
}

/**
 * Decodes a whole A-ASSOCIATE-AC, header included, and holds it against its request (dicom-io.md 4.1):
 * every context answered was proposed, every accepted transfer syntax was offered for it.
 * @throws DimseError DIMSE_BAD_ASSOCIATE_AC
 */
export function parseAssociateAccept(pdu: Buffer, request: AssociateRequest): AssociateAccept {
  const body = pdu.subarray(pduHeaderBytes);
  if (body.length < associateFixedBytes + 4) throw malformed('length', { lengthBytes: body.length });
  const items = readItems(body.subarray(associateFixedBytes), 'DIMSE_BAD_ASSOCIATE_AC');
  const user = items.find((item) => item.type === itemTypes.userInformation);
  if (user === undefined) throw malformed('no user information');
  const contexts = items
    .filter((item) => item.type === itemTypes.presentationContextAc)
    .map((item) => readAnswer(item.value, request));
  return { contexts, ...readUserInformation(readItems(user.value, 'DIMSE_BAD_ASSOCIATE_AC'), request) };
}

function readAnswer(value: Buffer, request: AssociateRequest): ContextAnswer {
  if (value.length < 4) throw malformed('presentation context length', { lengthBytes: value.length });
  const id = value.readUInt8(0);
  const result = value.readUInt8(2);
  const proposed = request.contexts.find((context) => context.id === id);
  if (proposed === undefined) throw malformed('presentation context that was not proposed', { id });
  if (result !== contextResults.accepted) return { id, result, transferSyntaxUid: '' };
  const transfer = readItems(value.subarray(4), 'DIMSE_BAD_ASSOCIATE_AC').find(
    (item) => item.type === itemTypes.transferSyntax,
  );
  const transferSyntaxUid = transfer === undefined ? '' : readText(transfer.value);
  if (!proposed.transferSyntaxUids.includes(transferSyntaxUid)) {
    throw malformed('transfer syntax that was not proposed', { id });
  }
  return { id, result, transferSyntaxUid };
}

function readUserInformation(items: readonly Item[], request: AssociateRequest): Omit<AssociateAccept, 'contexts'> {
  const valueOf = (type: number): Buffer | undefined => items.find((item) => item.type === type)?.value;
  const maximum = valueOf(itemTypes.maximumLength);
  if (maximum !== undefined && maximum.length !== 4) throw malformed('maximum length item');
  const window = valueOf(itemTypes.asynchronousOperations);
  if (window !== undefined && (window.length !== 4 || request.window === undefined)) {
    throw malformed('asynchronous operations window');
  }
  return {
    maxPduLengthBytes: maximum?.readUInt32BE(0) ?? 0,
    implementationClassUid: readText(valueOf(itemTypes.implementationClassUid) ?? Buffer.alloc(0)),
    implementationVersion: readText(valueOf(itemTypes.implementationVersion) ?? Buffer.alloc(0)),
    window: window && { invoked: window.readUInt16BE(0), performed: window.readUInt16BE(2) },
  };
}

/** Encodes an A-ASSOCIATE-AC to a request, header included (PS3.8 9.3.3). */
export function encodeAssociateAccept(accept: AssociateAccept, request: AssociateRequest): Buffer {
  const user = [
    encodeItem(itemTypes.maximumLength, uint32(accept.maxPduLengthBytes)),
    encodeItem(itemTypes.implementationClassUid, encodeText(accept.implementationClassUid)),
  ];
  if (accept.window) user.push(encodeWindow(accept.window));
  if (accept.implementationVersion !== '') {
    user.push(encodeItem(itemTypes.implementationVersion, encodeText(accept.implementationVersion)));
  }
  const body = Buffer.concat([
    uint16(1),
    uint16(0),
    encodeAeTitle(request.calledAeTitle),
    encodeAeTitle(request.callingAeTitle),
    Buffer.alloc(32),
    encodeItem(itemTypes.applicationContext, encodeText(dicomApplicationContext)),
    ...accept.contexts.map(encodeAnswer),
    encodeItem(itemTypes.userInformation, ...user),
  ]);
  return encodePdu(pduTypes.associateAc, body);
}

function encodeAnswer({ id, result, transferSyntaxUid }: ContextAnswer): Buffer {
  return encodeItem(
    itemTypes.presentationContextAc,
    Buffer.from([id, 0, result, 0]),
    encodeItem(itemTypes.transferSyntax, encodeText(transferSyntaxUid)),
  );
}
