import { ctClass } from './rude-scu.ts';

/** An element in explicit VR little endian. */
export function element(group: number, number: number, vr: string, value: Buffer | string): Buffer {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.length % 2 === 0 ? value : `${value}\0`, 'latin1');
  const long = ['OB', 'OW', 'SQ', 'UN', 'UT'].includes(vr);
  const header = Buffer.alloc(long ? 12 : 8);
  header.writeUInt16LE(group, 0);
  header.writeUInt16LE(number, 2);
  header.write(vr, 4, 'latin1');
  if (long) header.writeUInt32LE(bytes.length, 8);
  else header.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([header, bytes]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value & 0xff, value >> 8]);
}

/** A small CT image, explicit VR little endian, whole and plausible. The number makes its UID and its pixels its own. */
export function ctImage(
  number: number,
  options: { readonly pixelBytes?: number; readonly sopClassUid?: string } = {},
): {
  readonly sopInstanceUid: string;
  readonly dataSet: Buffer;
} {
  const sopInstanceUid = `1.2.826.0.1.3680043.9.7433.1.${number}`;
  const pixels = Buffer.alloc(options.pixelBytes ?? 512, number % 251);
  const dataSet = Buffer.concat([
    element(0x0008, 0x0016, 'UI', options.sopClassUid ?? ctClass),
    element(0x0008, 0x0018, 'UI', sopInstanceUid),
    element(0x0008, 0x0060, 'CS', 'CT'),
    element(0x0010, 0x0010, 'PN', 'Probe^Patient'),
    element(0x0020, 0x000d, 'UI', '1.2.826.0.1.3680043.9.7433.2.1'),
    element(0x0020, 0x000e, 'UI', '1.2.826.0.1.3680043.9.7433.3.1'),
    element(0x0020, 0x0013, 'IS', String(number)),
    element(0x0028, 0x0002, 'US', uint16(1)),
    element(0x0028, 0x0010, 'US', uint16(16)),
    element(0x0028, 0x0011, 'US', uint16(16)),
    element(0x0028, 0x0100, 'US', uint16(16)),
    element(0x0028, 0x0101, 'US', uint16(16)),
    element(0x0028, 0x0102, 'US', uint16(15)),
    element(0x0028, 0x0103, 'US', uint16(1)),
    element(0x7fe0, 0x0010, 'OW', pixels),
  ]);
  return { sopInstanceUid, dataSet };
}
