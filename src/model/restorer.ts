import { ModelError } from './errors.ts';
import type { EngineName, Tensor, Tensors } from './executors/executor.ts';
import { chooseEngine, type EngineFinding } from './executors/select.ts';
import { codebookName } from './net/codebook-bank.ts';
import { stepNoiseName } from './net/inputs.ts';
import { type LatentWindow, startNoise, stepNoiseAt } from './noise.ts';
import {
  type CodebookDistance,
  codebookDistance,
  featureDistance,
  meanDistance,
  softmax,
} from './out-of-distribution.ts';
import type { PhiloxKey } from './philox.ts';
import { probeOf } from './probe.ts';
import { Programs } from './programs.ts';
import type { HostTensor } from './safetensors.ts';
import { diffusionSteps } from './schedule.ts';
import { byTask, type Task, taskIndex, tasks } from './tasks.ts';
import {
  crop,
  cut,
  defaultTiles,
  latentStride,
  type Plane,
  padToLatents,
  planTiles,
  type Tile,
  TileBlender,
  type TileSettings,
} from './tiling.ts';
import type { Weights } from './weights.ts';

/** One slice or frame, row by row. */
export interface Slice {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** A slice in the unit range (model-spec.md 2.8), and what its noise depends on. */
export interface RestoreRequest extends Slice {
  readonly task: Task;
  readonly noiseKey: PhiloxKey;
  /** 0 for the restoration, 1 for samples that show uncertainty. */
  readonly eta: number;
  /** Evaluation only; `own` unless given. */
  readonly reference?: 'own' | 'zero' | 'swap';
}

export interface RestoredSlice {
  /** In [0, 1], as many as the input's; padding and the upper end of the range are the caller's to keep. */
  readonly values: Float32Array;
  /** Out-of-distribution scores; `undefined` for weights without codebooks. */
  readonly distance: CodebookDistance | undefined;
  /** 1 unless the slice was too large for one run. */
  readonly tiles: number;
}

/** What the classifier says of one slice. Logits of a series are averaged before the task is read off. */
export interface Classification {
  readonly logits: Readonly<Record<Task, number>>;
  readonly probabilities: Readonly<Record<Task, number>>;
  /** RMS of the standardised features, by the statistics of each task. */
  readonly featureDistances: Readonly<Record<Task, number>>;
}

/** Upper limits of the scores, means over a series (model-spec.md 2.4). */
export interface DistributionLimits {
  readonly residualShare: number;
  readonly firstResidualShare: number;
  readonly featureDistance: number;
  /** Of 1 − p of the task. */
  readonly doubt: number;
}

export interface RestorerOptions {
  readonly weights: Weights;
  readonly engine: EngineName | 'auto';
  /** Threads of one operator on the CPU. */
  readonly threads: number;
  readonly tiles?: TileSettings;
}

/** Opens an engine and gives the model on it. Throws ModelError MODEL_ENGINE_ABSENT · MODEL_ENGINE_FAILED */
export async function createRestorer({ weights, engine, threads, tiles }: RestorerOptions): Promise<Restorer> {
  const [first = tasks[0]] = weights.tasks;
  const { executor, findings } = await chooseEngine({ engine, threads, probe: probeOf(weights, first) });
  const programs = new Programs(executor, weights);
  return new Restorer({ weights, programs, engine: executor.engine, findings, tiles: tiles ?? defaultTiles });
}

interface Parts {
  readonly weights: Weights;
  readonly programs: Programs;
  readonly engine: EngineName;
  readonly findings: readonly EngineFinding[];
  readonly tiles: TileSettings;
}

/** A model on an engine. One run at a time: `run` of the CPU engines holds the event loop (engines.md 3). */
export class Restorer {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get engine(): EngineName {
    return this.#parts.engine;
  }

  /** What became of every engine that was considered. */
  get findings(): readonly EngineFinding[] {
    return this.#parts.findings;
  }

  /** Of a slice in physical values, standardised by its own mean and deviation; `undefined` without a classifier. */
  async classify({ values, rows, columns }: Slice): Promise<Classification | undefined> {
    const { weights, programs } = this.#parts;
    if (!weights.model.ablation.tars) return undefined;
    const program = await programs.classify();
    const { logits, feature } = await program.run({ slice: { dims: [1, 1, rows, columns], data: values } });
    return classification(weights, dataOf(logits), dataOf(feature));
  }

