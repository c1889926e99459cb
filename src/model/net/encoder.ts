import { conv1x1, conv1x1Parameters, conv3x3, conv3x3Parameters, down2x2, down2x2Parameters } from './convolution.ts';
import { downwards, type Levels, levelParameters, type Routing, runLevel } from './levels.ts';
import { type Parameter, under } from './parameter.ts';
import type { Scope } from './scope.ts';
import type { Route } from './task-routing.ts';

/** Input channels, and output channels of the last 1×1 where there is one. */
export interface EncoderEnds {
  readonly inputs: number;
  readonly outputs?: number;
}

export function encoderParameters(levels: Levels, ends: EncoderEnds, routing: Routing): Parameter[] {
  const { channels } = levels;
  return [
    ...under('intro', conv3x3Parameters(ends.inputs, channels[0])),
    ...levelParameters(levels, routing),
    ...under('down.0', down2x2Parameters(channels[0], channels[1])),
    ...under('down.1', down2x2Parameters(channels[1], channels[2])),
    ...under('down.2', down2x2Parameters(channels[2], channels[3])),
    ...(ends.outputs === undefined ? [] : under('out', conv1x1Parameters(channels[3], ends.outputs))),
  ];
}

/** `[n, cin, 8h, 8w]` → features `[n, ch₃, h, w]` and the skips of levels 0, 1, 2. model-spec.md 2.3. */
export function encode<T>(
  net: Scope<T>,
  x: T,
  levels: Levels,
  routed: Route | undefined,
): { features: T; skips: readonly T[] } {
  const skips: T[] = [];
  let y = conv3x3(net.at('intro'), x);
  for (const level of downwards) {
    y = runLevel(net, y, levels, level, routed);
    if (level === 3) break;
    skips.push(y);
    y = down2x2(net.at(`down.${level}`), y);
  }
  return { features: y, skips };
}

/** `[n, 1, 8h, 8w]` → latent `[n, d, h, w]`: E_vq and E_lq. */
export function encodeLatent<T>(net: Scope<T>, x: T, levels: Levels, routed: Route | undefined): T {
  return conv1x1(net.at('out'), encode(net, x, levels, routed).features);
}
