import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { exportGraphs, exportParameters } from '../model/executors/export-graphs.ts';
import { ablationNames, ablations, type ModelShape, presetNames, presets } from '../model/presets.ts';
import { readWeights } from '../model/weights.ts';
import { modelMetadata } from '../model/weights-config.ts';
import { openInstalledWeights } from '../pipeline/installed-weights.ts';
import { CliError } from './errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions, textOption } from './invocation.ts';

const options = {
  out: textOption.optional(),
  preset: z.enum(presetNames).optional(),
  ablation: z.enum(ablationNames).default('full'),
  weights: textOption.optional(),
};

/** `export`: the graphs and the parameter list of a model, all that `training/` knows of the architecture. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { out, preset, ablation, weights } = parseOptions(invocation, options);
  if (out === undefined) throw new CliError('CLI_USAGE', 'name a folder: --out DIR');
  if ((preset === undefined) === (weights === undefined)) {
    throw new CliError('CLI_USAGE', `name a model: --preset ${presetNames.join('|')} or --weights NAME`);
  }
  const model =
    preset === undefined ? await modelOf(weights ?? '') : { preset: presets[preset], ablation: ablations[ablation] };
  const graphs = Object.entries(exportGraphs(model));
  for (const [name, graph] of graphs) await write(join(out, 'graphs', `${name}.json`), `${JSON.stringify(graph)}\n`);
  // The trainer copies `metadata` into the header of the weights file as it stands.
  const parameters = { ...model, metadata: modelMetadata(model), parameters: exportParameters(model) };
  await write(join(out, 'parameters.json'), `${JSON.stringify(parameters, undefined, 1)}\n`);
  invocation.print(`${graphs.length} graphs and parameters.json of ${model.preset.name} in ${out}`);
  return exitCodes.done;
}

/** The model that installed weights were trained as; reading them checks names, shapes and digest. */
async function modelOf(weights: string): Promise<ModelShape> {
  const { path, digest } = await openInstalledWeights(weights);
  return readWeights(await readFile(path), digest).model;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
