import { availableParallelism } from 'node:os';
import type { ModelProcessOptions } from './model-process.ts';
import type { SeriesWork } from './series-work.ts';

/** How the model process of a series is started; `auto` threads leave one core to receiving. */
export function modelSourceOf({ weights, model }: Pick<SeriesWork, 'weights' | 'model'>): ModelProcessOptions {
  const threads = model.threads === 'auto' ? Math.max(1, availableParallelism() - 1) : model.threads;
  return {
    source: { weightsPath: weights.path, digest: weights.digest, engine: model.engine, threads },
    sliceDeadlineMs: model.sliceDeadlineMs,
    memoryBytes: model.memoryMiB * 2 ** 20,
  };
}
