import { readFileSync } from 'node:fs';

/** Version of this program, from package.json: it stands in every derived object. */
export const version: string = versionOf(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

function versionOf(packageJson: string): string {
  const parsed: unknown = JSON.parse(packageJson);
  const isPackage = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  if (!isPackage || typeof parsed.version !== 'string') throw new Error('package.json has no version');
  return parsed.version;
}
