import type { GraphJson, GraphNode } from './graph-ir.ts';

/** Which nodes are lowered in another form than one by one (engines.md D8 and 4). */
export interface LoweringPlan {
  /** Convolution results that are made as two halves of their channels, for a gate that multiplies them. */
  readonly halved: ReadonlySet<string>;
  /** Convolution result → vector parameter that scales it: folded into the weights. */
  readonly scaledBy: ReadonlyMap<string, string>;
  /** Values that some node or output reads. */
  readonly used: ReadonlySet<string>;
}

/** Looks for gates and residual scales. A value may be changed only where its single reader is the one it is for. */
export function planLowering(graph: GraphJson): LoweringPlan {
  const uses = countUses(graph);
  const makers = new Map(graph.nodes.flatMap((node) => node.out.map((name) => [name, node] as const)));
  const vectors = new Set(graph.params.filter(({ dims }) => dims.length === 1).map(({ name }) => name));
  const halved = new Set<string>();
  const scaledBy = new Map<string, string>();
  for (const node of graph.nodes) {
    if (node.op === 'simpleGate') for (const value of gateBranch(node.in[0], makers, uses)) halved.add(value);
    if (node.op === 'mul' && isFoldable(node.in, makers, uses, vectors)) scaledBy.set(...node.in);
  }
  return { halved, scaledBy, used: new Set(uses.keys()) };
}

function countUses(graph: GraphJson): Map<string, number> {
  const uses = new Map<string, number>();
  const names = [...graph.nodes.flatMap((node) => [...node.in]), ...graph.outputs.map(({ value }) => value)];
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

/** The convolutions before a gate, back to the one that mixes channels; none where something else is in between. */
function gateBranch(
  gated: string,
  makers: ReadonlyMap<string, GraphNode>,
  uses: ReadonlyMap<string, number>,
): readonly string[] {
  const branch: string[] = [];
  let value = gated;
  for (;;) {
    const maker = makers.get(value);
    if (maker?.op !== 'conv2d' || uses.get(value) !== 1) return [];
    branch.push(value);
    if (maker.attrs.groups === 1) return branch;
    value = maker.in[0];
  }
}

function isFoldable(
  [x, factor]: readonly [string, string],
  makers: ReadonlyMap<string, GraphNode>,
  uses: ReadonlyMap<string, number>,
  vectors: ReadonlySet<string>,
): boolean {
  return makers.get(x)?.op === 'conv2d' && uses.get(x) === 1 && vectors.has(factor);
}
