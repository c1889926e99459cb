import * as ort from 'onnxruntime-node';
import { ModelError } from '../errors.ts';
import type { Graph } from '../ops.ts';
import type { HostTensor } from '../safetensors.ts';
import type { Executor, OnnxEngine, Program, Tensor, Tensors } from './executor.ts';
import { lowerToOnnx } from './onnx-lowering.ts';
import { encodeOnnx } from './onnx-writer.ts';
import { trace } from './trace.ts';

/** Providers by engine. The Node binding can't switch TF32 off: its process needs NVIDIA_TF32_OVERRIDE=0 (engines.md 7). */
const providers: Readonly<Record<OnnxEngine, ort.InferenceSession.ExecutionProviderConfig[]>> = {
  'onnx-cpu': ['cpu'],
  'onnx-cuda': ['cuda', 'cpu'],
  'onnx-webgpu': ['webgpu', 'cpu'],
};

/** ONNX Runtime with one execution provider. The graph is lowered when it is prepared; sizes stay symbolic. */
export function createOnnxExecutor(engine: OnnxEngine, threads: number): Executor {
  return {
    engine,
    prepare: async (graph, tensors) => {
      const { model, bound } = lowerToOnnx(traceWith(graph, tensors), tensors);
      const session = await openSession(engine, encodeOnnx(model), threads);
      return new OnnxProgram(session, bound);
    },
  };
}

function traceWith(graph: Graph, tensors: ReadonlyMap<string, HostTensor>): ReturnType<typeof trace> {
  return trace(graph, new Map([...tensors].map(([name, { shape }]) => [name, shape])));
}

async function openSession(engine: OnnxEngine, bytes: Buffer, threads: number): Promise<ort.InferenceSession> {
  ort.env.logLevel = 'fatal'; // its log prints paths when a provider is missing; failures come back as errors anyway
  try {
    return await ort.InferenceSession.create(bytes, sessionOptions(engine, threads));
  } catch (cause) {
    throw new ModelError('MODEL_ENGINE_FAILED', { engine }, { cause });
  }
}

/** Spinning off: idle threads must not burn the core that receiving needs. Denormals cost up to four times the work. */
function sessionOptions(engine: OnnxEngine, threads: number): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: providers[engine],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
  };
}

class OnnxProgram implements Program {
  readonly #session: ort.InferenceSession;
  readonly #bound: Record<string, ort.Tensor>;

  constructor(session: ort.InferenceSession, bound: ReadonlyMap<string, Tensor>) {
    this.#session = session;
    this.#bound = Object.fromEntries([...bound].map(([name, tensor]) => [name, toOrt(tensor)]));
  }

  async run(inputs: Tensors): Promise<Tensors> {
    const own = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]));
    const results = await this.#evaluate({ ...this.#bound, ...own });
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(name, value)]));
  }

  async #evaluate(feeds: Record<string, ort.Tensor>): Promise<ort.InferenceSession.OnnxValueMapType> {
    try {
      return await this.#session.run(feeds);
    } catch (cause) {
      throw new ModelError('MODEL_ENGINE_FAILED', { during: 'run' }, { cause });
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

function toOrt({ dims, data }: Tensor): ort.Tensor {
  return data instanceof Float32Array ? new ort.Tensor('float32', data, dims) : new ort.Tensor('int32', data, dims);
}

function fromOrt(name: string, { dims, data }: ort.Tensor): Tensor {
  if (data instanceof Float32Array || data instanceof Int32Array) return { dims, data };
  throw new ModelError('MODEL_ENGINE_FAILED', { output: name, unexpected: 'type of values' });
}
