import { type Task, taskIndex, tasks } from '../tasks.ts';
import { expert, expertParameters } from './expert.ts';
import { type Parameter, under } from './parameter.ts';
import type { Scope } from './scope.ts';

/** E: one expert per task and one shared by all (model-spec.md 1, row 15). */
export const expertCount = tasks.length + 1;
const sharedExpert = tasks.length;
const initialGate = { own: 4, shared: 2, other: 0 };

/** Experts that a task's graph uses, best first, and the row of the gate matrix that weighs them. */
export interface Route {
  readonly row: number;
  readonly experts: readonly number[];
}

/** M, `[N, E]`, as it starts: own expert 4, shared expert 2, others 0. */
export function gateParameter(): Parameter {
  const values = tasks.flatMap((_, task) =>
    Array.from({ length: expertCount }, (_row, e) => initialGateValue(task, e)),
  );
  return { name: 'gate.matrix', shape: [tasks.length, expertCount], init: { kind: 'values', values } };
}

function initialGateValue(task: number, index: number): number {
  if (index === task) return initialGate.own;
  return index === sharedExpert ? initialGate.shared : initialGate.other;
}

/** The k best experts of a task by its row of M, lowest index first among equals. model-spec.md 2.6. */
export function route(task: Task, topk: number, matrixRow?: readonly number[]): Route {
  const row = taskIndex(task);
  const scores = matrixRow ?? Array.from({ length: expertCount }, (_, index) => initialGateValue(row, index));
  const ranked = scores.map((score, index) => ({ score, index }));
  ranked.sort((a, b) => b.score - a.score || a.index - b.index);
  return { row, experts: ranked.slice(0, topk).map(({ index }) => index) };
}

export function tarmParameters(channels: number): Parameter[] {
  return Array.from({ length: expertCount }, (_, e) => under(`expert.${e}`, expertParameters(channels))).flat();
}

/** Task-adaptive routing module: Σ w_e A_e(x) over the routed experts, `[n, c, H, W]` → `[n, c, H, W]`. */
export function tarm<T>(net: Scope<T>, x: T, { row, experts }: Route): T {
  const { ops } = net;
  const terms = experts.map((index, position) => {
    const output = expert(net.at(`expert.${index}`), x);
    if (experts.length === 1) return output; // its softmax weight is 1
    return ops.mul(output, ops.gate(ops.param('gate.matrix'), { row, experts, position }));
  });
  return terms.reduce((sum, term) => ops.add(sum, term));
}
