import { ModelError } from '../errors.ts';
import type { HostTensor } from '../safetensors.ts';
import type { Tensor } from './executor.ts';
import type { GraphJson, GraphNode } from './graph-ir.ts';
import { type LoweringPlan, planLowering } from './lowering-plan.ts';
import { OnnxBuilder } from './onnx-builder.ts';
import type { OnnxModel } from './onnx-model.ts';
import { lowerQuantizer } from './onnx-quantizer.ts';

type NodeOf<Op extends GraphNode['op']> = Extract<GraphNode, { op: Op }>;

/** A graph as ONNX, and the tensors that every run feeds besides the graph's own inputs. */
export interface LoweredGraph {
  readonly model: OnnxModel;
  readonly bound: ReadonlyMap<string, Tensor>;
}

const toNhwc = { perm: [0, 2, 3, 1] };
const toNchw = { perm: [0, 3, 1, 2] };

/** Lowers a graph with its weights to ONNX (engines.md D7, D8, D9, D11). Throws ModelError MODEL_GRAPH_SHAPE */
export function lowerToOnnx(graph: GraphJson, tensors: ReadonlyMap<string, HostTensor>): LoweredGraph {
  return new Lowering(graph, tensors).run();
}

class Lowering {
  readonly #graph: GraphJson;
  readonly #tensors: ReadonlyMap<string, HostTensor>;
  readonly #plan: LoweringPlan;
  readonly #onnx = new OnnxBuilder();
  readonly #bound = new Map<string, Tensor>();
  /** ONNX names of the graph's values. */
  readonly #names = new Map<string, string>();
  /** The two halves of values that a gate multiplies. */
  readonly #halves = new Map<string, readonly [string, string]>();
  /** Vectors known when the graph is built: rows of matrices, weights of experts. */
  readonly #vectors = new Map<string, Float32Array>();
  readonly #codes = new Set<string>();

  constructor(graph: GraphJson, tensors: ReadonlyMap<string, HostTensor>) {
    this.#graph = graph;
    this.#tensors = tensors;
    this.#plan = planLowering(graph);
  }

  run(): LoweredGraph {
    for (const { name, dims } of this.#graph.inputs) {
      this.#onnx.input(name, dims);
      this.#names.set(name, name);
    }
    for (const node of this.#graph.nodes) this.#lower(node);
    for (const { name, value, dims } of this.#graph.outputs) {
      this.#onnx.output({ name, dims, type: this.#codes.has(value) ? 'int32' : 'float' }, this.#name(value));
    }
    return { model: this.#onnx.model(this.#graph.name), bound: this.#bound };
  }

  #lower(node: GraphNode): void {
    switch (node.op) {
      case 'row':
        return this.#row(node);
      case 'gate':
        return this.#gate(node);
      case 'conv2d':
        return this.#conv2d(node);
      case 'linear':
        return this.#linear(node);
      case 'layerNorm':
        return this.#layerNorm(node);
      case 'simpleGate':
        return this.#simpleGate(node);
      case 'globalMean':
        return this.#simple(node, 'GlobalAveragePool', {});
      case 'pixelShuffle':
        return this.#simple(node, 'DepthToSpace', { blocksize: 2, mode: 'CRD' });
      case 'concat':
        return this.#simple(node, 'Concat', { axis: 1 });
      case 'leakyRelu':
        return this.#simple(node, 'LeakyRelu', { alpha: { float: node.attrs.slope } });
      case 'add':
      case 'sub':
      case 'mul':
      case 'div':
        return this.#binary(node);
      case 'affine':
        return this.#affine(node);
      case 'clamp':
        return this.#clamp(node);
      case 'quantize':
        return this.#quantize(node);
    }
  }

  #simple(
    node: NodeOf<'globalMean' | 'pixelShuffle' | 'concat' | 'leakyRelu'>,
    op: string,
    attributes: Parameters<OnnxBuilder['node']>[2],
  ): void {
    const inputs = node.in.map((name) => this.#name(name));
    this.#names.set(node.out[0], this.#onnx.node(op, inputs, attributes));
  }

  #row({ in: [matrix], out: [out], attrs: { index } }: NodeOf<'row'>): void {
    const { shape, data } = this.#tensor(matrix);
    const [, width = 0] = shape;
    this.#vectors.set(out, data.slice(index * width, (index + 1) * width));
  }

