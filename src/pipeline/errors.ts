/** What can go wrong with the work on a series; `docs/reference/errors.md` is generated from this table. */
export const pipelineErrors = {
  PIPELINE_SOURCE_UNREADABLE: 'a source file is missing or cannot be read: look at the disk, then at `doctor`',
  PIPELINE_MODEL_LOST: 'the model process ended in the middle of its work: it is started again',
  PIPELINE_MODEL_TIMEOUT: 'the model process did not answer in time and was ended: see model.sliceDeadlineMs',
  PIPELINE_MODEL_FAILED: 'the model process refused its work',
  PIPELINE_TASK_REFUSED: 'the weights have no such task: name other weights, or change the rule',
  PIPELINE_UID_COLLISION: 'a derived UID exists already for another source: nothing is sent',
  PIPELINE_CANCELLED: 'the work was stopped before its end',
} as const;

export type PipelineErrorCode = keyof typeof pipelineErrors;

/** A failed attempt at a series. Details hold counts, lengths and codes, never values of elements or paths. */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  readonly code: PipelineErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    code: PipelineErrorCode,
    details: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    const numbers = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${pipelineErrors[code]}`, ...numbers].join(', '), options);
    this.code = code;
    this.details = details;
  }
}
