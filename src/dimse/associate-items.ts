import type { DimseErrorCode } from './errors.ts';
import { DimseError } from './errors.ts';

/** Item types of PS3.8 9.3.2 and 9.3.3, and of PS3.7 annex D. */
export const itemTypes = {
  applicationContext: 0x10,
  presentationContextRq: 0x20,
  presentationContextAc: 0x21,
  abstractSyntax: 0x30,
  transferSyntax: 0x40,
  userInformation: 0x50,
  maximumLength: 0x51,
  implementationClassUid: 0x52,
  asynchronousOperations: 0x53,
  role: 0x54,
  implementationVersion: 0x55,
  userIdentity: 0x58,
} as const;

export interface Item {
  readonly type: number;
  readonly value: Buffer;
}

/**
 * Cuts `bytes` into items of type, reserved byte and 16-bit length (PS3.8 9.3.1).
 * @throws DimseError `code` when an item reaches beyond `bytes`
 */
export function readItems(bytes: Buffer, code: DimseErrorCode): readonly Item[] {
  const items: Item[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < 4) throw new DimseError(code, { offset, leftBytes: bytes.length - offset });
    const type = bytes.readUInt8(offset);
    const lengthBytes = bytes.readUInt16BE(offset + 2);
    const end = offset + 4 + lengthBytes;
    if (end > bytes.length) throw new DimseError(code, { offset, item: type, lengthBytes });
    items.push({ type, value: bytes.subarray(offset + 4, end) });
    offset = end;
  }
  return items;
}

/** Writes one item around its parts. */
export function encodeItem(type: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const header = Buffer.from([type, 0, 0, 0]);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value]);
}

export function encodeText(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** UIDs and names as they are sent: padding of zeros and spaces at either end is not significant (PS3.8 annex F). */
export function readText(value: Buffer): string {
  return value.toString('latin1').replace(/^[\0 ]+|[\0 ]+$/g, '');
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Puts a PDU header before a body (PS3.8 9.3.1). */
export function encodePdu(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 0]), uint32(body.length), body]);
}

/** An AE title as PS3.8 9.3.2 prints it: 16 characters, spaces behind. */
export function encodeAeTitle(title: string): Buffer {
  return Buffer.from(title.slice(0, 16).padEnd(16, ' '), 'latin1');
}
