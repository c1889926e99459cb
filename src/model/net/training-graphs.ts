import type { Graph, Ops } from '../ops.ts';
import type { ModelShape } from '../presets.ts';
import { diffusionSteps, stepAt } from '../schedule.ts';
import type { Task } from '../tasks.ts';
import { DiffCode } from './diffcode.ts';
import { imageDims, latentInput, stepNoise } from './inputs.ts';
import { predictPrior } from './restore-graph.ts';

/** `u` → `latent` z of E_vq. */
export function encodeGraph(model: ModelShape, task: Task): Graph {
  return {
    name: `evq/${task}`,
    build: (ops) => {
      ops.output('latent', new DiffCode(ops, model, task).encode('evq', ops.input('u', imageDims)));
    },
  };
}

/** `u` (high quality) → `latent` z, `codes`, `quantised`, `partials`, `reconstruction` (u units, not clamped). */
export function stage1Graph(model: ModelShape, task: Task): Graph {
  return {
    name: `stage1/${task}`,
    build: (ops) => {
      const net = new DiffCode(ops, model, task);
      const latent = net.encode('evq', ops.input('u', imageDims));
      const { codes, quantised, partials } = net.quantize(latent);
      ops.output('latent', latent);
      ops.output('codes', codes);
      ops.output('quantised', quantised);
      ops.output('partials', partials);
      ops.output('reconstruction', net.decode(quantised));
    },
  };
}

/**
 * `hq` and `lq` in u units; `epsilon` and `step8` … `step2` `[n, d, h, w]`, standard normal (the steps times η).
 * Gives `target` z̃, `condition` c, `predicted` (to be near the target), `estimate8` … `estimate1` (x̂₀ of each step),
 * `latent` z, `predictedLatent` ẑ, `codes` and `predictedCodes`. Without diffusion `predicted` is the condition and
 * there is neither noise nor estimate. The chain starts at √ᾱ z̃ + √(1−ᾱ) epsilon (model-spec.md 2.5).
 */
export function stage2Graph(model: ModelShape, task: Task): Graph {
  return { name: `stage2/${task}`, build: (ops) => buildStage2(ops, model, task) };
}

function buildStage2<T>(ops: Ops<T>, model: ModelShape, task: Task): void {
  const net = new DiffCode(ops, model, task);
  const latent = net.encode('evq', ops.input('hq', imageDims));
  const target = net.standardise(latent);
  const condition = net.standardise(net.encode('elq', ops.input('lq', imageDims)));
  const predicted = model.ablation.diffusion ? trainChain(ops, net, model, target, condition) : condition;
  const predictedLatent = net.unstandardise(predicted);
  ops.output('latent', latent);
  ops.output('target', target);
  ops.output('condition', condition);
  ops.output('predicted', predicted);
  ops.output('predictedLatent', predictedLatent);
  ops.output('codes', net.quantize(latent).codes);
  ops.output('predictedCodes', net.quantize(predictedLatent).codes);
}

function trainChain<T>(ops: Ops<T>, net: DiffCode<T>, { preset }: ModelShape, target: T, condition: T): T {
  const { alphaBar } = stepAt(diffusionSteps);
  const epsilon = latentInput(ops, 'epsilon', preset.latent);
  const kept = ops.affine(target, Math.fround(Math.sqrt(alphaBar)), 0);
  const start = ops.add(kept, ops.affine(epsilon, Math.fround(Math.sqrt(1 - alphaBar)), 0));
  const { result, estimates } = net.diffuse(condition, { start, at: stepNoise(ops, preset.latent) });
  for (const [index, estimate] of estimates.entries()) ops.output(`estimate${index + 1}`, estimate);
  return result;
}

/** `u` (low quality) and `start` → `reference` (clamped), `indices`, `latent` ẑ: the frozen part of stage III. */
export function priorGraph(model: ModelShape, task: Task): Graph {
  return {
    name: `prior/${task}`,
    build: (ops) => {
      const net = new DiffCode(ops, model, task);
      const prior = predictPrior(ops, net, model, ops.input('u', imageDims), 'start');
      ops.output('reference', net.reference(prior.quantised));
      ops.output('indices', prior.codes);
      ops.output('latent', prior.latent);
    },
  };
}

/** `u` and, with a prior, `reference` → `restored` (u units, not clamped): the trained part of stage III. */
export function backboneGraph(model: ModelShape, task: Task): Graph {
  return {
    name: `backbone/${task}`,
    build: (ops) => {
      const u = ops.input('u', imageDims);
      const reference = model.ablation.prior ? ops.input('reference', imageDims) : undefined;
      ops.output('restored', ops.add(u, new DiffCode(ops, model, task).correction(u, reference)));
    },
  };
}

/** Prior and backbone in one: `u`, `start` → `restored` (u units, not clamped), `reference`, `indices`. */
export function stage3Graph(model: ModelShape, task: Task): Graph {
  return { name: `stage3/${task}`, build: (ops) => buildStage3(ops, model, task) };
}

function buildStage3<T>(ops: Ops<T>, model: ModelShape, task: Task): void {
  const net = new DiffCode(ops, model, task);
  const u = ops.input('u', imageDims);
  if (!model.ablation.prior) {
    ops.output('restored', ops.add(u, net.correction(u, undefined)));
    return;
  }
  const prior = predictPrior(ops, net, model, u, 'start');
  const reference = net.reference(prior.quantised);
  ops.output('restored', ops.add(u, net.correction(u, reference)));
  ops.output('reference', reference);
  ops.output('indices', prior.codes);
}
