import type { Ops } from '../ops.ts';

/** The ops together with a prefix of parameter names: a block asks for `weight`, the scope knows whose. */
export class Scope<T> {
  readonly ops: Ops<T>;
  readonly #prefix: string;

  constructor(ops: Ops<T>, prefix: string) {
    this.ops = ops;
    this.#prefix = prefix;
  }

  at(part: string): Scope<T> {
    return new Scope(this.ops, `${this.#prefix}.${part}`);
  }

  param(name: string): T {
    return this.ops.param(`${this.#prefix}.${name}`);
  }
}
