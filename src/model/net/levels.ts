import { nafBlock, nafBlockParameters } from './naf-block.ts';
import { type Parameter, under } from './parameter.ts';
import type { Scope } from './scope.ts';
import { type Route, tarm, tarmParameters } from './task-routing.ts';

/** Widths and block counts of the four levels; level 0 is full resolution. */
export interface Levels {
  readonly channels: readonly [number, number, number, number];
  readonly blocks: readonly [number, number, number, number];
}

export type Level = 0 | 1 | 2 | 3;
export const downwards: readonly Level[] = [0, 1, 2, 3];
export const upwards: readonly Level[] = [3, 2, 1, 0];

/** Whether a network routes tasks: with `experts` each level starts with a TARM. */
export type Routing = 'experts' | 'none';

export function levelParameters({ channels, blocks }: Levels, routing: Routing): Parameter[] {
  return downwards.flatMap((level) => [
    ...(routing === 'experts' ? under(`tarm.${level}`, tarmParameters(channels[level])) : []),
    ...Array.from({ length: blocks[level] }, (_, b) =>
      under(`level.${level}.block.${b}`, nafBlockParameters(channels[level])),
    ).flat(),
  ]);
}

/** TARM, then the NAF blocks of one level, `[n, c, H, W]` → `[n, c, H, W]`. model-spec.md 2.3. */
export function runLevel<T>(net: Scope<T>, x: T, levels: Levels, level: Level, routed: Route | undefined): T {
  let y = routed === undefined ? x : tarm(net.at(`tarm.${level}`), x, routed);
  for (let block = 0; block < levels.blocks[level]; block++) {
    y = nafBlock(net.at(`level.${level}.block.${block}`), y, levels.channels[level]);
  }
  return y;
}
