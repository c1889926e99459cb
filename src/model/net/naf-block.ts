import { conv1x1, conv1x1Parameters, depthwise3x3, depthwise3x3Parameters } from './convolution.ts';
import { layerNorm, layerNormParameters } from './layer-norm.ts';
import { type Parameter, under, zeros } from './parameter.ts';
import type { Scope } from './scope.ts';

/** 7c² + 33c values; β and γ start at zero, so that a fresh block is the identity. */
export function nafBlockParameters(channels: number): Parameter[] {
  return [
    ...under('norm1', layerNormParameters(channels)),
    ...under('conv1', conv1x1Parameters(channels, 2 * channels)),
    ...under('conv2', depthwise3x3Parameters(2 * channels)),
    ...under('sca', conv1x1Parameters(channels, channels)),
    ...under('conv3', conv1x1Parameters(channels, channels)),
    zeros('beta', channels),
    ...under('norm2', layerNormParameters(channels)),
    ...under('conv4', conv1x1Parameters(channels, 2 * channels)),
    ...under('conv5', conv1x1Parameters(channels, channels)),
    zeros('gamma', channels),
  ];
}

/** NAF block, `[n, c, H, W]` → `[n, c, H, W]`, any H and W ≥ 1. model-spec.md 2.2. */
export function nafBlock<T>(net: Scope<T>, x: T, channels: number): T {
  const { ops } = net;
  const wide = conv1x1(net.at('conv1'), layerNorm(net.at('norm1'), x)); //                [n, 2c, H, W]
  const mixed = ops.simpleGate(depthwise3x3(net.at('conv2'), wide, 2 * channels)); //     [n, c, H, W]
  const attention = conv1x1(net.at('sca'), ops.globalMean(mixed)); //                     [n, c, 1, 1]
  const attended = conv1x1(net.at('conv3'), ops.mul(mixed, attention)); //                [n, c, H, W]
  const y = ops.add(x, ops.mul(attended, net.param('beta')));
  const fed = ops.simpleGate(conv1x1(net.at('conv4'), layerNorm(net.at('norm2'), y))); // [n, c, H, W]
  return ops.add(y, ops.mul(conv1x1(net.at('conv5'), fed), net.param('gamma')));
}
