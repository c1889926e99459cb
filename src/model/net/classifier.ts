import { tasks } from '../tasks.ts';
import { conv3x3Parameters, conv3x3Stride2 } from './convolution.ts';
import { type Parameter, under, weightAndBias } from './parameter.ts';
import type { Scope } from './scope.ts';

/** Length of the feature vector f. */
export const featureLength = 64;
const slope = 0.1;

export function classifierParameters(): Parameter[] {
  return [
    ...under('conv1', conv3x3Parameters(1, 16)),
    ...under('conv2', conv3x3Parameters(16, 32)),
    ...under('conv3', conv3x3Parameters(32, featureLength)),
    ...under('fc', weightAndBias([tasks.length, featureLength])),
  ];
}

/** Standardised slice `[n, 1, H, W]` → f `[n, 64, 1, 1]` and logits `[n, 3, 1, 1]`. model-spec.md 2.6. */
export function classify<T>(net: Scope<T>, slice: T): { feature: T; logits: T } {
  const { ops } = net;
  const x1 = ops.leakyRelu(conv3x3Stride2(net.at('conv1'), slice), slope); // [n, 16, ⌈H/2⌉, ⌈W/2⌉]
  const x2 = ops.leakyRelu(conv3x3Stride2(net.at('conv2'), x1), slope); //    [n, 32, ⌈H/4⌉, ⌈W/4⌉]
  const x3 = ops.leakyRelu(conv3x3Stride2(net.at('conv3'), x2), slope); //    [n, 64, ⌈H/8⌉, ⌈W/8⌉]
  const feature = ops.globalMean(x3);
  const fc = net.at('fc');
  return { feature, logits: ops.linear(feature, fc.param('weight'), fc.param('bias')) };
}
