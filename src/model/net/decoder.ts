import { conv1x1, conv1x1Parameters, conv3x3, conv3x3Parameters, up2x2, up2x2Parameters } from './convolution.ts';
import { type Levels, levelParameters, type Routing, runLevel, upwards } from './levels.ts';
import { type Parameter, under, zeros } from './parameter.ts';
import type { Scope } from './scope.ts';
import type { Route } from './task-routing.ts';

/** Channels of the first 1×1 where there is one, and how the last convolution starts. */
export interface DecoderEnds {
  readonly inputs?: number;
  readonly ending: 'default' | 'zeros';
}

export function decoderParameters(levels: Levels, ends: DecoderEnds, routing: Routing): Parameter[] {
  const { channels } = levels;
  return [
    ...(ends.inputs === undefined ? [] : under('in', conv1x1Parameters(ends.inputs, channels[3]))),
    ...levelParameters(levels, routing),
    ...under('up.2', up2x2Parameters(channels[3], channels[2])),
    ...under('up.1', up2x2Parameters(channels[2], channels[1])),
    ...under('up.0', up2x2Parameters(channels[1], channels[0])),
    ...under('ending', endingParameters(channels[0], ends.ending)),
  ];
}

function endingParameters(channels: number, start: DecoderEnds['ending']): Parameter[] {
  return start === 'default' ? conv3x3Parameters(channels, 1) : [zeros('weight', 1, channels, 3, 3), zeros('bias', 1)];
}

/** Features `[n, ch₃, h, w]` and skips (none: `[]`) → image `[n, 1, 8h, 8w]`. model-spec.md 2.3. */
export function decode<T>(
  net: Scope<T>,
  features: T,
  skips: readonly T[],
  levels: Levels,
  routed: Route | undefined,
): T {
  let y = features;
  for (const level of upwards) {
    if (level !== 3) y = up2x2(net.at(`up.${level}`), y);
    const skip = skips[level];
    if (skip !== undefined) y = net.ops.add(y, skip);
    y = runLevel(net, y, levels, level, routed);
  }
  return conv3x3(net.at('ending'), y);
}

/** Latent `[n, d, h, w]` → image `[n, 1, 8h, 8w]`: G_vq. */
export function decodeLatent<T>(net: Scope<T>, z: T, levels: Levels, routed: Route | undefined): T {
  return decode(net, conv1x1(net.at('in'), z), [], levels, routed);
}
