import type { Tensor } from '../../src/model/executors/executor.ts';
import type { Dim, GateChoice, Graph, Ops, Quantised, Window } from '../../src/model/ops.ts';
import { quantisePath } from '../../src/model/residual-quantizer.ts';
import type { HostTensor } from '../../src/model/safetensors.ts';

/** A float64 tensor, NCHW. */
export interface Exact {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** Evaluates a graph in float64 by plain loops over the definitions: what every executor is compared with. */
export function evaluate(
  graph: Graph,
  tensors: ReadonlyMap<string, HostTensor>,
  inputs: Readonly<Record<string, Tensor>>,
): Record<string, Exact> {
  const outputs: Record<string, Exact> = {};
  graph.build(new ReferenceOps(tensors, inputs, outputs));
  return outputs;
}

class ReferenceOps implements Ops<Exact> {
  readonly #tensors: ReadonlyMap<string, HostTensor>;
  readonly #inputs: Readonly<Record<string, Tensor>>;
  readonly #outputs: Record<string, Exact>;

  constructor(
    tensors: ReadonlyMap<string, HostTensor>,
    inputs: Readonly<Record<string, Tensor>>,
    outputs: Record<string, Exact>,
  ) {
    this.#tensors = tensors;
    this.#inputs = inputs;
    this.#outputs = outputs;
  }

  input(name: string, _dims: readonly Dim[]): Exact {
    const { dims = [], data = [] } = this.#inputs[name] ?? {};
    return { dims, data: Float64Array.from(data) };
  }

  param(name: string): Exact {
    const { shape = [], data = [] } = this.#tensors.get(name) ?? {};
    return { dims: shape, data: Float64Array.from(data) };
  }

  output(name: string, x: Exact): void {
    this.#outputs[name] = x;
  }

  row({ dims, data }: Exact, index: number): Exact {
    const [, width = 0] = dims;
    return { dims: [width], data: data.slice(index * width, (index + 1) * width) };
  }

  conv2d(x: Exact, weight: Exact, bias: Exact | undefined, { stride, pad, groups }: Window): Exact {
    const [n = 0, , height = 0, width = 0] = x.dims;
    const [cout = 0, perGroup = 0, kernel = 0] = weight.dims;
    const sides = [height, width].map((side) => Math.floor((side + 2 * pad - kernel) / stride) + 1);
    return fill([n, cout, ...sides], ([b = 0, o = 0, i = 0, j = 0]) => {
      const first = Math.floor(o / (cout / groups)) * perGroup;
      let sum = bias?.data[o] ?? 0;
      for (let c = 0; c < perGroup; c++) {
        for (let a = 0; a < kernel; a++) {
          for (let e = 0; e < kernel; e++) {
            const pixel = at(x, [b, first + c, i * stride + a - pad, j * stride + e - pad]);
            sum += pixel * at(weight, [o, c, a, e]);
          }
        }
      }
      return sum;
    });
  }

  linear(x: Exact, weight: Exact, bias: Exact): Exact {
    const [n = 0, cin = 0, ...sides] = x.dims;
    return fill([n, weight.dims[0] ?? 0, ...sides], ([b = 0, o = 0, ...place]) => {
      let sum = bias.data[o] ?? 0;
      for (let c = 0; c < cin; c++) sum += at(x, [b, c, ...place]) * at(weight, [o, c]);
      return sum;
    });
  }

  layerNorm(x: Exact, gain: Exact, shift: Exact, epsilon: number): Exact {
    const channels = x.dims[1] ?? 0;
    return fill(x.dims, ([b = 0, c = 0, ...place]) => {
      const column = Array.from({ length: channels }, (_, k) => at(x, [b, k, ...place]));
      const mean = column.reduce((sum, value) => sum + value, 0) / channels;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / channels;
      const normed = ((column[c] ?? 0) - mean) / Math.sqrt(variance + epsilon);
      return normed * (gain.data[c] ?? 0) + (shift.data[c] ?? 0);
    });
  }

  simpleGate(x: Exact): Exact {
    const [n = 0, c = 0, ...sides] = x.dims;
    const half = c / 2;
    return fill(
      [n, half, ...sides],
      ([b = 0, k = 0, ...place]) => at(x, [b, k, ...place]) * at(x, [b, k + half, ...place]),
    );
  }

  globalMean(x: Exact): Exact {
    const [n = 0, c = 0, height = 0, width = 0] = x.dims;
    return fill([n, c, 1, 1], ([b = 0, k = 0]) => {
      let sum = 0;
      for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) sum += at(x, [b, k, i, j]);
      return sum / (height * width);
    });
  }

