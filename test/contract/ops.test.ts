import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/model/executors/executor.ts';
import type { Graph, Ops } from '../../src/model/ops.ts';
import type { HostTensor } from '../../src/model/safetensors.ts';
import { largestDifference, outputOf, portableEngines, randomTensor } from './executors.ts';
import { uniform } from './random-weights.ts';
import { evaluate } from './reference-ops.ts';

/** One use of an op: inputs by name, parameter shapes by name, and what to compute from them. */
interface Case {
  readonly name: string;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly build: <T>(ops: Ops<T>, input: (name: string) => T) => T;
}

const image = [2, 6, 5, 7];
const dense = { stride: 1, pad: 0, groups: 1 } as const;

const cases: readonly Case[] = [
  {
    name: 'a 1×1 convolution',
    inputs: { x: image },
    params: { w: [4, 6, 1, 1], b: [4] },
    build: (ops, input) => ops.conv2d(input('x'), ops.param('w'), ops.param('b'), dense),
  },
  {
    name: 'a convolution without bias',
    inputs: { x: image },
    params: { w: [8, 6, 1, 1] },
    build: (ops, input) => ops.conv2d(input('x'), ops.param('w'), undefined, dense),
  },
  {
    name: 'a padded 3×3 convolution on odd sides',
    inputs: { x: image },
    params: { w: [3, 6, 3, 3], b: [3] },
    build: (ops, input) => ops.conv2d(input('x'), ops.param('w'), ops.param('b'), { ...dense, pad: 1 }),
  },
  {
    name: 'a padded 3×3 convolution of stride 2 on odd sides',
    inputs: { x: image },
    params: { w: [3, 6, 3, 3], b: [3] },
    build: (ops, input) => ops.conv2d(input('x'), ops.param('w'), ops.param('b'), { stride: 2, pad: 1, groups: 1 }),
  },
  {
    name: 'a padded 3×3 convolution of stride 2 on even sides',
    inputs: { x: [1, 2, 6, 8] },
    params: { w: [3, 2, 3, 3], b: [3] },
    build: (ops, input) => ops.conv2d(input('x'), ops.param('w'), ops.param('b'), { stride: 2, pad: 1, groups: 1 }),
  },
  {
    name: 'a 2×2 convolution of stride 2',
    inputs: { x: [1, 3, 6, 4] },
    params: { w: [5, 3, 2, 2], b: [5] },
    build: (ops, input) => ops.conv2d(input('x'), ops.param('w'), ops.param('b'), { stride: 2, pad: 0, groups: 1 }),
  },
  {
    name: 'a depthwise 3×3 convolution',
    inputs: { x: image },
    params: { w: [6, 1, 3, 3], b: [6] },
    build: (ops, input) => ops.conv2d(input('x'), ops.param('w'), ops.param('b'), { stride: 1, pad: 1, groups: 6 }),
  },
  {
    name: 'a gate behind a mixing and a depthwise convolution',
    inputs: { x: image },
    params: { w: [8, 6, 1, 1], b: [8], v: [8, 1, 3, 3], c: [8] },
    build: (ops, input) => {
      const wide = ops.conv2d(input('x'), ops.param('w'), ops.param('b'), dense);
      return ops.simpleGate(ops.conv2d(wide, ops.param('v'), ops.param('c'), { stride: 1, pad: 1, groups: 8 }));
    },
  },
  {
    name: 'a gate of an input',
    inputs: { x: image },
    params: {},
    build: (ops, input) => ops.simpleGate(input('x')),
  },
  {
    name: 'a gate whose convolution is read twice',
    inputs: { x: image },
    params: { w: [6, 6, 1, 1], b: [6] },
    build: (ops, input) => {
      const wide = ops.conv2d(input('x'), ops.param('w'), ops.param('b'), dense);
      return ops.concat(ops.simpleGate(wide), wide);
    },
  },
  {
    name: 'a convolution scaled per channel',
    inputs: { x: image },
    params: { w: [4, 6, 1, 1], b: [4], s: [4] },
    build: (ops, input) => ops.mul(ops.conv2d(input('x'), ops.param('w'), ops.param('b'), dense), ops.param('s')),
  },
  {
    name: 'a layer norm',
    inputs: { x: image },
    params: { g: [6], s: [6] },
    build: (ops, input) => ops.layerNorm(input('x'), ops.param('g'), ops.param('s'), 1e-6),
  },
  {
    name: 'a mean over the image',
    inputs: { x: image },
    params: {},
    build: (ops, input) => ops.globalMean(input('x')),
  },
  {
    name: 'a pixel shuffle',
    inputs: { x: [2, 12, 3, 2] },
    params: {},
    build: (ops, input) => ops.pixelShuffle(input('x')),
  },
  {
    name: 'channels side by side',
    inputs: { x: image, y: [2, 3, 5, 7] },
    params: {},
    build: (ops, input) => ops.concat(input('x'), input('y')),
  },
  {
    name: 'images added, subtracted, multiplied and divided',
    inputs: { x: image, y: image },
    params: {},
    build: (ops, input) => {
      const [x, y] = [input('x'), input('y')];
      return ops.div(ops.mul(ops.add(x, y), ops.sub(x, y)), ops.affine(ops.mul(y, y), 1, 1));
    },
  },
  {
    name: 'an image times one value per channel of its own',
    inputs: { x: image, y: [2, 6, 1, 1] },
    params: {},
    build: (ops, input) => ops.mul(input('x'), input('y')),
  },
  {
    name: 'an image with vectors and rows over its channels',
    inputs: { x: image },
    params: { v: [6], m: [3, 6] },
    build: (ops, input) => {
      const shifted = ops.add(ops.mul(input('x'), ops.param('v')), ops.row(ops.param('m'), 1));
      return ops.sub(ops.div(shifted, ops.param('v')), ops.row(ops.param('m'), 2));
    },
  },
  {
    name: 'an image times the weight of an expert',
    inputs: { x: image },
    params: { m: [3, 4] },
    build: (ops, input) => ops.mul(input('x'), ops.gate(ops.param('m'), { row: 1, experts: [1, 3], position: 1 })),
  },
  {
    name: 'a linear layer at each position',
    inputs: { x: image },
    params: { w: [4, 6], b: [4] },
    build: (ops, input) => ops.linear(input('x'), ops.param('w'), ops.param('b')),
  },
  {
    name: 'a scaled, shifted, bent and clamped image',
    inputs: { x: image },
    params: {},
    build: (ops, input) => ops.clamp(ops.leakyRelu(ops.affine(input('x'), 3, 0.5), 0.1), -0.1, 2),
  },
];

