import { describe, expect, test } from 'vitest';
import type { Executor, Tensor, Tensors } from '../../src/model/executors/executor.ts';
import { createOnnxExecutor } from '../../src/model/executors/onnx.ts';
import { createTfjsExecutor } from '../../src/model/executors/tfjs.ts';
import { classifyGraph, restoreGraph } from '../../src/model/net/restore-graph.ts';
import { stage1Graph, stage2Graph } from '../../src/model/net/training-graphs.ts';
import type { Graph } from '../../src/model/ops.ts';
import { ablationNames, ablations, type ModelShape, presets } from '../../src/model/presets.ts';
import { marginLimit, quantisePath } from '../../src/model/residual-quantizer.ts';
import { codebookNames, type Task, tasks } from '../../src/model/tasks.ts';
import { largestDifference, outputOf, randomTensor } from './executors.ts';
import { fillParameters } from './random-weights.ts';

const model: ModelShape = { preset: presets.micro8, ablation: ablations.full };
const weights = fillParameters(model, 11);
const side = 64;
const latentDims = [1, model.preset.latent, side / 8, side / 8];

function imageOf(seed: number, dims: readonly number[] = [1, 1, side, side]): Tensor {
  const { data } = randomTensor(dims, seed);
  return { dims, data: Float32Array.from(data, (value) => value / 2 + 0.5) };
}

async function runOn(executor: Executor, graph: Graph, inputs: Tensors, tensors = weights): Promise<Tensors> {
  const program = await executor.prepare(graph, tensors);
  const outputs = await program.run(inputs);
  await program.release();
  return outputs;
}

async function runOnBoth(graph: Graph, inputs: Tensors, tensors = weights): Promise<[Tensors, Tensors]> {
  const onnx = await runOn(createOnnxExecutor('onnx-cpu', 1), graph, inputs, tensors);
  return [onnx, await runOn(await createTfjsExecutor('tfjs-wasm'), graph, inputs, tensors)];
}

/** Codes that differ although the float64 margin of either latent says that they may not (model-spec.md 2.4). */
function inexcusableCodes(task: Task, a: Tensors, b: Tensors): { differing: number; inexcusable: number } {
  const rows = weights.get(`codebook.${codebookNames[task]}`) ?? { shape: [], data: new Float32Array() };
  const [codesA, codesB] = [outputOf(a, 'indices').data, outputOf(b, 'indices').data];
  const { depth } = model.preset;
  const plane = (side / 8) ** 2;
  let [differing, inexcusable] = [0, 0];
  for (let position = 0; position < plane; position++) {
    const round = Array.from({ length: depth }, (_, d) => d).find(
      (d) => codesA[position * depth + d] !== codesB[position * depth + d],
    );
    if (round === undefined) continue;
    differing++;
    const latent = Array.from(
      { length: model.preset.latent },
      (_, c) => outputOf(a, 'latent').data[c * plane + position] ?? 0,
    );
    if ((quantisePath(latent, rows, depth).margins[round] ?? 0) > marginLimit(latent)) inexcusable++;
  }
  return { differing, inexcusable };
}