  pixelShuffle(x: Exact): Exact {
    const [n = 0, c = 0, height = 0, width = 0] = x.dims;
    return fill([n, c / 4, 2 * height, 2 * width], ([b = 0, k = 0, i = 0, j = 0]) =>
      at(x, [b, 4 * k + 2 * (i % 2) + (j % 2), i >> 1, j >> 1]),
    );
  }

  concat(a: Exact, b: Exact): Exact {
    const [n = 0, c = 0, ...sides] = a.dims;
    return fill([n, c + (b.dims[1] ?? 0), ...sides], ([m = 0, k = 0, ...place]) =>
      k < c ? at(a, [m, k, ...place]) : at(b, [m, k - c, ...place]),
    );
  }

  add(a: Exact, b: Exact): Exact {
    return binary(a, b, (x, y) => x + y);
  }

  sub(a: Exact, b: Exact): Exact {
    return binary(a, b, (x, y) => x - y);
  }

  mul(a: Exact, b: Exact): Exact {
    return binary(a, b, (x, y) => x * y);
  }

  div(a: Exact, b: Exact): Exact {
    return binary(a, b, (x, y) => x / y);
  }

  affine(x: Exact, factor: number, offset: number): Exact {
    return { dims: x.dims, data: x.data.map((value) => factor * value + offset) };
  }

  leakyRelu(x: Exact, slope: number): Exact {
    return { dims: x.dims, data: x.data.map((value) => (value < 0 ? slope * value : value)) };
  }

  clamp(x: Exact, low: number, high: number): Exact {
    return { dims: x.dims, data: x.data.map((value) => Math.min(high, Math.max(low, value))) };
  }

  gate(matrix: Exact, { row, experts, position }: GateChoice): Exact {
    const powers = experts.map((expert) => Math.exp(at(matrix, [row, expert])));
    const sum = powers.reduce((total, power) => total + power, 0);
    return { dims: [1], data: Float64Array.of((powers[position] ?? 0) / sum) };
  }

  quantize(z: Exact, codebook: Exact, depth: number): Quantised<Exact> {
    const [n = 0, d = 0, height = 0, width = 0] = z.dims;
    const rows: HostTensor = { shape: codebook.dims, data: Float32Array.from(codebook.data) };
    const codes = fill([n, height, width, depth], () => 0);
    for (let position = 0; position < n * height * width; position++) {
      const place = [Math.floor(position / (height * width)), Math.floor(position / width) % height, position % width];
      const [b = 0, i = 0, j = 0] = place;
      const latent = Array.from({ length: d }, (_, c) => at(z, [b, c, i, j]));
      codes.data.set(quantisePath(latent, rows, depth).codes, position * depth);
    }
    const partials = fill([depth, n, d, height, width], ([rounds = 0, b = 0, c = 0, i = 0, j = 0]) => {
      let sum = 0;
      for (let round = 0; round <= rounds; round++) sum += at(codebook, [at(codes, [b, i, j, round]), c]);
      return sum;
    });
    const quantised = { dims: z.dims, data: partials.data.slice(-z.data.length) };
    return { codes, quantised, partials };
  }
}

function fill(dims: readonly number[], value: (index: readonly number[]) => number): Exact {
  const size = dims.reduce((product, dim) => product * dim, 1);
  const data = Float64Array.from({ length: size }, (_, flat) => value(indexOf(dims, flat)));
  return { dims, data };
}

function indexOf(dims: readonly number[], flat: number): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const dim of dims.toReversed()) {
    index.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return index;
}

/** 0 outside. */
function at({ dims, data }: Exact, index: readonly number[]): number {
  if (index.some((value, axis) => value < 0 || value >= (dims[axis] ?? 0))) return 0;
  return data[index.reduce((flat, value, axis) => flat * (dims[axis] ?? 0) + value, 0)] ?? 0;
}

function binary(a: Exact, b: Exact, operate: (x: number, y: number) => number): Exact {
  const channelWise = b.dims.length === 1;
  return fill(a.dims, (index) => {
    const [n = 0, c = 0] = index;
    const place = b.dims.map((dim, axis) => (dim === 1 ? 0 : (index[axis] ?? 0)));
    const second = channelWise ? b.data[b.data.length === 1 ? 0 : c] : at(b, [n, c, ...place.slice(2)]);
    return operate(at(a, index), second ?? 0);
  });
}
