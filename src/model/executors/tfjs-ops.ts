import * as tf from '@tensorflow/tfjs-core';
import { ModelError } from '../errors.ts';
import type { Dim, GateChoice, Ops, Quantised, Window } from '../ops.ts';
import type { HostTensor } from '../safetensors.ts';
import { codebookTable, gramTable, roundsFor } from './codebook-table.ts';
import type { Tensor } from './executor.ts';

/** A tensor of tfjs, images as NHWC; parameters keep their name, so that their prepared forms can be kept. */
export interface TfjsValue {
  readonly tensor: tf.Tensor;
  readonly parameter?: string;
}

/** Prepared weights of one program: each form is made once, kept over runs, and disposed of by `dispose`. */
export class TfjsWeights {
  readonly #host: ReadonlyMap<string, HostTensor>;
  readonly #kept = new Map<string, tf.Tensor>();

  constructor(host: ReadonlyMap<string, HostTensor>) {
    this.#host = host;
  }

  host(name: string): HostTensor {
    const tensor = this.#host.get(name);
    if (tensor === undefined) throw new ModelError('MODEL_GRAPH_SHAPE', { missing: name });
    return tensor;
  }

  /** `tf.keep`: a tensor made inside `tf.tidy` would be gone at the second run. */
  form(key: string, make: () => tf.Tensor): tf.Tensor {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const made = tf.keep(tf.tidy(make));
    this.#kept.set(key, made);
    return made;
  }

  dispose(): void {
    for (const tensor of this.#kept.values()) tensor.dispose();
    this.#kept.clear();
  }
}

/** Runs the ops one by one on the current backend of tfjs. NHWC inside, so channels are the last axis. */
export class TfjsOps implements Ops<TfjsValue> {
  readonly #weights: TfjsWeights;
  readonly #inputs: Readonly<Record<string, Tensor>>;
  readonly #outputs = new Map<string, tf.Tensor>();

  constructor(weights: TfjsWeights, inputs: Readonly<Record<string, Tensor>>) {
    this.#weights = weights;
    this.#inputs = inputs;
  }

  /** Outputs by name, NCHW. */
  get outputs(): ReadonlyMap<string, tf.Tensor> {
    return this.#outputs;
  }

  input(name: string, _dims: readonly Dim[]): TfjsValue {
    const given = this.#inputs[name];
    if (given === undefined) throw new ModelError('MODEL_GRAPH_SHAPE', { missingInput: name });
    const tensor = tf.tensor(given.data, [...given.dims]);
    return { tensor: tensor.rank === 4 ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor };
  }

