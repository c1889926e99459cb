/** PDU types of PS3.8 9.3.1. */
export const pduTypes = {
  associateRq: 0x01,
  associateAc: 0x02,
  associateRj: 0x03,
  pData: 0x04,
  releaseRq: 0x05,
  releaseRp: 0x06,
  abort: 0x07,
} as const;

export type PduType = (typeof pduTypes)[keyof typeof pduTypes];

/** Every PDU but P-DATA-TF: read whole before anybody sees it. */
export type ControlPduType = Exclude<PduType, typeof pduTypes.pData>;

/** Type, reserved byte, length. */
export const pduHeaderBytes = 6;
/** Length, presentation context, message control header (PS3.8 9.3.5.1). */
export const pdvHeaderBytes = 6;
/** Versions, AE titles and reserved bytes at the head of an A-ASSOCIATE-RQ and -AC (PS3.8 9.3.2). */
export const associateFixedBytes = 68;

/** Message control header (PS3.8 E.2): bit 0 tells command from data set, bit 1 the last fragment. */
export const controlCommand = 0x01;
export const controlLast = 0x02;

/** The one application context (PS3.7 A.2.1). */
export const dicomApplicationContext = '1.2.840.10008.3.1.1.1';

const known: ReadonlySet<number> = new Set(Object.values(pduTypes));

export function isPduType(type: number): type is PduType {
  return known.has(type);
}
