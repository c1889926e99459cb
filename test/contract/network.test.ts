import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/model/executors/executor.ts';
import { createOnnxExecutor } from '../../src/model/executors/onnx.ts';
import { nafBlock, nafBlockParameters } from '../../src/model/net/naf-block.ts';
import { under } from '../../src/model/net/parameter.ts';
import { restoreGraph } from '../../src/model/net/restore-graph.ts';
import { Scope } from '../../src/model/net/scope.ts';
import type { Graph } from '../../src/model/ops.ts';
import { ablations, type ModelShape, presets } from '../../src/model/presets.ts';
import type { HostTensor } from '../../src/model/safetensors.ts';
import { tasks } from '../../src/model/tasks.ts';
import { largestDifference, outputOf, randomTensor } from './executors.ts';
import { fillParameters, freshParameters, uniform } from './random-weights.ts';
import { evaluate } from './reference-ops.ts';

/** Small enough for float64 by plain loops. */
const mini: ModelShape = {
  preset: { name: 'custom', channels: [2, 4, 6, 6], blocks: [1, 1, 1, 1], latent: 4, codes: 16, depth: 3 },
  ablation: ablations.full,
};

function unitImage(seed: number, height: number, width: number): Tensor {
  const { dims, data } = randomTensor([1, 1, height, width], seed);
  return { dims, data: Float32Array.from(data, (value) => value / 2 + 0.5) };
}

describe('the restoration graph', () => {
  test.for(tasks)('of %s equals its definition in float64', async (task) => {
    const weights = fillParameters(mini, 5);
    const inputs = { x: unitImage(1, 16, 24), start: randomTensor([1, 4, 2, 3], 2) };
    const graph = restoreGraph(mini, task, { noise: 'start', reference: 'own' });
    const program = await createOnnxExecutor('onnx-cpu', 1).prepare(graph, weights);

    const outputs = await program.run(inputs);
    await program.release();

    const exact = evaluate(graph, weights, inputs);
    expect([...outputOf(outputs, 'indices').data]).toEqual([...outputOf(exact, 'indices').data]);
    for (const name of ['restored', 'reference', 'latent']) {
      expect(largestDifference(outputOf(outputs, name).data, outputOf(exact, name).data)).toBeLessThan(1e-5);
    }
  });

  test.for(tasks)('of %s returns its input before any training', async (task) => {
    const model: ModelShape = { preset: presets.micro8, ablation: ablations.full };
    const x = unitImage(3, 32, 40);
    const graph = restoreGraph(model, task, { noise: 'start', reference: 'own' });
    const program = await createOnnxExecutor('onnx-cpu', 1).prepare(graph, freshParameters(model, 6));

    const { restored } = await program.run({ x, start: randomTensor([1, 32, 4, 5], 7) });
    await program.release();

    expect(restored?.data).toEqual(x.data);
  });

  test('with another reference gives another image only through the reference', async () => {
    const weights = fillParameters(mini, 5);
    const inputs = { x: unitImage(1, 16, 24), start: randomTensor([1, 4, 2, 3], 2) };
    const restore = (reference: 'own' | 'zero' | 'swap') =>
      evaluate(restoreGraph(mini, 'ct-denoising', { noise: 'start', reference }), weights, inputs);

    const [own, zero, swap] = [restore('own'), restore('zero'), restore('swap')];

    expect(outputOf(zero, 'indices')).toEqual(outputOf(own, 'indices'));
    expect(Math.max(...outputOf(zero, 'reference').data.map(Math.abs))).toBe(0);
    expect(largestDifference(outputOf(zero, 'restored').data, outputOf(own, 'restored').data)).toBeGreaterThan(0);
    expect(largestDifference(outputOf(swap, 'reference').data, outputOf(own, 'reference').data)).toBeGreaterThan(0);
  });
});

describe('nafBlock', () => {
  const channels = 4;
  const weights = new Map<string, HostTensor>(
    under('block', nafBlockParameters(channels)).map(({ name, shape }, index) => {
      const size = shape.reduce((product, dim) => product * dim, 1);
      return [name, { shape, data: uniform(size, 9, index) }];
    }),
  );
  const graph: Graph = {
    name: 'block',
    build: (ops) =>
      ops.output('result', nafBlock(new Scope(ops, 'block'), ops.input('x', ['n', channels, 'H', 'W']), channels)),
  };

  test.for([
    [1, 1],
    [1, 7],
    [5, 3],
    [16, 2],
  ] as const)('keeps a %d × %d image in shape, and equals its definition in float64', async ([height, width]) => {
    const x = randomTensor([2, channels, height, width], 1);
    const program = await createOnnxExecutor('onnx-cpu', 1).prepare(graph, weights);

    const result = outputOf(await program.run({ x }), 'result');
    await program.release();

    expect(result.dims).toEqual(x.dims);
    expect(largestDifference(result.data, outputOf(evaluate(graph, weights, { x }), 'result').data)).toBeLessThan(1e-4);
  });
});
