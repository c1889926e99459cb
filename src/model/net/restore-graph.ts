import type { Graph, Ops } from '../ops.ts';
import type { ModelShape } from '../presets.ts';
import { inputScales, type Task, tasks } from '../tasks.ts';
import { classify } from './classifier.ts';
import { DiffCode, type GateRows } from './diffcode.ts';
import { chainNoise, imageDims, type NoiseInputs } from './inputs.ts';
import { Scope } from './scope.ts';

/** What is bound when the graph of a task is built. */
export interface RestoreOptions {
  readonly noise: NoiseInputs;
  /** Evaluation only: the reference as it is, zeros, or by another task's codebook (model-spec.md 2.10). */
  readonly reference: 'own' | 'zero' | 'swap';
  readonly gateRows?: GateRows | undefined;
}

/** Standardised slice `slice` `[n, 1, H, W]` → `logits` `[n, 3, 1, 1]`, `feature` `[n, 64, 1, 1]`. */
export function classifyGraph(): Graph {
  return {
    name: 'classify',
    build: (ops) => {
      const { logits, feature } = classify(new Scope(ops, 'cls'), ops.input('slice', ['n', 1, 'H', 'W']));
      ops.output('logits', logits);
      ops.output('feature', feature);
    },
  };
}

/**
 * `x` in [0, 1] `[n, 1, 8h, 8w]` and noise (`start`, `step8` … `step2`) → `restored` in [0, 1] and, with a prior,
 * `reference` (u units), `indices` `[n, h, w, D]`, `latent` ẑ. model-spec.md 2.1.
 */
export function restoreGraph(model: ModelShape, task: Task, options: RestoreOptions): Graph {
  return { name: `restore/${task}`, build: (ops) => buildRestore(ops, model, task, options) };
}

function buildRestore<T>(ops: Ops<T>, model: ModelShape, task: Task, options: RestoreOptions): void {
  const { gain, offset } = inputScales[task];
  const net = new DiffCode(ops, model, task, options.gateRows);
  const x = ops.input('x', imageDims);
  const u = ops.affine(x, gain, -gain * offset);
  const prior = model.ablation.prior ? predictPrior(ops, net, model, u, options.noise) : undefined;
  const reference = prior && usedReference(ops, net, task, prior, options.reference);
  const restored = ops.add(x, ops.affine(net.correction(u, reference), 1 / gain, 0));
  ops.output('restored', ops.clamp(restored, 0, 1));
  if (prior === undefined || reference === undefined) return;
  ops.output('reference', reference);
  ops.output('indices', prior.codes);
  ops.output('latent', prior.latent);
}

/** What retrieval gives for a low-quality image. */
export interface Prior<T> {
  readonly latent: T;
  readonly codes: T;
  readonly quantised: T;
}

/** u → ẑ → codes. Declares the noise inputs when there is a chain. */
export function predictPrior<T>(
  ops: Ops<T>,
  net: DiffCode<T>,
  { preset, ablation }: ModelShape,
  u: T,
  noise: NoiseInputs,
): Prior<T> {
  const encoded = net.encode('elq', u);
  if (!ablation.diffusion) return { latent: encoded, ...net.quantize(encoded) };
  const { result } = net.diffuse(net.standardise(encoded), chainNoise(ops, preset.latent, noise));
  const latent = net.unstandardise(result);
  return { latent, ...net.quantize(latent) };
}

function usedReference<T>(
  ops: Ops<T>,
  net: DiffCode<T>,
  task: Task,
  prior: Prior<T>,
  kind: RestoreOptions['reference'],
): T {
  if (kind === 'swap') return net.reference(net.quantize(prior.latent, nextTask(task)).quantised);
  const reference = net.reference(prior.quantised);
  return kind === 'own' ? reference : ops.affine(reference, 0, 0);
}

function nextTask(task: Task): Task {
  const [first] = tasks;
  return tasks[(tasks.indexOf(task) + 1) % tasks.length] ?? first;
}
