import { encodePdu } from './associate-items.ts';
import type { AbortReason } from './errors.ts';
import { controlCommand, controlLast, pduHeaderBytes, pduTypes, pdvHeaderBytes } from './pdu.ts';
import type { RejectReason } from './rejection.ts';

/** PDU and PDV header together: what stands before every piece of a message that we send. */
export const pDataHeaderBytes = pduHeaderBytes + pdvHeaderBytes;

/** Longest P-DATA-TF that we send, even to a peer that takes longer ones. */
const maxSentPduBytes = 262_144;
/** What we send to a peer that names no limit. */
const unlimitedPduBytes = 131_072;

export function encodeReject({ result, source, reason }: RejectReason): Buffer {
  return encodePdu(pduTypes.associateRj, Buffer.from([0, result, source, reason]));
}

export function encodeReleaseRequest(): Buffer {
  return encodePdu(pduTypes.releaseRq, Buffer.alloc(4));
}

export function encodeReleaseResponse(): Buffer {
  return encodePdu(pduTypes.releaseRp, Buffer.alloc(4));
}

export function encodeAbort({ source, reason }: Pick<AbortReason, 'source' | 'reason'>): Buffer {
  return encodePdu(pduTypes.abort, Buffer.from([0, 0, source, reason]));
}

export interface PDataPart {
  readonly contextId: number;
  readonly isCommand: boolean;
  readonly isLast: boolean;
}

/** Writes the headers of a P-DATA-TF with one PDV of `valueBytes` into `target`: twelve bytes at `offset`. */
export function writePDataHeader(target: Buffer, offset: number, part: PDataPart, valueBytes: number): void {
  target.writeUInt8(pduTypes.pData, offset);
  target.writeUInt8(0, offset + 1);
  target.writeUInt32BE(pdvHeaderBytes + valueBytes, offset + 2);
  target.writeUInt32BE(2 + valueBytes, offset + 6);
  target.writeUInt8(part.contextId, offset + 10);
  target.writeUInt8((part.isCommand ? controlCommand : 0) | (part.isLast ? controlLast : 0), offset + 11);
}

/** One P-DATA-TF with one PDV. */
export function encodePData(part: PDataPart, value: Buffer): Buffer {
  const pdu = Buffer.allocUnsafe(pDataHeaderBytes + value.length);
  writePDataHeader(pdu, 0, part, value.length);
  value.copy(pdu, pDataHeaderBytes);
  return pdu;
}

/** Value bytes of a PDV that a peer with this maximum length takes: even, as PS3.8 annex E.1 asks. */
export function pdvCapacityBytes(peerMaxPduLengthBytes: number): number {
  const pduBytes = peerMaxPduLengthBytes === 0 ? unlimitedPduBytes : Math.min(peerMaxPduLengthBytes, maxSentPduBytes);
  const capacityBytes = pduBytes - pdvHeaderBytes;
  return capacityBytes - (capacityBytes % 2);
}

/** A whole command set as P-DATA-TFs, in as many as the peer's maximum length asks for. */
export function encodeCommandPdus(contextId: number, commandSet: Buffer, peerMaxPduLengthBytes: number): Buffer {
  const capacityBytes = pdvCapacityBytes(peerMaxPduLengthBytes);
  const pdus: Buffer[] = [];
  for (let offset = 0; offset < commandSet.length; offset += capacityBytes) {
    const value = commandSet.subarray(offset, offset + capacityBytes);
    const isLast = offset + capacityBytes >= commandSet.length;
    pdus.push(encodePData({ contextId, isCommand: true, isLast }, value));
  }
  return Buffer.concat(pdus);
}
