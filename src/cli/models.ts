import { z } from 'zod';
import { describePresets, type PresetDescription } from '../model/describe-presets.ts';
import { readWeightsIndex, type WeightsEntry } from '../pipeline/installed-weights.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions } from './invocation.ts';
import { tableLines } from './table.ts';

/** `models`: what can be built and what is installed; reads the index of the weights and no weights. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { json } = parseOptions(invocation, { json: z.boolean().default(false) });
  const presets = describePresets();
  const installed = await readWeightsIndex();
  if (json) {
    invocation.print(JSON.stringify({ presets, installed: installed.map(installedRow) }, undefined, 2));
    return exitCodes.done;
  }
  for (const line of presetLines(presets)) invocation.print(line);
  invocation.print('');
  for (const line of installedLines(installed)) invocation.print(line);
  return exitCodes.done;
}

function installedRow({ name, preset, sha256: digest, tasks, default: isDefault }: WeightsEntry) {
  return { name, preset, digest, tasks, default: isDefault };
}

function presetLines(presets: readonly PresetDescription[]): string[] {
  const modules = Object.keys(presets[0]?.parameters ?? {});
  const rows = presets.map(({ name, parameters }) => [name, ...Object.values(parameters).map(withThousands)]);
  return tableLines([['preset', ...modules], ...rows]);
}

function installedLines(installed: readonly WeightsEntry[]): string[] {
  if (installed.length === 0) return ['no weights are installed: weights/index.json names none'];
  const rows = installed.map((entry) => [
    entry.default ? `${entry.name} (default)` : entry.name,
    entry.preset,
    entry.sha256.slice(0, 12),
    entry.tasks.join(', '),
  ]);
  return tableLines([['weights', 'preset', 'digest', 'tasks'], ...rows]);
}

function withThousands(count: number): string {
  return count.toLocaleString('en');
}
