import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Tensors } from '../../src/model/executors/executor.ts';
import { exportGraphs } from '../../src/model/executors/export-graphs.ts';
import { createOnnxExecutor } from '../../src/model/executors/onnx.ts';
import { restoreGraph } from '../../src/model/net/restore-graph.ts';
import { ablations, type ModelShape, presets } from '../../src/model/presets.ts';
import { type HostTensor, readSafetensors, writeSafetensors } from '../../src/model/safetensors.ts';
import { tasks } from '../../src/model/tasks.ts';
import { writeWeights } from '../../src/model/weights.ts';
import { largestDifference, outputOf, randomTensor } from './executors.ts';
import { fillParameters } from './random-weights.ts';

const model: ModelShape = { preset: presets.micro8, ablation: ablations.full };
const weights = fillParameters(model, 41);
const folder = mkdtempSync(join(tmpdir(), 'diffcode-pytorch-'));
/** Debian's PyTorch is seen by Debian's Python alone. */
const python = '/usr/bin/python3';
const torchVersion = findTorch();
if (torchVersion === undefined) console.log('skipped: PyTorch is not installed (apt-get install python3-torch)');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function findTorch(): string | undefined {
  try {
    return execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { stdio: 'pipe' }).toString();
  } catch {
    return undefined;
  }
}

function file(name: string): string {
  return join(folder, name);
}

/** Writes graph, weights and inputs, runs the trainer's interpreter, reads what it wrote. */
function runInPyTorch(graphName: string, inputs: Tensors): ReadonlyMap<string, HostTensor> {
  writeFileSync(file('graph.json'), JSON.stringify(exportGraphs(model)[graphName]));
  writeFileSync(file('weights.safetensors'), writeWeights(model, 'train', weights, { tasks, notes: {} }));
  const given = Object.entries(inputs).map(([name, { dims, data }]) => {
    return [name, { shape: dims, data: Float32Array.from(data) }] as const;
  });
  writeFileSync(
    file('inputs.safetensors'),
    writeSafetensors(new Map(given), {}, () => 'F32'),
  );
  const names = ['graph.json', 'weights.safetensors', 'inputs.safetensors', 'outputs.safetensors'];
  execFileSync(python, [join(import.meta.dirname, 'evaluate_graph.py'), ...names.map((name) => file(name))], {
    stdio: 'pipe',
  });
  return readSafetensors(readFileSync(file('outputs.safetensors'))).tensors;
}

describe.skipIf(torchVersion === undefined)('PyTorch on the exported graph and ONNX Runtime', () => {
  test.for(tasks)('restore %s alike: the same codes, images within 1e-4', async (task) => {
    const random = randomTensor([1, 1, 64, 64], 3);
    const x = { dims: random.dims, data: Float32Array.from(random.data, (value) => value / 2 + 0.5) };
    const inputs = { x, start: randomTensor([1, 32, 8, 8], 4) };
    const graph = restoreGraph(model, task, { noise: 'start', reference: 'own' });
    const program = await createOnnxExecutor('onnx-cpu', 1).prepare(graph, weights);

    const onnx = await program.run(inputs);
    await program.release();
    const torch = Object.fromEntries(runInPyTorch(`restore/${task}`, inputs));

    expect(outputOf(torch, 'indices').shape).toEqual(outputOf(onnx, 'indices').dims);
    expect([...outputOf(torch, 'indices').data]).toEqual([...outputOf(onnx, 'indices').data]);
    for (const name of ['restored', 'reference', 'latent']) {
      expect(largestDifference(outputOf(torch, name).data, outputOf(onnx, name).data)).toBeLessThanOrEqual(1e-4);
    }
  });
});
