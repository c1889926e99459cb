import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelError } from '../model/errors.ts';
import type { Task } from '../model/tasks.ts';
import { readWeights, type Weights } from '../model/weights.ts';

/** `weights/` of the package, beside `src` and `dist`. */
export const weightsFolder = fileURLToPath(new URL('../../weights', import.meta.url));

/** One row of `weights/index.json`. */
export interface WeightsEntry {
  readonly name: string;
  readonly preset: string;
  readonly sha256: string;
  readonly tasks: readonly string[];
  readonly default: boolean;
}

/** Weights that were found, read whole and checked against their digest. */
export interface InstalledWeights {
  readonly name: string;
  readonly path: string;
  readonly digest: string;
  readonly preset: string;
  readonly tasks: readonly Task[];
}

/** The weights of the package by name; none where there is no index. @throws ModelError MODEL_WEIGHTS_INDEX */
export async function readWeightsIndex(folder = weightsFolder): Promise<readonly WeightsEntry[]> {
  const text = await readFile(join(folder, 'index.json'), 'utf8').catch(() => '[]');
  const rows: unknown = parseJson(text);
  if (!Array.isArray(rows) || !rows.every(isEntry)) throw new ModelError('MODEL_WEIGHTS_INDEX');
  return rows;
}

/**
 * The weights that `model.weights` names: `default`, a name of the index, or a .safetensors file.
 * @throws ModelError MODEL_WEIGHTS_MISSING · MODEL_WEIGHTS_INDEX · MODEL_WEIGHTS_DIGEST and the others of `readWeights`
 */
export async function openInstalledWeights(named: string, folder = weightsFolder): Promise<InstalledWeights> {
  if (named.endsWith('.safetensors')) return summaryOf(named, resolve(named), await readFileOf(named, resolve(named)));
  const entries = await readWeightsIndex(folder);
  const entry = entries.find((row) => (named === 'default' ? row.default : row.name === named));
  if (entry === undefined) throw new ModelError('MODEL_WEIGHTS_MISSING', { weights: named });
  const path = join(folder, `${entry.name}.safetensors`);
  return summaryOf(entry.name, path, await readFileOf(entry.name, path, entry.sha256));
}

async function readFileOf(name: string, path: string, digest?: string): Promise<Weights> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new ModelError('MODEL_WEIGHTS_MISSING', { weights: name.split('/').at(-1) ?? name }, { cause });
  }
  return readWeights(bytes, digest);
}

function summaryOf(name: string, path: string, { digest, model, tasks }: Weights): InstalledWeights {
  return { name, path, digest, preset: model.preset.name, tasks };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError('MODEL_WEIGHTS_INDEX', {}, { cause });
  }
}

function isEntry(row: unknown): row is WeightsEntry {
  if (typeof row !== 'object' || row === null) return false;
  const {
    name,
    preset,
    sha256,
    tasks,
    default: isDefault,
  } = { name: 0, preset: 0, sha256: 0, tasks: 0, default: 0, ...row };
  const texts = [name, preset, sha256].every((value) => typeof value === 'string');
  return texts && Array.isArray(tasks) && typeof isDefault === 'boolean';
}
