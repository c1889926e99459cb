import { ModelError } from '../errors.ts';
import type { Dim, GateChoice, Graph, Ops, Quantised, Window } from '../ops.ts';
import { double, halve } from './dims.ts';
import type { GraphJson, GraphNode, GraphValue } from './graph-ir.ts';

/** A value of the traced graph: its name and shape. */
type Traced = GraphValue;

/** Records the nodes of a graph. `shapes` are those of all parameters. Throws ModelError MODEL_GRAPH_SHAPE. */
export function trace(graph: Graph, shapes: ReadonlyMap<string, readonly number[]>): GraphJson {
  const ops = new TraceOps(shapes);
  graph.build(ops);
  return ops.graph(graph.name);
}

class TraceOps implements Ops<Traced> {
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #inputs: Traced[] = [];
  readonly #params = new Map<string, Traced>();
  readonly #nodes: GraphNode[] = [];
  readonly #outputs: (Traced & { value: string })[] = [];
  #values = 0;

  constructor(shapes: ReadonlyMap<string, readonly number[]>) {
    this.#shapes = shapes;
  }

  graph(name: string): GraphJson {
    const params = [...this.#params.values()];
    return { version: 1, name, inputs: this.#inputs, params, nodes: this.#nodes, outputs: this.#outputs };
  }

  input(name: string, dims: readonly Dim[]): Traced {
    const value = { name, dims };
    this.#inputs.push(value);
    return value;
  }

  param(name: string): Traced {
    const known = this.#params.get(name);
    if (known !== undefined) return known;
    const dims = this.#shapes.get(name);
    if (dims === undefined) throw new ModelError('MODEL_GRAPH_SHAPE', { unknownParameter: name });
    const value = { name, dims };
    this.#params.set(name, value);
    return value;
  }

  output(name: string, x: Traced): void {
    this.#outputs.push({ name, dims: x.dims, value: x.name });
  }

  row(matrix: Traced, index: number): Traced {
    return this.#node(matrix.dims.slice(1), (out) => ({ op: 'row', in: [matrix.name], out, attrs: { index } }));
  }

  conv2d(x: Traced, weight: Traced, bias: Traced | undefined, window: Window): Traced {
    const [n = 0, cin = 0, height = 0, width = 0] = x.dims;
    const [cout = 0, perGroup = 0] = weight.dims;
    expectEqual('conv2d', cin, Number(perGroup) * window.groups, weight.name);
    const dims = window.stride === 2 ? [n, cout, halve(height), halve(width)] : [n, cout, height, width];
    const attrs = { stride: window.stride, pad: window.pad, groups: window.groups };
    if (bias === undefined) return this.#node(dims, (out) => ({ op: 'conv2d', in: [x.name, weight.name], out, attrs }));
    return this.#node(dims, (out) => ({ op: 'conv2d', in: [x.name, weight.name, bias.name], out, attrs }));
  }

  linear(x: Traced, weight: Traced, bias: Traced): Traced {
    const [cout = 0, cin = 0] = weight.dims;
    expectEqual('linear', channelsOf(x), cin, weight.name);
    const dims = [x.dims[0] ?? 0, cout, ...x.dims.slice(2)];
    return this.#node(dims, (out) => ({ op: 'linear', in: [x.name, weight.name, bias.name], out, attrs: {} }));
  }

  layerNorm(x: Traced, gain: Traced, shift: Traced, epsilon: number): Traced {
    expectEqual('layerNorm', channelsOf(x), gain.dims[0] ?? 0, gain.name);
    const names = [x.name, gain.name, shift.name] as const;
    return this.#node(x.dims, (out) => ({ op: 'layerNorm', in: names, out, attrs: { epsilon } }));
  }

  simpleGate(x: Traced): Traced {
    return this.#unary('simpleGate', x, withChannels(x, Number(channelsOf(x)) / 2));
  }

  globalMean(x: Traced): Traced {
    return this.#unary('globalMean', x, [...x.dims.slice(0, 2), 1, 1]);
  }

  pixelShuffle(x: Traced): Traced {
    const [n = 0, c = 0, height = 0, width = 0] = x.dims;
    return this.#unary('pixelShuffle', x, [n, Number(c) / 4, double(height), double(width)]);
  }

  concat(a: Traced, b: Traced): Traced {
    const dims = withChannels(a, Number(channelsOf(a)) + Number(channelsOf(b)));
    return this.#node(dims, (out) => ({ op: 'concat', in: [a.name, b.name], out, attrs: {} }));
  }

  add(a: Traced, b: Traced): Traced {
    return this.#binary('add', a, b);
  }

  sub(a: Traced, b: Traced): Traced {
    return this.#binary('sub', a, b);
  }

  mul(a: Traced, b: Traced): Traced {
    return this.#binary('mul', a, b);
  }

  div(a: Traced, b: Traced): Traced {
    return this.#binary('div', a, b);
  }

  affine(x: Traced, factor: number, offset: number): Traced {
    return this.#node(x.dims, (out) => ({ op: 'affine', in: [x.name], out, attrs: { factor, offset } }));
  }

  leakyRelu(x: Traced, slope: number): Traced {
    return this.#node(x.dims, (out) => ({ op: 'leakyRelu', in: [x.name], out, attrs: { slope } }));
  }

  clamp(x: Traced, low: number, high: number): Traced {
    return this.#node(x.dims, (out) => ({ op: 'clamp', in: [x.name], out, attrs: { low, high } }));
  }

  gate(matrix: Traced, choice: GateChoice): Traced {
    return this.#node([1], (out) => ({ op: 'gate', in: [matrix.name], out, attrs: { ...choice } }));
  }

  quantize(z: Traced, codebook: Traced, depth: number): Quantised<Traced> {
    const [n = 0, d = 0, height = 0, width = 0] = z.dims;
    expectEqual('quantize', d, codebook.dims[1] ?? 0, codebook.name);
    const codes = this.#value([n, height, width, depth]);
    const quantised = this.#value(z.dims);
    const partials = this.#value([depth, ...z.dims]);
    const out = [codes.name, quantised.name, partials.name] as const;
    this.#nodes.push({ op: 'quantize', in: [z.name, codebook.name], out, attrs: { depth } });
    return { codes, quantised, partials };
  }

  #unary(op: 'simpleGate' | 'globalMean' | 'pixelShuffle', x: Traced, dims: readonly Dim[]): Traced {
    return this.#node(dims, (out) => ({ op, in: [x.name], out, attrs: {} }));
  }

  #binary(op: 'add' | 'sub' | 'mul' | 'div', a: Traced, b: Traced): Traced {
    if (!broadcasts(a.dims, b.dims)) {
      throw new ModelError('MODEL_GRAPH_SHAPE', { op, a: a.dims.join('×'), b: b.dims.join('×') });
    }
    return this.#node(a.dims, (out) => ({ op, in: [a.name, b.name], out, attrs: {} }));
  }

  #node(dims: readonly Dim[], make: (out: [string]) => GraphNode): Traced {
    const value = this.#value(dims);
    this.#nodes.push(make([value.name]));
    return value;
  }

  #value(dims: readonly Dim[]): Traced {
    return { name: `v${this.#values++}`, dims };
  }
}

function channelsOf(x: Traced): Dim {
  return x.dims[1] ?? 0;
}

function withChannels(x: Traced, channels: number): Dim[] {
  return x.dims.map((dim, axis) => (axis === 1 ? channels : dim));
}

function broadcasts(a: readonly Dim[], b: readonly Dim[]): boolean {
  if (b.length === 1) return b[0] === 1 || b[0] === a[1];
  if (b.length !== a.length) return false;
  return b.every((dim, axis) => dim === a[axis] || (axis >= 2 && dim === 1));
}

function expectEqual(op: string, found: Dim, expected: Dim, tensor: string): void {
  if (found !== expected) throw new ModelError('MODEL_GRAPH_SHAPE', { op, tensor, found, expected });
}
