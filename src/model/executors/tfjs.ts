import * as tf from '@tensorflow/tfjs-core';
import { ModelError } from '../errors.ts';
import type { Graph } from '../ops.ts';
import type { HostTensor } from '../safetensors.ts';
import type { Executor, Program, Tensor, Tensors, TfjsEngine } from './executor.ts';
import { TfjsOps, TfjsWeights } from './tfjs-ops.ts';

/** Names that tfjs gives its backends. */
const backends: Readonly<Record<TfjsEngine, string>> = {
  'tfjs-wasm': 'wasm',
  'tfjs-cpu': 'cpu',
  'tfjs-node-gpu': 'tensorflow',
};

/**
 * tfjs in eager mode: the reference engine. It has one backend per process; its wasm memory never shrinks, so large
 * images belong in a process of their own. Throws ModelError MODEL_ENGINE_ABSENT
 */
export async function createTfjsExecutor(engine: TfjsEngine): Promise<Executor> {
  tf.enableProdMode(); // else the cpu backend advertises tfjs-node on stderr
  await register(engine);
  if (!(await tf.setBackend(backends[engine]))) throw new ModelError('MODEL_ENGINE_ABSENT', { engine });
  await tf.ready();
  return { engine, prepare: async (graph, tensors) => new TfjsProgram(backends[engine], graph, tensors) };
}

/** Imported only when asked for: tfjs-node-gpu is optional and its native part is large. */
async function register(engine: TfjsEngine): Promise<void> {
  try {
    if (engine === 'tfjs-cpu') await import('@tensorflow/tfjs-backend-cpu');
    else if (engine === 'tfjs-wasm') await import('@tensorflow/tfjs-backend-wasm');
    else await importNodeGpu();
  } catch (cause) {
    throw new ModelError('MODEL_ENGINE_ABSENT', { engine }, { cause });
  }
}

/** tfjs-node 4.22.0 calls `util.isNullOrUndefined`, which Node 23 removed (engines.md 7). */
async function importNodeGpu(): Promise<void> {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major > 22) throw new ModelError('MODEL_ENGINE_ABSENT', { engine: 'tfjs-node-gpu', needs: 'Node 22 or older' });
  const name = '@tensorflow/tfjs-node-gpu'; // not a literal: the types of an optional package may be absent
  await import(name);
}

class TfjsProgram implements Program {
  readonly #backend: string;
  readonly #graph: Graph;
  readonly #weights: TfjsWeights;

  constructor(backend: string, graph: Graph, tensors: ReadonlyMap<string, HostTensor>) {
    this.#backend = backend;
    this.#graph = graph;
    this.#weights = new TfjsWeights(tensors);
  }

  async run(inputs: Tensors): Promise<Tensors> {
    await tf.setBackend(this.#backend);
    const outputs = this.#evaluate(inputs);
    const results: Record<string, Tensor> = {};
    for (const [name, tensor] of outputs) {
      results[name] = { dims: tensor.shape, data: await valuesOf(tensor) };
      tensor.dispose();
    }
    return results;
  }

  /** Everything but the outputs is freed when the graph has run. */
  #evaluate(inputs: Tensors): ReadonlyMap<string, tf.Tensor> {
    const ops = new TfjsOps(this.#weights, inputs);
    tf.tidy(() => {
      this.#graph.build(ops);
      for (const tensor of ops.outputs.values()) tf.keep(tensor);
    });
    return ops.outputs;
  }

  async release(): Promise<void> {
    this.#weights.dispose();
  }
}

async function valuesOf(tensor: tf.Tensor): Promise<Float32Array | Int32Array> {
  const values = await tensor.data();
  if (values instanceof Float32Array || values instanceof Int32Array) return values.slice();
  throw new ModelError('MODEL_ENGINE_FAILED', { unexpected: 'type of values' });
}
