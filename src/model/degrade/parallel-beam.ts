import { createFft } from './fft.ts';
import type { Plane } from './k-space.ts';

/** Parallel projections: `views` over 180°, `bins` centred on the axis; row-major by view. */
export interface Sinogram {
  readonly views: number;
  readonly bins: number;
  readonly values: Float64Array;
}

/** Line integrals in pixels (times the pixel's side: mm), linear interpolation across the ray's main direction. */
export function projectLines(image: Plane, views: number, bins: number): Sinogram {
  const values = new Float64Array(views * bins);
  const turned = transpose(image);
  for (let view = 0; view < views; view++) {
    const angle = (Math.PI * view) / views;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const row = values.subarray(view * bins, (view + 1) * bins);
    if (Math.abs(cos) >= Math.abs(sin)) projectAcrossRows(image, row, cos, sin);
    else projectAcrossRows(turned, row, sin, cos);
  }
  return { views, bins, values };
}

/** Rays x·along + y·across = t that run mainly across the rows: each row adds one interpolated value to each bin. */
function projectAcrossRows(image: Plane, row: Float64Array, along: number, across: number): void {
  const { rows, columns, values } = image;
  const step = 1 / along;
  const length = Math.abs(step);
  const middle = (row.length - 1) / 2;
  for (let y = 0; y < rows; y++) {
    let x = (columns - 1) / 2 - (middle + (y - (rows - 1) / 2) * across) * step;
    const from = y * columns;
    for (let bin = 0; bin < row.length; bin++, x += step) {
      if (x <= -1 || x >= columns) continue;
      const left = Math.floor(x);
      const share = x - left;
      const a = left >= 0 ? (values[from + left] ?? 0) : 0;
      const b = left + 1 < columns ? (values[from + left + 1] ?? 0) : 0;
      row[bin] = (row[bin] ?? 0) + length * (a + share * (b - a));
    }
  }
}

function transpose(image: Plane): Plane {
  const values = new Float64Array(image.values.length);
  for (let y = 0; y < image.rows; y++) {
    for (let x = 0; x < image.columns; x++) values[x * image.rows + y] = image.values[y * image.columns + x] ?? 0;
  }
  return { rows: image.columns, columns: image.rows, values };
}

/** Filtered back-projection onto `rows` × `columns` pixels; bins are as wide as a pixel. Changes the sinogram. */
export function filteredBackProjection(
  sinogram: Sinogram,
  grid: { readonly rows: number; readonly columns: number; readonly pixelMm: number },
  hannCutOff: number,
): Plane {
  filterViews(sinogram, grid.pixelMm, hannCutOff);
  const values = new Float64Array(grid.rows * grid.columns);
  for (let view = 0; view < sinogram.views; view++) addView(sinogram, view, grid, values);
  const scale = Math.PI / sinogram.views;
  return { rows: grid.rows, columns: grid.columns, values: values.map((value) => value * scale) };
}

/** Hot loop: one view smeared over the image with linear interpolation; the bins cover the diagonal, so t > 0. */
function addView(
  sinogram: Sinogram,
  view: number,
  grid: { readonly rows: number; readonly columns: number },
  values: Float64Array,
): void {
  const { bins } = sinogram;
  const row = sinogram.values.subarray(view * bins, (view + 1) * bins);
  const angle = (Math.PI * view) / sinogram.views;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let y = 0; y < grid.rows; y++) {
    let t = (y - (grid.rows - 1) / 2) * sin - ((grid.columns - 1) / 2) * cos + (bins - 1) / 2;
    const end = (y + 1) * grid.columns;
    for (let at = y * grid.columns; at < end; at++, t += cos) {
      const left = t | 0;
      const a = row[left] ?? 0;
      values[at] = (values[at] ?? 0) + a + (t - left) * ((row[left + 1] ?? 0) - a);
    }
  }
}

/** Ram-Lak, sampled in space and windowed in frequency; two views share one complex transform. */
function filterViews(sinogram: Sinogram, binMm: number, hannCutOff: number): void {
  const { views, bins, values } = sinogram;
  let length = 1;
  while (length < 2 * bins) length *= 2;
  const fft = createFft(length);
  const response = rampResponse(length, binMm, hannCutOff);
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  for (let view = 0; view < views; view += 2) {
    re.fill(0).set(values.subarray(view * bins, (view + 1) * bins));
    im.fill(0).set(values.subarray((view + 1) * bins, Math.min(views, view + 2) * bins));
    fft.forward(re, im);
    for (let k = 0; k < length; k++) {
      re[k] = (re[k] ?? 0) * (response[k] ?? 0);
      im[k] = (im[k] ?? 0) * (response[k] ?? 0);
    }
    fft.inverse(re, im);
    values.set(re.subarray(0, bins), view * bins);
    if (view + 1 < views) values.set(im.subarray(0, bins), (view + 1) * bins);
  }
}

/** Real spectrum of Δ·h (h₀ = 1/4Δ², h_odd = −1/(πkΔ)²) times a Hann window that ends at the cut-off. */
function rampResponse(length: number, binMm: number, hannCutOff: number): Float64Array {
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  re[0] = 1 / (4 * binMm);
  for (let k = 1; k < length / 2; k += 2) {
    const tap = -1 / (Math.PI * Math.PI * k * k * binMm);
    re[k] = tap;
    re[length - k] = tap;
  }
  createFft(length).forward(re, im);
  return re.map((value, k) => {
    const nyquistShare = Math.min(k, length - k) / (length / 2) / hannCutOff;
    return nyquistShare >= 1 ? 0 : value * (0.5 + 0.5 * Math.cos(Math.PI * nyquistShare));
  });
}
