import { loadConfig, shippedFolder } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { checkCel } from '../router/cel.ts';

/** The configuration of a folder, or the shipped one. @throws ConfigError with every fault, file, line and column */
export function openConfig(folder: string | undefined): Promise<Config> {
  return loadConfig(folder ?? shippedFolder, checkCel);
}
