import { diffusionSteps, stepAt } from '../schedule.ts';
import { type Parameter, under, weightAndBias, zeros } from './parameter.ts';
import type { Scope } from './scope.ts';

const slope = 0.1;

/** Five layers per latent position, and a learned bias of the first for every step. */
export function denoiserParameters(latent: number): Parameter[] {
  return [
    ...under('l1', weightAndBias([latent, 2 * latent])),
    zeros('step', diffusionSteps, latent),
    ...under('l2', weightAndBias([latent, latent])),
    ...under('l3', weightAndBias([latent, latent])),
    ...under('l4', weightAndBias([latent, latent])),
    ...under('l5', weightAndBias([latent, latent])),
  ];
}

/** x̂₀ = f(x_t, c, t), all `[n, d, h, w]`. model-spec.md 2.5. */
function denoise<T>(net: Scope<T>, noisy: T, condition: T, t: number): T {
  const { ops } = net;
  const first = ops.add(dense(net.at('l1'), ops.concat(noisy, condition)), ops.row(net.param('step'), t - 1));
  let y = ops.leakyRelu(first, slope);
  for (const layer of ['l2', 'l3', 'l4']) y = ops.leakyRelu(dense(net.at(layer), y), slope);
  return dense(net.at('l5'), y);
}

function dense<T>(net: Scope<T>, x: T): T {
  return net.ops.linear(x, net.param('weight'), net.param('bias'));
}

/** Noise of the chain: x_T, and for t = T..2 what is drawn between the steps, times η; `[n, d, h, w]` each. */
export interface ChainNoise<T> {
  readonly start: T;
  /** η·n_t; absent means η = 0. */
  readonly at?: (t: number) => T;
}

/** The chain t = T..1, unrolled. `estimates[t − 1]` is x̂₀ at step t; the result is `estimates[0]`. */
export function runChain<T>(net: Scope<T>, condition: T, noise: ChainNoise<T>): { result: T; estimates: readonly T[] } {
  const { ops } = net;
  const estimates: T[] = [];
  let x = noise.start;
  for (let t = diffusionSteps; t > 1; t--) {
    const { c1, c2, sigma } = stepAt(t);
    const estimate = denoise(net, x, condition, t);
    estimates.unshift(estimate);
    x = ops.add(ops.affine(estimate, c1, 0), ops.affine(x, c2, 0));
    if (noise.at !== undefined) x = ops.add(x, ops.affine(noise.at(t), sigma, 0));
  }
  const result = denoise(net, x, condition, 1); // c1 = 1 and c2 = 0 at t = 1: x_0 is the estimate itself
  estimates.unshift(result);
  return { result, estimates };
}
