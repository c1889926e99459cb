import type { Plane } from './k-space.ts';

/** Deviation of a Gaussian of a full width at half maximum. */
export function sigmaOfFwhm(fwhm: number): number {
  return fwhm / Math.sqrt(8 * Math.LN2);
}

/** Separable Gaussian, cut at 4σ, normalised, zeros outside the image: its own adjoint. `sigma` in pixels. */
export function smooth(image: Plane, sigma: number): Plane {
  return convolveSeparable(image, gaussianKernel(sigma, Math.max(1, Math.ceil(4 * sigma))));
}

/** One half of a normalised kernel of 2·radius + 1 taps, the middle first. */
export function gaussianKernel(sigma: number, radius: number): Float64Array {
  const half = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const sum = half.reduce((total, tap, i) => total + (i === 0 ? tap : 2 * tap), 0);
  return half.map((tap) => tap / sum);
}

/** A symmetric kernel, given by its half, along rows and columns; zeros outside the image. */
export function convolveSeparable({ rows, columns, values }: Plane, half: Float64Array): Plane {
  const along = new Float64Array(values.length);
  for (let y = 0; y < rows; y++) convolve(values, along, half, { start: y * columns, stride: 1, count: columns });
  const across = new Float64Array(values.length);
  for (let x = 0; x < columns; x++) convolve(along, across, half, { start: x, stride: columns, count: rows });
  return { rows, columns, values: across };
}

interface Line {
  readonly start: number;
  readonly stride: number;
  readonly count: number;
}

function convolve(from: Float64Array, to: Float64Array, half: Float64Array, line: Line): void {
  for (let i = 0; i < line.count; i++) {
    let sum = (half[0] ?? 0) * (from[line.start + i * line.stride] ?? 0);
    for (let k = 1; k < half.length; k++) {
      const before = i - k >= 0 ? (from[line.start + (i - k) * line.stride] ?? 0) : 0;
      const after = i + k < line.count ? (from[line.start + (i + k) * line.stride] ?? 0) : 0;
      sum += (half[k] ?? 0) * (before + after);
    }
    to[line.start + i * line.stride] = sum;
  }
}
