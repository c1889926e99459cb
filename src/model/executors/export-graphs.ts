import type { Init, Stage } from '../net/parameter.ts';
import { modelParameters, stageOf } from '../net/parameters.ts';
import { classifyGraph, restoreGraph } from '../net/restore-graph.ts';
import {
  backboneGraph,
  encodeGraph,
  priorGraph,
  stage1Graph,
  stage2Graph,
  stage3Graph,
} from '../net/training-graphs.ts';
import type { Graph } from '../ops.ts';
import type { ModelShape } from '../presets.ts';
import { type Task, tasks } from '../tasks.ts';
import type { GraphJson } from './graph-ir.ts';
import { trace } from './trace.ts';

/** One row of `parameters.json`: all that a trainer has to know about a tensor. */
export interface ExportedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
  /** Stage that trains it; `none`: a buffer. */
  readonly trainedInStage: Stage;
}

/**
 * All graphs of a model by name (engines.md 5): `classify` and, per task, `evq/<task>`, `stage1/<task>`,
 * `stage2/<task>`, `prior/<task>`, `backbone/<task>`, `stage3/<task>`, `restore/<task>`, as far as the ablation has
 * them. `restore` takes `start` alone (η = 0). For the swap test replace the codebook's name in `prior/<task>`.
 */
export function exportGraphs(model: ModelShape): Record<string, GraphJson> {
  const shapes = new Map(modelParameters(model).map(({ name, shape }) => [name, shape]));
  const graphs = [
    ...(model.ablation.tars ? [classifyGraph()] : []),
    ...tasks.flatMap((task) => taskGraphs(model, task)),
  ];
  return Object.fromEntries(graphs.map((graph) => [graph.name, trace(graph, shapes)]));
}

function taskGraphs(model: ModelShape, task: Task): Graph[] {
  const restoration = [
    backboneGraph(model, task),
    stage3Graph(model, task),
    restoreGraph(model, task, { noise: 'start', reference: 'own' }),
  ];
  if (!model.ablation.prior) return restoration;
  const prior = [encodeGraph, stage1Graph, stage2Graph, priorGraph].map((make) => make(model, task));
  return [...prior, ...restoration];
}

/** Every tensor of the training form, in file order. */
export function exportParameters(model: ModelShape): ExportedParameter[] {
  return modelParameters(model).map((parameter) => ({ ...parameter, trainedInStage: stageOf(parameter.name, model) }));
}
