/** Every way in which the evaluate room refuses; `docs/reference/errors.md` is generated from this table. */
export const evaluateErrors = {
  EVALUATE_NO_SERIES:
    'no readable series below CT, MR or PT: give a folder that holds such subfolders with DICOM files',
  EVALUATE_NOT_EMPTY: 'the output folder holds files already: choose a new one, so that old shards are not mixed in',
} as const;

export type EvaluateErrorCode = keyof typeof evaluateErrors;

/** What evaluation and preparation can't do. Details hold counts, never values of elements. */
export class EvaluateError extends Error {
  override readonly name = 'EvaluateError';
  readonly code: EvaluateErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    code: EvaluateErrorCode,
    details: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    const parts = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${evaluateErrors[code]}`, ...parts].join(', '), options);
    this.code = code;
    this.details = details;
  }
}
