import { createHash } from 'node:crypto';
import type { AnyUid } from '../uid.ts';
import { parseUid } from '../uid.ts';

/** Fixed for ever: another namespace would name every derived object anew. */
const namespace = Buffer.from('6f0c2a5e1b7d4c39a4d28e5b7c9f0d13', 'hex');

/** What a UID names; the fields of each kind are in the table of derived-objects.md 1.1. */
export type DerivedUidKind =
  | 'series'
  | 'instance'
  | 'concatenation'
  | 'uncertainty-series'
  | 'uncertainty'
  | 'dimension'
  | 'device'
  | 'model'
  | 'implementation'
  | 'test';

/**
 * The UID of a thing that we make, a function of its kind and fields alone: `2.25.` and a name-based UUID, version 5
 * (RFC 9562 5.5), in decimal (PS3.5 B.2). At most 44 characters. derived-objects.md 1.1.
 */
export function deriveUid<U extends AnyUid>(kind: DerivedUidKind, ...fields: readonly string[]): U {
  const name = ['diffcode-node/uid/1', kind, ...fields].join('\n');
  return parseUid<U>(`2.25.${BigInt(`0x${nameBasedUuid(name).toString('hex')}`)}`);
}

function nameBasedUuid(name: string): Buffer {
  const uuid = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16);
  uuid.writeUInt8((uuid.readUInt8(6) & 0x0f) | 0x50, 6); // version 5
  uuid.writeUInt8((uuid.readUInt8(8) & 0x3f) | 0x80, 8); // variant of RFC 9562
  return uuid;
}
