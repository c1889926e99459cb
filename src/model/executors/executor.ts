import type { Graph } from '../ops.ts';
import type { HostTensor } from '../safetensors.ts';

/** Every engine by name; `auto` chooses among those that load (engines.md 7). */
export type EngineName = 'onnx-cpu' | 'onnx-cuda' | 'onnx-webgpu' | 'tfjs-node-gpu' | 'tfjs-wasm' | 'tfjs-cpu';
export type OnnxEngine = Extract<EngineName, `onnx-${string}`>;
export type TfjsEngine = Extract<EngineName, `tfjs-${string}`>;

/** A tensor at the border of an executor, NCHW; integers are codes. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph with its weights, ready to run; any sizes that fit its symbols. */
export interface Program {
  run(inputs: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/** An engine that is loaded. */
export interface Executor {
  readonly engine: EngineName;
  /** Throws ModelError MODEL_GRAPH_SHAPE · MODEL_ENGINE_FAILED */
  prepare(graph: Graph, tensors: ReadonlyMap<string, HostTensor>): Promise<Program>;
}
