import type { GateValue } from '../../ledger/ledger.ts';
import type { Classification, DistributionLimits, RestoredSlice } from '../../model/restorer.ts';
import { type Task, tasks } from '../../model/tasks.ts';
import { judged, Mean } from './measure.ts';

const scoreNames = ['residualShare', 'firstResidualShare', 'featureDistance', 'doubt'] as const;

/**
 * Whether a series looks like what the weights were trained on: the classifier agrees with the task, and codebook and
 * feature distances lie within the calibrated range of the weights (model-spec.md 2.4). Means over the slices.
 */
export class Distribution {
  readonly #task: Task;
  readonly #limits: DistributionLimits | undefined;
  readonly #factor: number;
  readonly #logits: Readonly<Record<Task, Mean>>;
  readonly #scores: Readonly<Record<(typeof scoreNames)[number], Mean>>;

  constructor(task: Task, limits: DistributionLimits | undefined, factor: number) {
    this.#task = task;
    this.#limits = limits;
    this.#factor = factor;
    this.#logits = { 'mri-super-resolution': new Mean(), 'ct-denoising': new Mean(), 'pet-synthesis': new Mean() };
    this.#scores = {
      residualShare: new Mean(),
      firstResidualShare: new Mean(),
      featureDistance: new Mean(),
      doubt: new Mean(),
    };
  }

  /** What the model says of one slice; nothing from weights without a classifier, or without codebooks. */
  add(classified: Classification | undefined, { distance }: RestoredSlice): void {
    if (classified !== undefined) {
      for (const task of tasks) this.#logits[task].add(classified.logits[task]);
      this.#scores.featureDistance.add(classified.featureDistances[this.#task]);
      this.#scores.doubt.add(1 - classified.probabilities[this.#task]);
    }
    if (distance !== undefined) {
      this.#scores.residualShare.add(distance.residualShare);
      this.#scores.firstResidualShare.add(distance.firstResidualShare);
    }
  }

  values(): readonly GateValue[] {
    return [...this.#classifier(), ...scoreNames.flatMap((name) => this.#score(name))];
  }

  /** 1 when the mean logits of the series name its task. */
  #classifier(): readonly GateValue[] {
    if (this.#logits[this.#task].count === 0) return [];
    const best = tasks.toSorted((a, b) => this.#logits[b].value - this.#logits[a].value)[0];
    return [judged('classifier-agrees', best === this.#task ? 1 : 0, { lower: 1 })];
  }

  #score(name: (typeof scoreNames)[number]): readonly GateValue[] {
    const mean = this.#scores[name];
    if (mean.count === 0 || this.#limits === undefined) return [];
    return [judged(`distribution-${name}`, mean.value, { upper: this.#factor * this.#limits[name] })];
  }
}