  param(name: string): TfjsValue {
    const { shape, data } = this.#weights.host(name);
    return { parameter: name, tensor: this.#weights.form(name, () => tf.tensor(data, [...shape])) };
  }

  output(name: string, { tensor }: TfjsValue): void {
    const isImage = tensor.rank === 4 && tensor.dtype === 'float32';
    this.#outputs.set(name, isImage ? tf.transpose(tensor, [0, 3, 1, 2]) : tf.clone(tensor));
  }

  row({ tensor }: TfjsValue, index: number): TfjsValue {
    return { tensor: tf.reshape(tf.slice(tensor, [index, 0], [1, -1]), [-1]) };
  }

  conv2d(x: TfjsValue, weight: TfjsValue, bias: TfjsValue | undefined, window: Window): TfjsValue {
    const { stride, pad, groups } = window;
    // Padding by hand: 'same' pads only right and below at stride 2 on even sizes.
    const padded = pad === 0 ? asImage(x.tensor) : padOne(asImage(x.tensor));
    const filtered =
      groups === 1
        ? tf.conv2d(padded, this.#filter(weight, [2, 3, 1, 0]), stride, 'valid')
        : tf.depthwiseConv2d(padded, this.#filter(weight, [2, 3, 0, 1]), stride, 'valid');
    return { tensor: bias === undefined ? filtered : tf.add(filtered, bias.tensor) };
  }

  /** OIHW → the filter layout of tfjs, once per weight. */
  #filter({ tensor, parameter }: TfjsValue, order: number[]): tf.Tensor4D {
    const transposed =
      parameter === undefined
        ? tf.transpose(tensor, order)
        : this.#weights.form(`${parameter}:${order.join('')}`, () => tf.transpose(tensor, order));
    return asImage(transposed);
  }

  linear(x: TfjsValue, weight: TfjsValue, bias: TfjsValue): TfjsValue {
    const shape = x.tensor.shape;
    const rows = tf.reshape(x.tensor, [-1, shape.at(-1) ?? 0]);
    const product = tf.add(tf.matMul(rows, weight.tensor, false, true), bias.tensor);
    return { tensor: tf.reshape(product, [...shape.slice(0, -1), -1]) };
  }

  layerNorm(x: TfjsValue, gain: TfjsValue, shift: TfjsValue, epsilon: number): TfjsValue {
    const centred = tf.sub(x.tensor, tf.mean(x.tensor, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const normed = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
    return { tensor: tf.add(tf.mul(normed, gain.tensor), shift.tensor) };
  }

  simpleGate(x: TfjsValue): TfjsValue {
    const [lower, upper] = tf.split(x.tensor, 2, -1);
    if (lower === undefined || upper === undefined) throw new ModelError('MODEL_GRAPH_SHAPE', { op: 'simpleGate' });
    return { tensor: tf.mul(lower, upper) };
  }

  globalMean(x: TfjsValue): TfjsValue {
    return { tensor: tf.mean(x.tensor, [1, 2], true) };
  }

  /** tfjs' `depthToSpace` reads channel (2a+b)·C + c where we mean 4c + 2a + b: permute first. model-spec.md 2.3. */
  pixelShuffle(x: TfjsValue): TfjsValue {
    const channels = (x.tensor.shape[3] ?? 0) / 4;
    const order = Array.from({ length: 4 * channels }, (_, n) => (n % channels) * 4 + Math.floor(n / channels));
    return { tensor: tf.depthToSpace(asImage(tf.gather(x.tensor, order, 3)), 2, 'NHWC') };
  }

  concat(a: TfjsValue, b: TfjsValue): TfjsValue {
    return { tensor: tf.concat([a.tensor, b.tensor], -1) };
  }

  add(a: TfjsValue, b: TfjsValue): TfjsValue {
    return { tensor: tf.add(a.tensor, b.tensor) };
  }

  sub(a: TfjsValue, b: TfjsValue): TfjsValue {
    return { tensor: tf.sub(a.tensor, b.tensor) };
  }

  mul(a: TfjsValue, b: TfjsValue): TfjsValue {
    return { tensor: tf.mul(a.tensor, b.tensor) };
  }

  div(a: TfjsValue, b: TfjsValue): TfjsValue {
    return { tensor: tf.div(a.tensor, b.tensor) };
  }

  affine(x: TfjsValue, factor: number, offset: number): TfjsValue {
    return { tensor: tf.add(tf.mul(x.tensor, factor), offset) };
  }

  leakyRelu(x: TfjsValue, slope: number): TfjsValue {
    return { tensor: tf.leakyRelu(x.tensor, slope) };
  }

  clamp(x: TfjsValue, low: number, high: number): TfjsValue {
    return { tensor: tf.clipByValue(x.tensor, low, high) };
  }

  gate(matrix: TfjsValue, { row, experts, position }: GateChoice): TfjsValue {
    const weights = tf.softmax(tf.gather(this.row(matrix, row).tensor, [...experts]));
    return { tensor: tf.slice(weights, [position], [1]) };
  }

  quantize(z: TfjsValue, codebook: TfjsValue, depth: number): Quantised<TfjsValue> {
    const shape = z.tensor.shape;
    const table = this.#table(codebook);
    let residual = tf.reshape(z.tensor, [-1, shape[3] ?? 0]);
    let scores = table.scoresOf(residual);
    const indices: tf.Tensor[] = [];
    const sums: tf.Tensor[] = [];
    for (let round = 0; round < depth; round++) {
      const index = tf.argMin(scores, 1); // the first of equal scores, on wasm and on cpu
      const rows = tf.gather(codebook.tensor, asIndices(index));
      indices.push(index);
      sums.push(sums.length === 0 ? rows : tf.add(sums[sums.length - 1] ?? rows, rows));
      if (table.gram !== undefined) scores = tf.add(scores, tf.gather(table.gram, asIndices(index)));
      else {
        residual = tf.sub(residual, rows);
        scores = table.scoresOf(residual);
      }
    }
    return collect(shape, indices, sums);
  }

  #table({ tensor, parameter = '' }: TfjsValue): { scoresOf: (rows: tf.Tensor) => tf.Tensor; gram?: tf.Tensor } {
    const host = this.#weights.host(parameter);
    const [codes = 0] = host.shape;
    const norms = this.#weights.form(`${parameter}:norms`, () => tf.tensor(codebookTable(host).halfNorms));
    const scoresOf = (rows: tf.Tensor) => tf.sub(norms, tf.matMul(rows, tensor, false, true));
    if (roundsFor(codes) === 'residual') return { scoresOf };
    const gram = this.#weights.form(`${parameter}:gram`, () => tf.tensor(gramTable(host), [codes, codes]));
    return { scoresOf, gram };
  }
}

function collect(shape: readonly number[], indices: tf.Tensor[], sums: tf.Tensor[]): Quantised<TfjsValue> {
  const images = sums.map((sum) => tf.reshape(sum, [...shape]));
  const quantised = images.at(-1);
  if (quantised === undefined) throw new ModelError('MODEL_GRAPH_SHAPE', { op: 'quantize', depth: 0 });
  const codes = tf.reshape(tf.stack(indices, 1), [...shape.slice(0, 3), indices.length]);
  const partials = tf.stack(images.map((image) => tf.transpose(image, [0, 3, 1, 2])));
  return { codes: { tensor: codes }, quantised: { tensor: quantised }, partials: { tensor: partials } };
}

function padOne(x: tf.Tensor4D): tf.Tensor4D {
  return tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
}

function asImage(x: tf.Tensor): tf.Tensor4D {
  const [n = 0, height = 0, width = 0, channels = 0] = x.shape;
  return tf.reshape<tf.Rank.R4>(x, [n, height, width, channels]);
}

function asIndices(x: tf.Tensor): tf.Tensor1D {
  return tf.reshape<tf.Rank.R1>(x, [x.size]);
}
