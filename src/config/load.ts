import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckExpression } from './cross-checks.ts';
import { ConfigError, type ConfigFile, type Fault } from './errors.ts';
import { parseConfig } from './parse.ts';
import type { Config } from './schema.ts';

/**
 * Reads `node.yaml`, `destinations.yaml` and `rules.yaml` of a folder and checks all of them. Relative paths in
 * `node.yaml` are relative to that folder, wherever the node is started.
 * @throws ConfigError CONFIG_FAULTY with every fault of all three files
 */
export async function loadConfig(folder: string, checkExpression: CheckExpression): Promise<Config> {
  const faults: Fault[] = [];
  const read = (file: ConfigFile): Promise<string> =>
    readFile(join(folder, file), 'utf8').catch((error: unknown) => {
      faults.push(missingFile(file, error));
      return '';
    });
  const [node, destinations, rules] = [
    await read('node.yaml'),
    await read('destinations.yaml'),
    await read('rules.yaml'),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  const texts = { 'node.yaml': node, 'destinations.yaml': destinations, 'rules.yaml': rules };
  return parseConfig(texts, { folder, checkExpression });
}

/** The files as shipped: loopback only, and nothing leaves the machine. */
export function defaultConfig(checkExpression: CheckExpression): Promise<Config> {
  return loadConfig(shippedFolder, checkExpression);
}

/** `config/` of the package, beside `src` and `dist`. */
export const shippedFolder = fileURLToPath(new URL('../../config', import.meta.url));

function missingFile(file: ConfigFile, error: unknown): Fault {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  const message = `can’t be read (${reason}); the folder needs node.yaml, destinations.yaml and rules.yaml`;
  return { code: 'CONFIG_FILE_MISSING', file, line: 1, column: 1, message };
}
