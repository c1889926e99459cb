import type { ModelShape } from '../presets.ts';
import { tasks } from '../tasks.ts';
import { backboneParameters } from './backbone.ts';
import { classifierParameters, featureLength } from './classifier.ts';
import { codebookParameters } from './codebook-bank.ts';
import { decoderParameters } from './decoder.ts';
import { denoiserParameters } from './denoiser.ts';
import { encoderParameters } from './encoder.ts';
import { countValues, ones, type Parameter, type Stage, under, zeros } from './parameter.ts';
import { gateParameter } from './task-routing.ts';

/** Modules whose values are counted, in the order of model-spec.md 2.7. */
const moduleNames = ['cls', 'evq', 'gvq', 'elq', 'dm', 'codebook', 'bb.enc', 'bb.dec'] as const;
export type ModuleName = (typeof moduleNames)[number];

/** Every tensor of the training form of a model, in file order. Names and shapes: model-spec.md 5. */
export function modelParameters(model: ModelShape): Parameter[] {
  const { preset, ablation } = model;
  const routing = ablation.tars ? 'experts' : 'none';
  return [
    ...(ablation.tars ? [...under('cls', classifierParameters()), gateParameter()] : []),
    ...(ablation.prior ? priorParameters(model) : []),
    ...under('bb', backboneParameters(preset, ablation.prior ? 2 : 1, routing)),
    ...(ablation.tars ? distributionParameters() : []),
  ];
}

function priorParameters(model: ModelShape): Parameter[] {
  const { preset, ablation } = model;
  const routing = ablation.tars ? 'experts' : 'none';
  const encoder = encoderParameters(preset, { inputs: 1, outputs: preset.latent }, routing);
  return [
    ...under('evq', encoder),
    ...under('gvq', decoderParameters(preset, { inputs: preset.latent, ending: 'default' }, routing)),
    ...under('elq', encoder),
    ...(ablation.diffusion ? under('dm', denoiserParameters(preset.latent)) : []),
    ...codebookParameters(model),
    zeros('latent.mean', tasks.length, preset.latent),
    ones('latent.std', tasks.length, preset.latent),
  ];
}

/** Statistics of the out-of-distribution scores (model-spec.md 2.4): what the gate compares with. */
function distributionParameters(): Parameter[] {
  return [
    zeros('ood.feature.mean', tasks.length, featureLength),
    ones('ood.feature.std', tasks.length, featureLength),
    zeros('ood.limits', tasks.length, 4),
  ];
}

const stages: Readonly<Record<ModuleName, Stage>> = {
  cls: 0,
  evq: 1,
  gvq: 1,
  codebook: 1,
  elq: 2,
  dm: 2,
  'bb.enc': 3,
  'bb.dec': 3,
};

/** The training stage that changes a tensor (model-spec.md 3). */
export function stageOf(name: string, model: ModelShape): Stage {
  if (name === 'gate.matrix') return model.ablation.topk === 1 ? 'none' : 3;
  const module = moduleOf(name);
  return module === undefined ? 'none' : stages[module];
}

/** The counted module that a tensor belongs to; `undefined` for buffers and statistics. */
function moduleOf(name: string): ModuleName | undefined {
  return moduleNames.find((module) => name.startsWith(`${module}.`));
}

/** Trainable values of each module, codebooks included, buffers and statistics not. model-spec.md 2.7. */
export function parameterCounts(model: ModelShape): Record<ModuleName | 'total', number> {
  const parameters = modelParameters(model);
  const count = (module: ModuleName) => countValues(parameters.filter(({ name }) => moduleOf(name) === module));
  const total = countValues(parameters.filter(({ name }) => moduleOf(name) !== undefined));
  return {
    cls: count('cls'),
    evq: count('evq'),
    gvq: count('gvq'),
    elq: count('elq'),
    dm: count('dm'),
    codebook: count('codebook'),
    'bb.enc': count('bb.enc'),
    'bb.dec': count('bb.dec'),
    total,
  };
}
