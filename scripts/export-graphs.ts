/** Writes the graphs and the parameter list of a model: what `training/` needs to know about the architecture. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportGraphs, exportParameters } from '../src/model/executors/export-graphs.ts';
import { ablations, isAblationName, isPresetName, presets } from '../src/model/presets.ts';
import { modelMetadata } from '../src/model/weights-config.ts';

const { values } = parseArgs({
  options: { preset: { type: 'string' }, ablation: { type: 'string', default: 'full' }, out: { type: 'string' } },
});
const { preset = '', ablation, out } = values;
if (!isPresetName(preset) || !isAblationName(ablation) || out === undefined) {
  throw new Error('usage: tsx scripts/export-graphs.ts --preset tiny16 --ablation full|V1|V2|V3 --out DIR');
}
const model = { preset: presets[preset], ablation: ablations[ablation] };

for (const [name, graph] of Object.entries(exportGraphs(model))) {
  const file = join(out, 'graphs', `${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(graph)}\n`);
}
// The trainer copies `metadata` into the header of the weights file as it stands.
const parameters = { ...model, metadata: modelMetadata(model), parameters: exportParameters(model) };
writeFileSync(join(out, 'parameters.json'), `${JSON.stringify(parameters, null, 1)}\n`);