  /** Restores one slice of any size from 32 × 32. Throws ModelError MODEL_TASK_ABSENT · _IMAGE_SIZE · _ENGINE_FAILED */
  async restoreSlice(request: RestoreRequest): Promise<RestoredSlice> {
    refuseImpossible(request, this.#parts.weights);
    const { columns: width, rows: height, values } = request;
    const plane = padToLatents({ width, height, values });
    const tiles = planTiles(plane.width, plane.height, this.#parts.tiles);
    const parts: (CodebookDistance | undefined)[] = [];
    const blender = new TileBlender(plane.width, plane.height, this.#parts.tiles.overlap);
    for (const tile of tiles) {
      const { restored, distance } = await this.#restoreTile(plane, tile, request);
      parts.push(distance);
      if (tiles.length === 1) return finish({ ...plane, values: restored }, request, parts);
      blender.add(tile, restored);
    }
    return finish(blender.finish(), request, parts);
  }

  async release(): Promise<void> {
    await this.#parts.programs.release();
  }

  async #restoreTile(
    plane: Plane,
    tile: Tile,
    { task, eta, noiseKey, reference = 'own' }: RestoreRequest,
  ): Promise<{ restored: Float32Array; distance: CodebookDistance | undefined }> {
    const { weights, programs } = this.#parts;
    const program = await programs.restore({ task, noise: eta === 0 ? 'start' : 'start-and-steps', reference });
    const x: Tensor = { dims: [1, 1, tile.height, tile.width], data: cut(plane, tile) };
    const outputs = await program.run({ x, ...noiseInputs(weights, tile, noiseKey, eta) });
    const restored = dataOf(outputs['restored']);
    const { latent, indices } = outputs;
    if (latent === undefined || indices === undefined) return { restored, distance: undefined };
    const codebook = tensorOf(weights, codebookName(task, weights.model.ablation.bank));
    return { restored, distance: codebookDistance(latent, indices, codebook) };
  }
}

/** The calibrated limits of a task; `undefined` for weights that have none. */
export function distributionLimits(weights: Weights, task: Task): DistributionLimits | undefined {
  const limits = weights.tensors.get('ood.limits');
  if (limits === undefined) return undefined;
  const [residualShare = 0, firstResidualShare = 0, feature = 0, doubt = 0] = limits.data.subarray(4 * taskIndex(task));
  return { residualShare, firstResidualShare, featureDistance: feature, doubt };
}

const shortestSide = 32;

function refuseImpossible({ values, rows, columns, task }: RestoreRequest, weights: Weights): void {
  if (!weights.tasks.includes(task)) throw new ModelError('MODEL_TASK_ABSENT', { task });
  if (rows < shortestSide || columns < shortestSide || values.length !== rows * columns) {
    throw new ModelError('MODEL_IMAGE_SIZE', { rows, columns, values: values.length });
  }
}

/** Start noise, and with η > 0 also η·n_t of every step; none for models without a chain. */
function noiseInputs({ model }: Weights, tile: Tile, key: PhiloxKey, eta: number): Tensors {
  if (!model.ablation.diffusion) return {};
  const window: LatentWindow = {
    x: tile.x / latentStride,
    y: tile.y / latentStride,
    width: tile.width / latentStride,
    height: tile.height / latentStride,
    channels: model.preset.latent,
  };
  const dims = [1, window.channels, window.height, window.width];
  const inputs: Record<string, Tensor> = { start: { dims, data: startNoise(key, window) } };
  if (eta === 0) return inputs;
  for (let t = diffusionSteps; t > 1; t--) {
    inputs[stepNoiseName(t)] = { dims, data: stepNoiseAt(key, window, t).map((value) => eta * value) };
  }
  return inputs;
}

function finish(
  plane: Plane,
  { rows, columns }: Slice,
  parts: readonly (CodebookDistance | undefined)[],
): RestoredSlice {
  const distances = parts.flatMap((part) => (part === undefined ? [] : [part]));
  const distance = distances.length === 0 ? undefined : meanDistance(distances);
  return { values: crop(plane, columns, rows), distance, tiles: parts.length };
}

function classification(weights: Weights, logits: Float32Array, feature: Float32Array): Classification {
  const probabilities = softmax(logits);
  const mean = tensorOf(weights, 'ood.feature.mean');
  const std = tensorOf(weights, 'ood.feature.std');
  return {
    logits: byTask((index) => logits[index] ?? 0),
    probabilities: byTask((index) => probabilities[index] ?? 0),
    featureDistances: byTask((index) => featureDistance(feature, mean, std, index)),
  };
}

function tensorOf({ tensors }: Weights, name: string): HostTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new ModelError('MODEL_WEIGHTS_TENSORS', { missing: name });
  return tensor;
}

function dataOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new ModelError('MODEL_ENGINE_FAILED', { output: 'absent or of another type' });
}
