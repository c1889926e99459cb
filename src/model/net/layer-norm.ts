import { ones, type Parameter, zeros } from './parameter.ts';
import type { Scope } from './scope.ts';

/** Added to the variance under the root (model-spec.md 2.2). */
const epsilon = 1e-6;

export function layerNormParameters(channels: number): Parameter[] {
  return [ones('weight', channels), zeros('bias', channels)];
}

/** Layer norm over the channels at each pixel, `[n, c, H, W]` → `[n, c, H, W]`. */
export function layerNorm<T>(net: Scope<T>, x: T): T {
  return net.ops.layerNorm(x, net.param('weight'), net.param('bias'), epsilon);
}