function graphOf({ name, inputs, build }: Case): Graph {
  return {
    name,
    build: (ops) =>
      ops.output(
        'result',
        build(ops, (input) => ops.input(input, inputs[input] ?? [])),
      ),
  };
}

/** Random parameters; vectors are kept away from zero, since they also divide. */
function tensorsOf({ params }: Case): Map<string, HostTensor> {
  return new Map(
    Object.entries(params).map(([name, shape], index) => {
      const values = uniform(
        shape.reduce((product, size) => product * size, 1),
        77,
        index,
      );
      return [name, { shape, data: name === 'v' ? values.map((value) => value + Math.sign(value)) : values }];
    }),
  );
}

function inputsOf({ inputs }: Case): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(inputs).map(([name, dims], index) => [name, randomTensor(dims, index + 1)]));
}

describe.each(portableEngines)('$name', ({ open }) => {
  test.for(cases)('computes $name', async (wanted) => {
    const [tensors, inputs] = [tensorsOf(wanted), inputsOf(wanted)];
    const program = await (await open()).prepare(graphOf(wanted), tensors);

    const result = outputOf(await program.run(inputs), 'result');
    await program.release();

    const exact = outputOf(evaluate(graphOf(wanted), tensors, inputs), 'result');
    expect(result.dims).toEqual(exact.dims);
    expect(largestDifference(result.data, exact.data)).toBeLessThan(2e-5);
  });

  test('shuffles channel 4c + 2a + b to pixel (2i + a, 2j + b) of channel c', async () => {
    const graph: Graph = {
      name: 'shuffle',
      build: (ops) => ops.output('y', ops.pixelShuffle(ops.input('x', [1, 8, 1, 1]))),
    };
    const program = await (await open()).prepare(graph, new Map());

    const { y } = await program.run({ x: { dims: [1, 8, 1, 1], data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) } });
    await program.release();

    expect(y).toEqual({ dims: [1, 2, 2, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) });
  });
});
