import { DimseError } from './errors.ts';
import { pduHeaderBytes } from './pdu.ts';

/** Result, source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21). */
export interface RejectReason {
  /** 1 permanent, 2 transient. */
  readonly result: number;
  readonly source: number;
  readonly reason: number;
}

/** Every rejection that we give, named as PS3.8 names it. */
export const rejections = {
  'application-context-not-supported': { result: 1, source: 1, reason: 2 },
  'calling-ae-title-not-recognized': { result: 1, source: 1, reason: 3 },
  'called-ae-title-not-recognized': { result: 1, source: 1, reason: 7 },
  'protocol-version-not-supported': { result: 1, source: 2, reason: 2 },
  'temporary-congestion': { result: 2, source: 3, reason: 1 },
  'local-limit-exceeded': { result: 2, source: 3, reason: 2 },
} as const satisfies Record<string, RejectReason>;

export type Rejection = keyof typeof rejections;

/**
 * Decodes a whole A-ASSOCIATE-RJ, header included (PS3.8 9.3.4).
 * @throws DimseError DIMSE_PDU_BAD_LENGTH
 */
export function parseRejection(pdu: Buffer): RejectReason {
  const body = pdu.subarray(pduHeaderBytes);
  if (body.length !== 4) throw new DimseError('DIMSE_PDU_BAD_LENGTH', { lengthBytes: body.length });
  return { result: body.readUInt8(1), source: body.readUInt8(2), reason: body.readUInt8(3) };
}
