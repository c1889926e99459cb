/** Every way in which the model room refuses; `docs/reference/errors.md` is generated from this table. */
export const modelErrors = {
  MODEL_GRAPH_SHAPE: 'the sizes of a graph do not fit: a defect of the network, or weights of another preset',
} as const;

export type ModelErrorCode = keyof typeof modelErrors;

/** What the model room can't do. Details hold names of tensors, sizes and digests, never pixel values. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: ModelErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const parts = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${modelErrors[code]}`, ...parts].join(', '), options);
    this.code = code;
    this.details = details;
  }
}