  #gate({ in: [matrix], out: [out], attrs }: NodeOf<'gate'>): void {
    const { shape, data } = this.#tensor(matrix);
    const [, width = 0] = shape;
    const powers = attrs.experts.map((expert) => Math.exp(data[attrs.row * width + expert] ?? 0));
    const sum = powers.reduce((total, power) => total + power, 0);
    this.#vectors.set(out, Float32Array.of((powers[attrs.position] ?? 0) / sum));
  }

  #conv2d(node: NodeOf<'conv2d'>): void {
    const [out] = node.out;
    if (!this.#plan.halved.has(out)) {
      this.#names.set(out, this.#convolve(node, this.#name(node.in[0]), 'whole'));
      return;
    }
    const [lower, upper] = node.attrs.groups === 1 ? this.#twice(node.in[0]) : this.#pair(node.in[0]);
    this.#halves.set(out, [this.#convolve(node, lower, 'lower'), this.#convolve(node, upper, 'upper')]);
  }

  #convolve(node: NodeOf<'conv2d'>, x: string, part: 'whole' | 'lower' | 'upper'): string {
    const [, weightName, biasName] = node.in;
    const scale = this.#plan.scaledBy.get(node.out[0]);
    const suffix = `${part === 'whole' ? '' : `:${part}`}${scale === undefined ? '' : ':scaled'}`;
    const weight = partOf(scaleRows(this.#tensor(weightName), this.#scaleVector(scale)), part);
    const inputs = [x, this.#onnx.constant(`${weightName}${suffix}`, weight.shape, weight.data)];
    if (biasName !== undefined) {
      const bias = partOf(scaleRows(this.#tensor(biasName), this.#scaleVector(scale)), part);
      inputs.push(this.#onnx.constant(`${biasName}${suffix}`, bias.shape, bias.data));
    }
    const { stride, pad, groups } = node.attrs;
    return this.#onnx.node('Conv', inputs, {
      kernel_shape: weight.shape.slice(2),
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group: part === 'whole' || groups === 1 ? groups : groups / 2,
    });
  }

  #scaleVector(name: string | undefined): Float32Array | undefined {
    return name === undefined ? undefined : this.#tensor(name).data;
  }

  #linear({ in: [x, weight, bias], out: [out] }: NodeOf<'linear'>): void {
    const { shape, data } = this.#tensor(weight);
    const [outputs = 0, inputs = 0] = shape;
    const biasName = this.#onnx.constant(bias, [outputs], this.#tensor(bias).data);
    const weightName = this.#onnx.constant(weight, [outputs, inputs, 1, 1], data);
    this.#names.set(out, this.#onnx.node('Conv', [this.#name(x), weightName, biasName], { kernel_shape: [1, 1] }));
  }

  #layerNorm({ in: [x, gain, shift], out: [out], attrs }: NodeOf<'layerNorm'>): void {
    const last = this.#onnx.node('Transpose', [this.#name(x)], toNhwc);
    const inputs = [last, this.#parameter(gain), this.#parameter(shift)];
    const normed = this.#onnx.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: attrs.epsilon } });
    this.#names.set(out, this.#onnx.node('Transpose', [normed], toNchw));
  }

  #simpleGate({ in: [x], out: [out] }: NodeOf<'simpleGate'>): void {
    const pair = this.#halves.get(x) ?? this.#onnx.nodes('Split', [this.#name(x)], { axis: 1 }, 2);
    this.#names.set(out, this.#onnx.node('Mul', pair));
  }

  #binary({ op, in: [a, b], out: [out] }: NodeOf<'add' | 'sub' | 'mul' | 'div'>): void {
    if (op === 'mul' && this.#plan.scaledBy.get(a) === b) {
      this.#names.set(out, this.#name(a));
      return;
    }
    const onnxOps = { add: 'Add', sub: 'Sub', mul: 'Mul', div: 'Div' };
    this.#names.set(out, this.#onnx.node(onnxOps[op], [this.#name(a), this.#operand(b)]));
  }

  /** A vector becomes `[1, c, 1, 1]`, so that it runs over the channels. */
  #operand(name: string): string {
    const vector = this.#vectors.get(name) ?? this.#vectorParameter(name);
    if (vector === undefined) return this.#name(name);
    return this.#onnx.constant(`${name}:channels`, [1, vector.length, 1, 1], vector);
  }

  #vectorParameter(name: string): Float32Array | undefined {
    const tensor = this.#tensors.get(name);
    return tensor?.shape.length === 1 ? tensor.data : undefined;
  }

  #affine({ in: [x], out: [out], attrs: { factor, offset } }: NodeOf<'affine'>): void {
    const scaled = factor === 1 ? this.#name(x) : this.#onnx.node('Mul', [this.#name(x), this.#onnx.scalar(factor)]);
    this.#names.set(out, offset === 0 ? scaled : this.#onnx.node('Add', [scaled, this.#onnx.scalar(offset)]));
  }

  #clamp({ in: [x], out: [out], attrs: { low, high } }: NodeOf<'clamp'>): void {
    const inputs = [this.#name(x), this.#onnx.scalar(low), this.#onnx.scalar(high)];
    this.#names.set(out, this.#onnx.node('Clip', inputs));
  }

  #quantize({ in: [z, codebook], out: [codes, quantised, partials], attrs: { depth } }: NodeOf<'quantize'>): void {
    const wanted = this.#plan.used.has(partials) ? 'wanted' : 'unused';
    const request = { z: this.#name(z), codebook, depth, partials: wanted } as const;
    const lowered = lowerQuantizer(this.#onnx, request, this.#tensor(codebook), this.#bound);
    this.#names.set(codes, lowered.codes);
    this.#codes.add(codes);
    this.#names.set(quantised, lowered.quantised);
    if (lowered.partials !== undefined) this.#names.set(partials, lowered.partials);
  }

  #parameter(name: string): string {
    const { shape, data } = this.#tensor(name);
    return this.#onnx.constant(name, shape, data);
  }

  #name(value: string): string {
    const name = this.#names.get(value);
    if (name === undefined) throw new ModelError('MODEL_GRAPH_SHAPE', { graph: this.#graph.name, unmade: value });
    return name;
  }

  #twice(value: string): readonly [string, string] {
    return [this.#name(value), this.#name(value)];
  }

  #pair(value: string): readonly [string, string] {
    const pair = this.#halves.get(value);
    if (pair === undefined) throw new ModelError('MODEL_GRAPH_SHAPE', { graph: this.#graph.name, notHalved: value });
    return pair;
  }

  #tensor(name: string): HostTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new ModelError('MODEL_GRAPH_SHAPE', { graph: this.#graph.name, missing: name });
    return tensor;
  }
}

/** All output channels, or the first or second half of them. */
function partOf({ shape, data }: HostTensor, part: 'whole' | 'lower' | 'upper'): HostTensor {
  if (part === 'whole') return { shape, data };
  const [rows = 0, ...rest] = shape;
  const half = data.length / 2;
  const values = part === 'lower' ? data.subarray(0, half) : data.subarray(half);
  return { shape: [rows / 2, ...rest], data: values };
}

/** Each output channel's weights times its scale. */
function scaleRows({ shape, data }: HostTensor, scale: Float32Array | undefined): HostTensor {
  if (scale === undefined) return { shape, data };
  const perRow = data.length / scale.length;
  return { shape, data: data.map((value, index) => value * (scale[Math.floor(index / perRow)] ?? 0)) };
}
