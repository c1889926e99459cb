/** How a large slice is cut; all in pixels and multiples of 8 (model-spec.md 2.8). */
export interface TileSettings {
  /** Slices of more pixels are cut. */
  readonly above: number;
  readonly size: number;
  readonly overlap: number;
}

export const defaultTiles: TileSettings = { above: 1024 * 1024, size: 512, overlap: 64 };

/** A rectangle of the padded slice. */
export interface Tile {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A slice as the network takes it: sides are multiples of 8. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Pixels per latent position and axis. */
export const latentStride = 8;

/** Pads right and below to multiples of 8 by reflection without repeating the edge. Sides of 8 and more. */
export function padToLatents({ width, height, values }: Plane): Plane {
  const padded = { width: roundUp(width), height: roundUp(height) };
  if (padded.width === width && padded.height === height) return { width, height, values };
  const target = new Float32Array(padded.width * padded.height);
  for (let row = 0; row < padded.height; row++) {
    const source = reflect(row, height) * width;
    for (let column = 0; column < padded.width; column++) {
      target[row * padded.width + column] = values[source + reflect(column, width)] ?? 0;
    }
  }
  return { ...padded, values: target };
}

/** The upper left part. */
export function crop(plane: Plane, width: number, height: number): Float32Array {
  if (plane.width === width && plane.height === height) return plane.values;
  return cut(plane, { x: 0, y: 0, width, height });
}

/** The values of one tile, row by row. */
export function cut(plane: Plane, { x, y, width, height }: Tile): Float32Array {
  const values = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (y + row) * plane.width + x;
    values.set(plane.values.subarray(start, start + width), row * width);
  }
  return values;
}

/** Tiles that cover a padded slice, each at a multiple of 8; one tile when the slice is small enough. */
export function planTiles(width: number, height: number, settings: TileSettings): Tile[] {
  if (width * height <= settings.above) return [{ x: 0, y: 0, width, height }];
  const columns = startsAlong(width, settings);
  return startsAlong(height, settings).flatMap((y) =>
    columns.map((x) => ({ x, y, width: Math.min(width, settings.size), height: Math.min(height, settings.size) })),
  );
}

/** Evenly spaced starts; neighbours overlap by at least `overlap`. */
function startsAlong(side: number, { size, overlap }: TileSettings): number[] {
  if (side <= size) return [0];
  const count = Math.ceil((side - overlap) / (size - overlap));
  const step = (side - size) / (count - 1);
  return Array.from({ length: count }, (_, index) => Math.floor((index * step) / latentStride) * latentStride);
}

/** Puts tiles together: weights rise linearly over the overlap from each inner border, and are made to sum to 1. */
export class TileBlender {
  readonly #width: number;
  readonly #height: number;
  readonly #overlap: number;
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(width: number, height: number, overlap: number) {
    this.#width = width;
    this.#height = height;
    this.#overlap = overlap;
    this.#sums = new Float64Array(width * height);
    this.#weights = new Float64Array(width * height);
  }

  /** Adds one tile. Hot loop over its pixels. */
  add({ x, y, width, height }: Tile, values: Float32Array): void {
    const across = ramp(x, width, this.#width, this.#overlap);
    const down = ramp(y, height, this.#height, this.#overlap);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const at = (y + row) * this.#width + x + column;
        const weight = (down[row] ?? 0) * (across[column] ?? 0);
        this.#sums[at] = (this.#sums[at] ?? 0) + weight * (values[row * width + column] ?? 0);
        this.#weights[at] = (this.#weights[at] ?? 0) + weight;
      }
    }
  }

  finish(): Plane {
    const values = Float32Array.from(this.#sums, (sum, at) => sum / (this.#weights[at] ?? 1));
    return { width: this.#width, height: this.#height, values };
  }
}

/** Weights along one axis; no ramp at the border of the slice. */
function ramp(start: number, length: number, side: number, overlap: number): Float64Array {
  return Float64Array.from({ length }, (_, at) => {
    const fromStart = start === 0 ? 1 : (at + 0.5) / overlap;
    const fromEnd = start + length === side ? 1 : (length - at - 0.5) / overlap;
    return Math.min(1, fromStart, fromEnd);
  });
}

function roundUp(side: number): number {
  return Math.ceil(side / latentStride) * latentStride;
}

/** Index mirrored at the last element, which is not repeated: n → n − 2, n + 1 → n − 3. */
function reflect(index: number, length: number): number {
  return index < length ? index : 2 * (length - 1) - index;
}
