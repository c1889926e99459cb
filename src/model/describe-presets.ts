import { type ModuleName, parameterCounts } from './net/parameters.ts';
import { ablations, type PresetName, presetNames, presets } from './presets.ts';

/** One preset as `models --json` prints it: values per module, codebooks included. */
export interface PresetDescription {
  readonly name: PresetName;
  readonly parameters: Readonly<Record<ModuleName | 'total', number>>;
}

/** Every preset with its parameter counts, the table of model-spec.md 2.7. */
export function describePresets(): PresetDescription[] {
  return presetNames.map((name) => ({
    name,
    parameters: parameterCounts({ preset: presets[name], ablation: ablations.full }),
  }));
}
