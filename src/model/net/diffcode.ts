import type { Ops, Quantised } from '../ops.ts';
import type { ModelShape } from '../presets.ts';
import { inputScales, type Task, taskIndex } from '../tasks.ts';
import { backbone } from './backbone.ts';
import { codebookName } from './codebook-bank.ts';
import { decodeLatent } from './decoder.ts';
import { type ChainNoise, runChain } from './denoiser.ts';
import { encodeLatent } from './encoder.ts';
import { Scope } from './scope.ts';
import { type Route, route } from './task-routing.ts';

/** Rows of `gate.matrix` where it was trained (k ≥ 2); absent: as it starts. */
export type GateRows = Readonly<Record<Task, readonly number[]>>;

/**
 * DiffCode for one task, written once over the op-set (model-spec.md 2.1). Images are u = gain · (x − offset),
 * `[n, 1, 8h, 8w]`; latents `[n, d, h, w]`. The task's experts, codebook and statistics are bound here.
 */
export class DiffCode<T> {
  readonly #ops: Ops<T>;
  readonly #model: ModelShape;
  readonly #task: Task;
  readonly #routed: Route | undefined;

  constructor(ops: Ops<T>, model: ModelShape, task: Task, gateRows?: GateRows) {
    const { tars, topk } = model.ablation;
    this.#ops = ops;
    this.#model = model;
    this.#task = task;
    this.#routed = tars ? route(task, topk, gateRows?.[task]) : undefined;
  }

  /** E_vq (of the high-quality image) or E_lq (of the low-quality one): image → latent. */
  encode(encoder: 'evq' | 'elq', u: T): T {
    return encodeLatent(new Scope(this.#ops, encoder), u, this.#model.preset, this.#routed);
  }

  /** z → z̃ = (z − mean) / std, the space of the diffusion (model-spec.md 2.4). */
  standardise(z: T): T {
    return this.#ops.div(this.#ops.sub(z, this.#statistic('latent.mean')), this.#statistic('latent.std'));
  }

  /** z̃ → z. */
  unstandardise(z: T): T {
    return this.#ops.add(this.#ops.mul(z, this.#statistic('latent.std')), this.#statistic('latent.mean'));
  }

  /** Condition c → z̃ by the chain; `estimates[t − 1]` is x̂₀ at step t. */
  diffuse(condition: T, noise: ChainNoise<T>): { result: T; estimates: readonly T[] } {
    return runChain(new Scope(this.#ops, 'dm'), condition, noise);
  }

  /** Residual quantization with the codebook of `codebookOf`. */
  quantize(z: T, codebookOf: Task = this.#task): Quantised<T> {
    const { preset, ablation } = this.#model;
    return this.#ops.quantize(z, this.#ops.param(codebookName(codebookOf, ablation.bank)), preset.depth);
  }

  /** G_vq: quantized latent → image, not clamped. */
  decode(quantised: T): T {
    return decodeLatent(new Scope(this.#ops, 'gvq'), quantised, this.#model.preset, this.#routed);
  }

  /** The decoded image clamped to the unit range: I_ref. */
  reference(quantised: T): T {
    const { gain, offset } = inputScales[this.#task];
    return this.#ops.clamp(this.decode(quantised), gain * (0 - offset), gain * (1 - offset));
  }

  /** bb: what to add to u. Without a prior there is no reference. */
  correction(u: T, reference: T | undefined): T {
    const input = reference === undefined ? u : this.#ops.concat(u, reference);
    return backbone(new Scope(this.#ops, 'bb'), input, this.#model.preset, this.#routed);
  }

  #statistic(name: string): T {
    return this.#ops.row(this.#ops.param(name), taskIndex(this.#task));
  }
}
