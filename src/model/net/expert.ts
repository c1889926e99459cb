import { conv1x1, conv1x1Parameters } from './convolution.ts';
import { layerNorm, layerNormParameters } from './layer-norm.ts';
import { type Parameter, under, zeros } from './parameter.ts';
import type { Scope } from './scope.ts';

/** 3c² + 6c values; the scale starts at zero, so that a fresh expert is the identity. */
export function expertParameters(channels: number): Parameter[] {
  return [
    ...under('norm', layerNormParameters(channels)),
    ...under('conv1', conv1x1Parameters(channels, 2 * channels)),
    ...under('conv2', conv1x1Parameters(channels, channels)),
    zeros('scale', channels),
  ];
}

/** x + s ⊙ conv2(SG(conv1(LN(x)))), `[n, c, H, W]` → `[n, c, H, W]`. model-spec.md 2.6. */
export function expert<T>(net: Scope<T>, x: T): T {
  const { ops } = net;
  const fed = ops.simpleGate(conv1x1(net.at('conv1'), layerNorm(net.at('norm'), x)));
  return ops.add(x, ops.mul(conv1x1(net.at('conv2'), fed), net.param('scale')));
}
