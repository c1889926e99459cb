import { describe, expect, test } from 'vitest';
import { trace } from '../executors/trace.ts';
import type { Graph } from '../ops.ts';
import { ablations, type PresetName, presetNames, presets } from '../presets.ts';
import { decode } from './decoder.ts';
import { encode } from './encoder.ts';
import { modelParameters } from './parameters.ts';
import { Scope } from './scope.ts';
import { route } from './task-routing.ts';

function backboneShapes(name: PresetName, height: number, width: number): Record<string, readonly (number | string)[]> {
  const preset = presets[name];
  const routed = route('ct-denoising', 1);
  const shapes = new Map(modelParameters({ preset, ablation: ablations.full }).map((p) => [p.name, p.shape]));
  const graph: Graph = {
    name: 'backbone',
    build: (ops) => {
      const { features, skips } = encode(
        new Scope(ops, 'bb.enc'),
        ops.input('x', [1, 2, height, width]),
        preset,
        routed,
      );
      for (const [level, skip] of skips.entries()) ops.output(`skip${level}`, skip);
      ops.output('features', features);
      ops.output('image', decode(new Scope(ops, 'bb.dec'), features, skips, preset, routed));
    },
  };
  return Object.fromEntries(trace(graph, shapes).outputs.map((output) => [output.name, output.dims]));
}

describe('encode and decode', () => {
  test.for(presetNames)('%s halves the sides three times and comes back, for odd latent sides', (name) => {
    const [c0, c1, c2, c3] = presets[name].channels;

    expect(backboneShapes(name, 8 * 5, 8 * 7)).toEqual({
      skip0: [1, c0, 40, 56],
      skip1: [1, c1, 20, 28],
      skip2: [1, c2, 10, 14],
      features: [1, c3, 5, 7],
      image: [1, 1, 40, 56],
    });
  });
});

describe('trace', () => {
  test('refuses weights of another preset, and names the tensor', () => {
    const { preset, ablation } = { preset: presets.tiny16, ablation: ablations.full };
    const shapes = new Map(modelParameters({ preset: presets.micro8, ablation }).map((p) => [p.name, p.shape]));
    const graph: Graph = {
      name: 'wrong',
      build: (ops) => {
        const x = ops.input('x', ['n', 16, 'H', 'W']);
        ops.output('y', encode(new Scope(ops, 'bb.enc.level.0'), x, preset, undefined).features);
      },
    };

    expect(() => trace(graph, shapes)).toThrow(expect.objectContaining({ code: 'MODEL_GRAPH_SHAPE' }));
  });
});
