import type { Dim, Ops } from '../ops.ts';
import { diffusionSteps } from '../schedule.ts';
import type { ChainNoise } from './denoiser.ts';

/** An image input: batch n, sides 8h and 8w. */
export const imageDims: readonly Dim[] = ['n', 1, '8h', '8w'];

/** Name of the noise input drawn between steps t and t − 1. */
export function stepNoiseName(t: number): string {
  return `step${t}`;
}

export function latentInput<T>(ops: Ops<T>, name: string, latent: number): T {
  return ops.input(name, ['n', latent, 'h', 'w']);
}

/** `start`, or also `step8` … `step2` (η·n_t, not yet times the step's deviation). */
export type NoiseInputs = 'start' | 'start-and-steps';

/** The noise inputs besides the start; all of them are declared, in the order of the chain. */
export function stepNoise<T>(ops: Ops<T>, latent: number): (t: number) => T {
  const steps = new Map<number, T>();
  for (let t = diffusionSteps; t > 1; t--) steps.set(t, latentInput(ops, stepNoiseName(t), latent));
  return (t) => {
    const noise = steps.get(t);
    if (noise === undefined) throw new RangeError(`no noise at step ${t}`);
    return noise;
  };
}

export function chainNoise<T>(ops: Ops<T>, latent: number, inputs: NoiseInputs): ChainNoise<T> {
  const start = latentInput(ops, 'start', latent);
  return inputs === 'start' ? { start } : { start, at: stepNoise(ops, latent) };
}
