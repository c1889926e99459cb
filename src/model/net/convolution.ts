import type { Window } from '../ops.ts';
import { type Parameter, weightAndBias } from './parameter.ts';
import type { Scope } from './scope.ts';

const dense: Window = { stride: 1, pad: 0, groups: 1 };

export function conv1x1Parameters(inputs: number, outputs: number): Parameter[] {
  return weightAndBias([outputs, inputs, 1, 1]);
}

export function conv3x3Parameters(inputs: number, outputs: number): Parameter[] {
  return weightAndBias([outputs, inputs, 3, 3]);
}

export function depthwise3x3Parameters(channels: number): Parameter[] {
  return weightAndBias([channels, 1, 3, 3]);
}

export function down2x2Parameters(inputs: number, outputs: number): Parameter[] {
  return weightAndBias([outputs, inputs, 2, 2]);
}

export function up2x2Parameters(inputs: number, outputs: number): Parameter[] {
  return weightAndBias([4 * outputs, inputs, 1, 1], 'no-bias');
}

/** `[n, cin, H, W]` → `[n, cout, H, W]`. */
export function conv1x1<T>(net: Scope<T>, x: T): T {
  return net.ops.conv2d(x, net.param('weight'), net.param('bias'), dense);
}

/** `[n, cin, H, W]` → `[n, cout, H, W]`, zeros around. */
export function conv3x3<T>(net: Scope<T>, x: T): T {
  return net.ops.conv2d(x, net.param('weight'), net.param('bias'), { stride: 1, pad: 1, groups: 1 });
}

/** `[n, cin, H, W]` → `[n, cout, ⌈H/2⌉, ⌈W/2⌉]`, zeros around. */
export function conv3x3Stride2<T>(net: Scope<T>, x: T): T {
  return net.ops.conv2d(x, net.param('weight'), net.param('bias'), { stride: 2, pad: 1, groups: 1 });
}

/** `[n, c, H, W]` → `[n, c, H, W]`, each channel by itself, zeros around. */
export function depthwise3x3<T>(net: Scope<T>, x: T, channels: number): T {
  return net.ops.conv2d(x, net.param('weight'), net.param('bias'), { stride: 1, pad: 1, groups: channels });
}

/** `[n, cin, H, W]` → `[n, cout, H/2, W/2]`, no padding. */
export function down2x2<T>(net: Scope<T>, x: T): T {
  return net.ops.conv2d(x, net.param('weight'), net.param('bias'), { stride: 2, pad: 0, groups: 1 });
}

/** `[n, cin, H, W]` → `[n, cout, 2H, 2W]`: 1×1 to four times the channels without bias, then pixel shuffle. */
export function up2x2<T>(net: Scope<T>, x: T): T {
  return net.ops.pixelShuffle(net.ops.conv2d(x, net.param('weight'), undefined, dense));
}
