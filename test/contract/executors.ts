import type { Executor, Tensor } from '../../src/model/executors/executor.ts';
import { createOnnxExecutor } from '../../src/model/executors/onnx.ts';
import { createTfjsExecutor } from '../../src/model/executors/tfjs.ts';
import { uniform } from './random-weights.ts';

/** The engines that every machine has: they must pass the same suite. */
export const portableEngines: readonly { name: string; open: () => Promise<Executor> }[] = [
  { name: 'onnx-cpu', open: async () => createOnnxExecutor('onnx-cpu', 1) },
  { name: 'tfjs-wasm', open: () => createTfjsExecutor('tfjs-wasm') },
  { name: 'tfjs-cpu', open: () => createTfjsExecutor('tfjs-cpu') },
];

/** A tensor of values in (−1, 1). */
export function randomTensor(dims: readonly number[], seed: number): Tensor {
  return {
    dims,
    data: uniform(
      dims.reduce((product, dim) => product * dim, 1),
      seed,
    ),
  };
}

/** Largest difference of two tensors' values; infinite when their sizes differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] ?? 0) - (b[i] ?? Number.NaN)));
  return largest;
}

/** An output that has to be there. */
export function outputOf<T>(outputs: Readonly<Record<string, T>>, name: string): T {
  const output = outputs[name];
  if (output === undefined) throw new Error(`no output ${name}, but ${Object.keys(outputs).join(', ')}`);
  return output;
}
