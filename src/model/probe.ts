import type { Probe } from './executors/self-test.ts';
import { restoreGraph } from './net/restore-graph.ts';
import { startNoise } from './noise.ts';
import type { Task } from './tasks.ts';
import { latentStride } from './tiling.ts';
import { gateRows, type Weights } from './weights.ts';

const side = 64;

/** One 64 × 64 tile of a task's graph: discs and ramps, and the noise of key 0. engines.md 7. */
export function probeOf(weights: Weights, task: Task): Probe {
  const { model, tensors } = weights;
  const latentSide = side / latentStride;
  const window = { x: 0, y: 0, width: latentSide, height: latentSide, channels: model.preset.latent };
  const start = { dims: [1, model.preset.latent, latentSide, latentSide], data: startNoise([0, 0], window) };
  const x = { dims: [1, 1, side, side], data: testImage() };
  const graph = restoreGraph(model, task, { noise: 'start', reference: 'own', gateRows: gateRows(weights) });
  return { graph, tensors, inputs: model.ablation.diffusion ? { x, start } : { x } };
}

/** Values in [0, 1]: a slope, a bright disc, a dark disc. */
function testImage(): Float32Array {
  return Float32Array.from({ length: side * side }, (_, at) => {
    const [row, column] = [Math.floor(at / side), at % side];
    const slope = 0.2 + (0.3 * column) / side;
    if (Math.hypot(row - 20, column - 24) < 12) return slope + 0.4;
    return Math.hypot(row - 44, column - 40) < 9 ? slope - 0.15 : slope;
  });
}
