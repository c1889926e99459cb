import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './onnx-model.ts';

/** Collects nodes and initialisers, naming the values in between. */
export class OnnxBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initialisers = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  #values = 0;

  input(name: string, dims: readonly (number | string)[]): void {
    this.#inputs.push({ name, type: 'float', dims });
  }

  output(value: OnnxValue, source: string): void {
    this.#nodes.push({ op: 'Identity', inputs: [source], outputs: [value.name], attributes: {} });
    this.#outputs.push(value);
  }

  /** Adds a node and gives the name of its result. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    const [name] = this.nodes(op, inputs, attributes, 1);
    return name;
  }

  /** Adds a node with `count` results. */
  nodes(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    count: number,
  ): [string, ...string[]] {
    const first = `t${this.#values++}`;
    const rest = Array.from({ length: count - 1 }, () => `t${this.#values++}`);
    this.#nodes.push({ op, inputs, outputs: [first, ...rest], attributes });
    return [first, ...rest];
  }

  /** A constant; the same name twice is the same constant. */
  constant(name: string, dims: readonly number[], data: Float32Array | BigInt64Array): string {
    if (!this.#initialisers.has(name)) this.#initialisers.set(name, { name, dims, data });
    return name;
  }

  scalar(value: number): string {
    return this.constant(`scalar:${value}`, [], Float32Array.of(value));
  }

  axes(...axes: number[]): string {
    return this.constant(`axes:${axes.join(',')}`, [axes.length], BigInt64Array.from(axes, BigInt));
  }

  model(name: string): OnnxModel {
    const initialisers = [...this.#initialisers.values()];
    return { name, nodes: this.#nodes, initialisers, inputs: this.#inputs, outputs: this.#outputs };
  }
}
