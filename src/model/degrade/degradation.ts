import { keyOfText } from '../noise.ts';
import { createPhilox, type Words } from '../philox.ts';
import type { Task } from '../tasks.ts';
import { uniformOf } from './draws.ts';

/** How much is taken away: a share of the dose, or a factor of k-space per axis. 1 takes nothing away. */
export type Degradation =
  | { readonly kind: 'dose'; readonly fraction: number }
  | { readonly kind: 'k-space'; readonly rowFactor: number; readonly columnFactor: number };

/** Seed of every published evaluation (model-spec.md 2.9). */
export const evaluationSeed = 20_250_726;

const nominal: Readonly<Record<Task, Degradation>> = {
  'mri-super-resolution': { kind: 'k-space', rowFactor: 4, columnFactor: 4 },
  'ct-denoising': { kind: 'dose', fraction: 0.25 },
  'pet-synthesis': { kind: 'dose', fraction: 1 / 12 },
};

/** Shares of the training mix: exactly nominal, then milder or other; the rest is left as it is. */
const shares: Readonly<Record<Task, { readonly nominal: number; readonly varied: number }>> = {
  'mri-super-resolution': { nominal: 0.7, varied: 0.25 },
  'ct-denoising': { nominal: 0.7, varied: 0.2 },
  'pet-synthesis': { nominal: 0.5, varied: 0.4 },
};

/** Counter word that keeps the choice of a degradation apart from its noise. */
const stream = 9;

/** Whether a degradation leaves everything as it is. */
export function takesNothing(degradation: Degradation): boolean {
  if (degradation.kind === 'dose') return degradation.fraction >= 1;
  return degradation.rowFactor <= 1 && degradation.columnFactor <= 1;
}

/** 4× per axis, quarter dose, a twelfth of the counts. */
export function nominalDegradation(task: Task): Degradation {
  return nominal[task];
}

/**
 * Realisation `index` of `count` of the training mix (model-spec.md 2.9) for one slice or series. The realisations of
 * one source are spread evenly over the shares, from a start that its words draw.
 */
export function mixedDegradation(task: Task, words: Words, index: number, count: number): Degradation {
  const start = uniformOf(words(0, 0, 0, stream)[0] ?? 0);
  const place = (start + index / count) % 1;
  const drawn = words(index + 1, 0, 0, stream);
  const [a, b] = [uniformOf(drawn[0] ?? 0), uniformOf(drawn[1] ?? 0)];
  const { nominal: exact, varied } = shares[task];
  if (place < exact) return nominal[task];
  return place < exact + varied ? variedDegradation(task, a, b) : nothingTaken(task);
}

function variedDegradation(task: Task, a: number, b: number): Degradation {
  switch (task) {
    case 'mri-super-resolution':
      return { kind: 'k-space', rowFactor: 2 + 2 * a, columnFactor: 2 + 2 * b };
    case 'ct-denoising':
      return { kind: 'dose', fraction: logUniform(0.1, 0.7, a) };
    case 'pet-synthesis':
      return { kind: 'dose', fraction: logUniform(1 / 20, 1 / 2, a) };
    default:
      return task satisfies never;
  }
}

function nothingTaken(task: Task): Degradation {
  return task === 'mri-super-resolution'
    ? { kind: 'k-space', rowFactor: 1, columnFactor: 1 }
    : { kind: 'dose', fraction: 1 };
}

function logUniform(low: number, high: number, uniform: number): number {
  return low * (high / low) ** uniform;
}

/** The random words of one source slice: key text of model-spec.md 2.9. `frame` counts from 1. */
export function lowQualityWords(seed: number, sopInstanceUid: string, frame: number, task: Task): Words {
  return createPhilox(keyOfText(['diffcode-lq-v1', seed, sopInstanceUid, frame, task].join('\n')));
}