describe('tfjs on wasm and ONNX Runtime, micro8 with random weights, 64 × 64', () => {
  test.for(tasks)('%s: restored within 1e-4, reference within 1e-3, the same codes', async (task) => {
    const inputs = { x: imageOf(3), start: randomTensor(latentDims, 4) };

    const [onnx, tfjs] = await runOnBoth(restoreGraph(model, task, { noise: 'start', reference: 'own' }), inputs);

    const { differing, inexcusable } = inexcusableCodes(task, onnx, tfjs);
    console.log(`${task}: codes differ at ${differing} of ${(side / 8) ** 2} positions`);
    expect(new Set(outputOf(onnx, 'indices').data).size).toBeGreaterThan(5);
    expect(inexcusable).toBe(0);
    expect(largestDifference(outputOf(onnx, 'restored').data, outputOf(tfjs, 'restored').data)).toBeLessThanOrEqual(
      1e-4,
    );
    expect(largestDifference(outputOf(onnx, 'reference').data, outputOf(tfjs, 'reference').data)).toBeLessThanOrEqual(
      1e-3,
    );
    expect(largestDifference(outputOf(onnx, 'latent').data, outputOf(tfjs, 'latent').data)).toBeLessThanOrEqual(1e-4);
  });

  test('noise between the steps changes the latent, alike on both', async () => {
    const steps = [8, 7, 6, 5, 4, 3, 2].map((t) => [`step${t}`, randomTensor(latentDims, 10 + t)] as const);
    const inputs = { x: imageOf(3), start: randomTensor(latentDims, 4) };
    const graph = restoreGraph(model, 'ct-denoising', { noise: 'start-and-steps', reference: 'own' });

    const [onnx, tfjs] = await runOnBoth(graph, { ...inputs, ...Object.fromEntries(steps) });

    const still = await runOn(
      createOnnxExecutor('onnx-cpu', 1),
      restoreGraph(model, 'ct-denoising', { noise: 'start', reference: 'own' }),
      inputs,
    );
    expect(largestDifference(outputOf(onnx, 'latent').data, outputOf(tfjs, 'latent').data)).toBeLessThanOrEqual(1e-4);
    expect(largestDifference(outputOf(onnx, 'latent').data, outputOf(still, 'latent').data)).toBeGreaterThan(1e-3);
  });

  test.for(ablationNames)('%s gives the same image', async (name) => {
    const ablated = { preset: presets.micro8, ablation: ablations[name] };
    const noise = ablated.ablation.diffusion ? { start: randomTensor([1, 32, 3, 5], 4) } : {};
    const graph = restoreGraph(ablated, 'pet-synthesis', { noise: 'start', reference: 'own' });

    const inputs = { x: imageOf(3, [1, 1, 24, 40]), ...noise };
    const [onnx, tfjs] = await runOnBoth(graph, inputs, fillParameters(ablated, 12));

    expect(outputOf(onnx, 'restored').dims).toEqual([1, 1, 24, 40]);
    expect(largestDifference(outputOf(onnx, 'restored').data, outputOf(tfjs, 'restored').data)).toBeLessThanOrEqual(
      1e-4,
    );
  });

  test.for([
    { name: 'two experts', change: { topk: 2 } },
    { name: 'three experts', change: { topk: 3 } },
    { name: 'one codebook for all', change: { bank: 'single' } },
    { name: 'one codebook of three times the size', change: { bank: 'single3' } },
  ] as const)('with $name gives the same image', async ({ change }) => {
    const ablated = { preset: presets.micro8, ablation: { ...ablations.full, ...change } };
    const inputs = { x: imageOf(3, [1, 1, 16, 32]), start: randomTensor([1, 32, 2, 4], 4) };
    const graph = restoreGraph(ablated, 'ct-denoising', { noise: 'start', reference: 'own' });

    const [onnx, tfjs] = await runOnBoth(graph, inputs, fillParameters(ablated, 13));

    expect(largestDifference(outputOf(onnx, 'restored').data, outputOf(tfjs, 'restored').data)).toBeLessThanOrEqual(
      1e-4,
    );
  });

  test('the classifier takes a slice of any size', async () => {
    const [onnx, tfjs] = await runOnBoth(classifyGraph(), { slice: randomTensor([1, 1, 53, 67], 8) });

    expect(outputOf(onnx, 'logits').dims).toEqual([1, 3, 1, 1]);
    expect(outputOf(onnx, 'feature').dims).toEqual([1, 64, 1, 1]);
    expect(largestDifference(outputOf(onnx, 'logits').data, outputOf(tfjs, 'logits').data)).toBeLessThanOrEqual(1e-5);
  });

  test('the training graphs of stages I and II run, two images at a time', async () => {
    const u = imageOf(5, [2, 1, 16, 24]);
    const dims = [2, 32, 2, 3];
    const steps = Object.fromEntries([8, 7, 6, 5, 4, 3, 2].map((t) => [`step${t}`, randomTensor(dims, t)]));

    const [first] = await runOnBoth(stage1Graph(model, 'ct-denoising'), { u });
    const [second, other] = await runOnBoth(stage2Graph(model, 'ct-denoising'), {
      hq: u,
      lq: imageOf(6, [2, 1, 16, 24]),
      epsilon: randomTensor(dims, 20),
      ...steps,
    });

    expect(outputOf(first, 'partials').dims).toEqual([4, 2, 32, 2, 3]);
    expect(outputOf(first, 'reconstruction').dims).toEqual([2, 1, 16, 24]);
    expect(outputOf(second, 'estimate1').data).toEqual(outputOf(second, 'predicted').data);
    expect(
      largestDifference(outputOf(second, 'predicted').data, outputOf(other, 'predicted').data),
    ).toBeLessThanOrEqual(1e-4);
  });
});
