import type { Tensor } from './executors/executor.ts';
import { squaredNorm, subtractRow } from './residual-quantizer.ts';
import type { HostTensor } from './safetensors.ts';

/** How far a slice's latents are from the codebook: means over positions (model-spec.md 2.4). */
export interface CodebookDistance {
  /** ‖ẑ − ẑ_q‖² / ‖ẑ‖² after all depths. */
  readonly residualShare: number;
  /** The same after the first depth. */
  readonly firstResidualShare: number;
  /** Latent positions that the means are over. */
  readonly positions: number;
}

/** From `latent` `[1, d, h, w]` and `codes` `[1, h, w, D]`, in float64. A zero latent has no distance. */
export function codebookDistance(latent: Tensor, codes: Tensor, codebook: HostTensor): CodebookDistance {
  const [, width = 0, rows = 0, columns = 0] = latent.dims;
  const depth = codes.dims[3] ?? 0;
  const positions = rows * columns;
  let [residuals, firstResiduals] = [0, 0];
  const residual = new Float64Array(width);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < width; i++) residual[i] = latent.data[i * positions + position] ?? 0;
    const norm = squaredNorm(residual);
    if (norm === 0) continue;
    for (let round = 0; round < depth; round++) {
      subtractRow(residual, codebook, codes.data[position * depth + round] ?? 0);
      if (round === 0) firstResiduals += squaredNorm(residual) / norm;
    }
    residuals += squaredNorm(residual) / norm;
  }
  return { residualShare: residuals / positions, firstResidualShare: firstResiduals / positions, positions };
}

/** Mean of several parts of one slice, each by its number of positions. */
export function meanDistance(parts: readonly CodebookDistance[]): CodebookDistance {
  const positions = parts.reduce((sum, part) => sum + part.positions, 0);
  const mean = (of: (part: CodebookDistance) => number) =>
    parts.reduce((sum, part) => sum + of(part) * part.positions, 0) / positions;
  return {
    residualShare: mean((part) => part.residualShare),
    firstResidualShare: mean((part) => part.firstResidualShare),
    positions,
  };
}

/** RMS over the features of (f − mean) / std, with the task's row of both statistics. */
export function featureDistance(feature: Float32Array, mean: HostTensor, std: HostTensor, row: number): number {
  const offset = row * feature.length;
  let sum = 0;
  for (const [i, value] of feature.entries()) {
    sum += ((value - (mean.data[offset + i] ?? 0)) / (std.data[offset + i] ?? 1)) ** 2;
  }
  return Math.sqrt(sum / feature.length);
}

/** Softmax in float64. */
export function softmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
