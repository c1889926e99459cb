import type { EngineName } from '../model/executors/executor.ts';
import type { EngineFinding } from '../model/executors/select.ts';
import type { Classification, DistributionLimits, RestoredSlice, RestoreRequest, Slice } from '../model/restorer.ts';
import type { Task } from '../model/tasks.ts';
import type { TrainedRange } from '../model/trained-ranges.ts';

/** Which weights on which engine. */
export interface ModelSource {
  readonly weightsPath: string;
  readonly digest: string;
  readonly engine: EngineName | 'auto';
  readonly threads: number;
}

/** What the model process says of itself when it is ready. */
export interface LoadedModel {
  readonly engine: EngineName;
  readonly findings: readonly EngineFinding[];
  readonly preset: string;
  readonly tasks: readonly Task[];
  readonly limits: Readonly<Partial<Record<Task, DistributionLimits>>>;
  readonly trainedRanges: Readonly<Partial<Record<Task, TrainedRange>>>;
}

/** What is asked of the model process, and what each question is answered with. */
interface ModelCalls {
  readonly load: { readonly asked: ModelSource; readonly answered: LoadedModel };
  readonly classify: { readonly asked: Slice; readonly answered: Classification | undefined };
  readonly restore: { readonly asked: RestoreRequest; readonly answered: RestoredSlice };
}

type ModelCall = keyof ModelCalls;

/** One question without its number. */
export type ModelAsked = { [C in ModelCall]: { readonly call: C; readonly asked: ModelCalls[C]['asked'] } }[ModelCall];

/** One answer, by the call that it answers. */
export type ModelAnswer = {
  [C in ModelCall]: { readonly call: C; readonly answered: ModelCalls[C]['answered'] };
}[ModelCall];

/** One question; its number comes back with the answer. */
export type ModelQuestion = ModelAsked & { readonly id: number };

export type ModelReply =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: ModelAnswer; readonly rssBytes: number }
  | { readonly id: number; readonly kind: 'failure'; readonly code: string; readonly message: string };
