import type { HostTensor } from '../safetensors.ts';

/** What the fast form of residual quantization needs besides the codebook (model-spec.md 2.4). */
export interface CodebookTable {
  /** ½‖z_m‖², `[K]`. */
  readonly halfNorms: Float32Array;
  /** −Zᵀ, `[d, K]`: scores are one product with it, plus the half norms. */
  readonly negativeTransposed: Float32Array;
}

/** Above this K the Gram table takes more than 64 MiB and seconds to build: rounds are then done one by one. */
const largestGram = 4096;

/** Whether scores of the next round come from the Gram table, or from the residual itself. */
export function roundsFor(codes: number): 'gram' | 'residual' {
  return codes <= largestGram ? 'gram' : 'residual';
}

/** Norms in float64, rounded to float32. */
export function codebookTable({ shape, data }: HostTensor): CodebookTable {
  const [rows = 0, width = 0] = shape;
  const halfNorms = new Float32Array(rows);
  const negativeTransposed = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < width; i++) {
      const value = data[row * width + i] ?? 0;
      sum += value * value;
      negativeTransposed[i * rows + row] = -value;
    }
    halfNorms[row] = sum / 2;
  }
  return { halfNorms, negativeTransposed };
}

/** G = Z Zᵀ, `[K, K]`, in float64, rounded to float32. Hot loop: K²·d / 2 products. */
export function gramTable({ shape, data }: HostTensor): Float32Array {
  const [rows = 0, width = 0] = shape;
  const gram = new Float32Array(rows * rows);
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += (data[a * width + i] ?? 0) * (data[b * width + i] ?? 0);
      gram[a * rows + b] = sum;
      gram[b * rows + a] = sum;
    }
  }
  return gram;
}
