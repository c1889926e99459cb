import { createHash } from 'node:crypto';
import type { Config } from './schema.ts';

/** SHA-256 of a configuration as it is in force, defaults filled in; stands beside what was decided under it. */
export function configDigest(config: Config): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex');
}
