/** A size: a number, or a symbolic one such as `n`, `h`, `8h` (= 8·h) or `H` (any). */
export type Dim = number | string;

/** Stride, zero padding on all four sides, and groups of a convolution; the kernel's size is its weight's. */
export interface Window {
  readonly stride: 1 | 2;
  readonly pad: 0 | 1;
  readonly groups: number;
}

/** Softmax weight of the expert at `position` of `experts`, over those entries of row `row` of the gate matrix. */
export interface GateChoice {
  readonly row: number;
  readonly experts: readonly number[];
  readonly position: number;
}

/** What residual quantization gives for latents `[n, d, h, w]` (model-spec.md 2.4). */
export interface Quantised<T> {
  /** Code of each depth, integers, `[n, h, w, D]`. */
  readonly codes: T;
  /** Sum of the chosen codebook rows, `[n, d, h, w]`. */
  readonly quantised: T;
  /** Sums of the first 1..D rows, `[D, n, d, h, w]`; training needs them. */
  readonly partials: T;
}

/**
 * The operations that networks are written in (model-spec.md 6, engines.md 5). `T` is a tensor of an executor.
 *
 * Images are `[n, c, H, W]`; channels are axis 1 of rank 4 and of rank 2. The second operand of `add`, `sub`, `mul`
 * and `div` has the first's shape, or is `[n, c, 1, 1]`, or a vector `[c]` over the channels, or `[1]`.
 */
export interface Ops<T> {
  input(name: string, dims: readonly Dim[]): T;
  /** A parameter or buffer by its name in the weights file (model-spec.md 5). */
  param(name: string): T;
  output(name: string, x: T): void;
  /** Row `index` of a matrix, as a vector. */
  row(matrix: T, index: number): T;
  /** Weight `[cout, cin / groups, k, k]`. */
  conv2d(x: T, weight: T, bias: T | undefined, window: Window): T;
  /** Weight `[cout, cin]`, applied to the channels of rank 2 or, at each position, of rank 4. */
  linear(x: T, weight: T, bias: T): T;
  /** Over the channels at each pixel, biased variance: (x − μ) / √(v + epsilon) · gain + shift. */
  layerNorm(x: T, gain: T, shift: T, epsilon: number): T;
  /** First half of the channels times the second half. */
  simpleGate(x: T): T;
  /** Mean over H and W, `[n, c, 1, 1]`. */
  globalMean(x: T): T;
  /** `out[c, 2i+a, 2j+b] = in[4c+2a+b, i, j]`. */
  pixelShuffle(x: T): T;
  /** Along the channels. */
  concat(a: T, b: T): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  /** factor · x + offset. */
  affine(x: T, factor: number, offset: number): T;
  leakyRelu(x: T, slope: number): T;
  clamp(x: T, low: number, high: number): T;
  /** A vector `[1]`. */
  gate(matrix: T, choice: GateChoice): T;
  /** Residual quantization with one codebook `[K, d]` in `depth` rounds. */
  quantize(z: T, codebook: T, depth: number): Quantised<T>;
}

/** A computation over the op-set that names its inputs and outputs: any executor can run it. */
export interface Graph {
  readonly name: string;
  build<T>(ops: Ops<T>): void;
}
