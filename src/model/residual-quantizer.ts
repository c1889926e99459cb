import type { HostTensor } from './safetensors.ts';

/** One position's path through a codebook, in float64: the truth that executors are held to. */
export interface QuantisedPath {
  /** Chosen row at each depth. */
  readonly codes: readonly number[];
  /** Second best score minus best at each depth, scores ½‖z_m‖² − ⟨R, z_m⟩. */
  readonly margins: readonly number[];
}

/** Residual quantization of one latent vector in float64, round by round. model-spec.md 2.4. */
export function quantisePath(latent: ArrayLike<number>, codebook: HostTensor, depth: number): QuantisedPath {
  const residual = Float64Array.from(latent);
  const codes: number[] = [];
  const margins: number[] = [];
  for (let round = 0; round < depth; round++) {
    const { code, margin } = nearestRow(residual, codebook);
    codes.push(code);
    margins.push(margin);
    subtractRow(residual, codebook, code);
  }
  return { codes, margins };
}

/** Margin below which another executor may choose otherwise: 1e-5 · max(1, ½‖z‖²). model-spec.md 2.4. */
export function marginLimit(latent: ArrayLike<number>): number {
  return 1e-5 * Math.max(1, squaredNorm(latent) / 2);
}

/** ‖z‖². */
export function squaredNorm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] ?? 0) ** 2;
  return sum;
}

/** R −= codebook[code], in place. */
export function subtractRow(residual: Float64Array, { shape, data }: HostTensor, code: number): void {
  const [, width = 0] = shape;
  for (let i = 0; i < width; i++) residual[i] = (residual[i] ?? 0) - (data[code * width + i] ?? 0);
}

/** Lowest index among the best, and how far the second best is. Hot loop over K rows of d values. */
function nearestRow(residual: Float64Array, { shape, data }: HostTensor): { code: number; margin: number } {
  const [rows = 0, width = 0] = shape;
  let code = 0;
  let best = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    let score = 0;
    for (let i = 0; i < width; i++) {
      const value = data[row * width + i] ?? 0;
      score += value * (value / 2 - (residual[i] ?? 0));
    }
    if (score < best) {
      second = best;
      best = score;
      code = row;
    } else if (score < second) second = score;
  }
  return { code, margin: second - best };
}
