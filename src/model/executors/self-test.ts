import type { Graph } from '../ops.ts';
import type { HostTensor } from '../safetensors.ts';
import type { Executor, Tensor, Tensors } from './executor.ts';

/** The graph, weights and inputs that engines are compared and timed on. */
export interface Probe {
  readonly graph: Graph;
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly inputs: Tensors;
}

/** Largest difference that is allowed, as a share of the output's range (engines.md 7). */
const allowedShare = 1e-3;

/** Outputs of the probe, and the time of a second, warm run. */
export async function runProbe(executor: Executor, probe: Probe): Promise<{ outputs: Tensors; probeMs: number }> {
  const program = await executor.prepare(probe.graph, probe.tensors);
  const outputs = await program.run(probe.inputs);
  const startedMs = performance.now();
  await program.run(probe.inputs);
  const probeMs = performance.now() - startedMs;
  await program.release();
  return { outputs, probeMs };
}

/** Why an engine's outputs are not the CPU's; `undefined` when they are, within the limits. */
export function selfTest(truth: Tensors, found: Tensors): string | undefined {
  for (const [name, expected] of Object.entries(truth)) {
    const actual = found[name];
    if (actual === undefined || actual.data.length !== expected.data.length) return `${name} has another size`;
    const difference = largestDifference(expected, actual);
    const limit = expected.data instanceof Int32Array ? 0 : allowedShare * rangeOf(expected);
    if (!(difference <= limit)) return `${name} differs by ${difference.toPrecision(3)} from the CPU's`;
  }
  return undefined;
}

function largestDifference(a: Tensor, b: Tensor): number {
  let largest = 0;
  for (let i = 0; i < a.data.length; i++) {
    const difference = Math.abs((a.data[i] ?? 0) - (b.data[i] ?? 0));
    if (!(difference <= largest)) largest = difference; // NaN is kept
    if (Number.isNaN(largest)) return largest;
  }
  return largest;
}

function rangeOf({ data }: Tensor): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}
