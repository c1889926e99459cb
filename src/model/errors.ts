/** Every way in which the model room refuses; `docs/reference/errors.md` is generated from this table. */
export const modelErrors = {
  MODEL_GRAPH_SHAPE: 'the sizes of a graph do not fit: a defect of the network, or weights of another preset',
  MODEL_WEIGHTS_MISSING: 'no such weights: `models` lists those that are installed, `model.weights` names one',
  MODEL_WEIGHTS_INDEX: 'weights/index.json is not a list of weights: copy the folder again',
  MODEL_WEIGHTS_UNREADABLE: 'not a complete safetensors file of F32, F16 or BF16: copy the weights again',
  MODEL_WEIGHTS_NOT_FINITE: 'weights hold NaN or infinite values: use another checkpoint',
  MODEL_WEIGHTS_DIGEST: 'weights are not those that were published: copy them again, or correct the index',
  MODEL_WEIGHTS_FORMAT: 'weights of a format that this version does not know: use a matching version',
  MODEL_WEIGHTS_CONFIG: 'the metadata of the weights are missing or contradict the preset they name',
  MODEL_WEIGHTS_TENSORS: 'the weights lack a tensor, have one too many, or one of another shape',
  MODEL_TASK_ABSENT: 'the weights were not trained for this task: use other weights, or another task in the rule',
  MODEL_IMAGE_SIZE: 'a slice with a side below 32 pixels, or with more or fewer values than its size says',
  MODEL_ENGINE_ABSENT: 'the engine does not load on this machine: choose another, or auto',
  MODEL_ENGINE_FAILED: 'the engine could not prepare or run the graph: try another engine, see doctor',
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
