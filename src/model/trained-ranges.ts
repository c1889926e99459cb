import { ModelError } from './errors.ts';
import { type Task, tasks } from './tasks.ts';
import type { Weights } from './weights.ts';

/** Range of degradation that training has seen, in the measure that a series is assessed by. */
export interface TrainedRange {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The ranges that stand in the metadata of a weights file under `applicability`, by task; a task without one can't be
 * assessed. Throws ModelError MODEL_WEIGHTS_CONFIG where the text is no such table.
 */
export function trainedRanges({ metadata }: Weights): Readonly<Partial<Record<Task, TrainedRange>>> {
  const text = metadata.get('applicability');
  if (text === undefined) return {};
  const table = parseTable(text);
  return Object.fromEntries(
    tasks.flatMap((task) => {
      const range = table.get(task);
      return range === undefined ? [] : [[task, readRange(range)]];
    }),
  );
}

function parseTable(text: string): ReadonlyMap<string, unknown> {
  try {
    const table: unknown = JSON.parse(text);
    if (typeof table === 'object' && table !== null) return new Map<string, unknown>(Object.entries(table));
  } catch (cause) {
    throw new ModelError('MODEL_WEIGHTS_CONFIG', { key: 'applicability' }, { cause });
  }
  throw new ModelError('MODEL_WEIGHTS_CONFIG', { key: 'applicability' });
}

function readRange(range: unknown): TrainedRange {
  const isRange = typeof range === 'object' && range !== null && 'lower' in range && 'upper' in range;
  if (!isRange || typeof range.lower !== 'number' || typeof range.upper !== 'number') {
    throw new ModelError('MODEL_WEIGHTS_CONFIG', { key: 'applicability' });
  }
  return { lower: range.lower, upper: range.upper };
}
