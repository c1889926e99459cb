import { decode, decoderParameters } from './decoder.ts';
import { encode, encoderParameters } from './encoder.ts';
import type { Levels, Routing } from './levels.ts';
import { type Parameter, under } from './parameter.ts';
import type { Scope } from './scope.ts';
import type { Route } from './task-routing.ts';

/** Channel of the backbone's input that holds the decoded reference. */
const referenceChannel = 1;

export function backboneParameters(levels: Levels, inputs: 1 | 2, routing: Routing): Parameter[] {
  return [
    ...under('enc', encoderParameters(levels, { inputs }, routing).map(silenceReference)),
    ...under('dec', decoderParameters(levels, { ending: 'zeros' }, routing)),
  ];
}

/** The reference's first weights start at zero, so that training begins with what the input alone can do. */
function silenceReference(parameter: Parameter): Parameter {
  const { name, shape, init } = parameter;
  if (name !== 'intro.weight' || shape[1] !== 2 || init.kind !== 'kaiming-uniform') return parameter;
  return { ...parameter, init: { ...init, zeroInputChannel: referenceChannel } };
}

/** NAF U-net with additive skips: u, or (u, reference), `[n, 1|2, 8h, 8w]` → correction of u `[n, 1, 8h, 8w]`. */
export function backbone<T>(net: Scope<T>, x: T, levels: Levels, routed: Route | undefined): T {
  const { features, skips } = encode(net.at('enc'), x, levels, routed);
  return decode(net.at('dec'), features, skips, levels, routed);
}
