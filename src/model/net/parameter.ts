/** How a parameter starts in training (model-spec.md 2.2, 2.4, 2.6). */
export type Init =
  /** Uniform in ±1/√fanIn: PyTorch's `kaiming_uniform_(a=√5)` of a weight, and its default for a bias. */
  | { readonly kind: 'kaiming-uniform'; readonly fanIn: number; readonly zeroInputChannel?: number }
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  /** Given values, row by row. */
  | { readonly kind: 'values'; readonly values: readonly number[] }
  /** Row 0 is the frozen zero vector, the other rows come from k-means (model-spec.md 2.4). */
  | { readonly kind: 'k-means' };

/** Training stage that changes a parameter; `none` is a buffer, set once at the end of a stage or never. */
export type Stage = 0 | 1 | 2 | 3 | 'none';

/** One tensor of the weights file (model-spec.md 5). */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
}

/** Puts `prefix.` before every name. */
export function under(prefix: string, parameters: readonly Parameter[]): Parameter[] {
  return parameters.map((parameter) => ({ ...parameter, name: `${prefix}.${parameter.name}` }));
}

export function zeros(name: string, ...shape: number[]): Parameter {
  return { name, shape, init: { kind: 'zeros' } };
}

export function ones(name: string, ...shape: number[]): Parameter {
  return { name, shape, init: { kind: 'ones' } };
}

/** `weight` of the given shape and, unless told otherwise, `bias`, in PyTorch's default start. */
export function weightAndBias(shape: readonly number[], bias: 'with-bias' | 'no-bias' = 'with-bias'): Parameter[] {
  const [outputs = 1, ...inputs] = shape;
  const init: Init = { kind: 'kaiming-uniform', fanIn: inputs.reduce((product, size) => product * size, 1) };
  const weight: Parameter = { name: 'weight', shape, init };
  return bias === 'no-bias' ? [weight] : [weight, { name: 'bias', shape: [outputs], init }];
}

/** Number of values of all parameters together. */
export function countValues(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
