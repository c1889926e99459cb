import type { Executor, Program } from './executors/executor.ts';
import type { NoiseInputs } from './net/inputs.ts';
import { classifyGraph, restoreGraph } from './net/restore-graph.ts';
import type { Graph } from './ops.ts';
import type { Task } from './tasks.ts';
import { gateRows, type Weights } from './weights.ts';

/** How a slice is to be restored: each combination is a graph of its own. */
export interface ProgramKind {
  readonly task: Task;
  readonly noise: NoiseInputs;
  /** Evaluation may replace the reference (model-spec.md 2.10). */
  readonly reference: 'own' | 'zero' | 'swap';
}

/** Prepared graphs of one model, made at first use and kept until `release`. */
export class Programs {
  readonly #executor: Executor;
  readonly #weights: Weights;
  readonly #prepared = new Map<string, Promise<Program>>();

  constructor(executor: Executor, weights: Weights) {
    this.#executor = executor;
    this.#weights = weights;
  }

  async classify(): Promise<Program> {
    return this.#prepare('classify', classifyGraph);
  }

  async restore({ task, noise, reference }: ProgramKind): Promise<Program> {
    const { model } = this.#weights;
    return this.#prepare(`${task} ${noise} ${reference}`, () =>
      restoreGraph(model, task, { noise, reference, gateRows: gateRows(this.#weights) }),
    );
  }

  async release(): Promise<void> {
    const prepared = [...this.#prepared.values()];
    this.#prepared.clear();
    for (const program of prepared) await (await program).release();
  }

  async #prepare(key: string, graph: () => Graph): Promise<Program> {
    const known = this.#prepared.get(key);
    if (known !== undefined) return known;
    const preparing = this.#executor.prepare(graph(), this.#weights.tensors);
    this.#prepared.set(key, preparing);
    return preparing;
  }
}
