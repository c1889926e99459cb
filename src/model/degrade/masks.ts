/** A set of pixels, 0 or 1, row-major. */
export interface Mask {
  readonly rows: number;
  readonly columns: number;
  readonly on: Uint8Array;
}

/** Pixels whose (2r+1)² neighbourhood touches the mask. */
export function dilate(mask: Mask, radius: number): Mask {
  const { rows, columns } = mask;
  const sums = boxSums(mask.on, rows, columns, radius);
  return { rows, columns, on: Uint8Array.from(sums, (sum) => (sum > 0 ? 1 : 0)) };
}

/** Pixels whose (2r+1)² neighbourhood lies in the mask; outside the image is not in it. */
export function erode(mask: Mask, radius: number): Mask {
  const { rows, columns } = mask;
  const full = (2 * radius + 1) ** 2;
  const sums = boxSums(mask.on, rows, columns, radius);
  return { rows, columns, on: Uint8Array.from(sums, (sum) => (sum === full ? 1 : 0)) };
}

/** Dilation, then erosion, as if the image went on in zeros: holes up to 2r wide are filled. */
export function close(mask: Mask, radius: number): Mask {
  const grown = erode(dilate(framed(mask, 2 * radius), radius), radius);
  const on = new Uint8Array(mask.on.length);
  for (let y = 0; y < mask.rows; y++) {
    const from = (y + 2 * radius) * grown.columns + 2 * radius;
    on.set(grown.on.subarray(from, from + mask.columns), y * mask.columns);
  }
  return { ...mask, on };
}

function framed(mask: Mask, width: number): Mask {
  const rows = mask.rows + 2 * width;
  const columns = mask.columns + 2 * width;
  const on = new Uint8Array(rows * columns);
  for (let y = 0; y < mask.rows; y++) {
    on.set(mask.on.subarray(y * mask.columns, (y + 1) * mask.columns), (y + width) * columns + width);
  }
  return { rows, columns, on };
}

/** Everything that the border can't reach through pixels outside the mask (4-neighbours). */
export function fillHoles(mask: Mask): Mask {
  const { rows, columns, on } = mask;
  const outside = new Uint8Array(on.length);
  const stack: number[] = [];
  const visit = (index: number): void => {
    if (on[index] === 1 || outside[index] === 1) return;
    outside[index] = 1;
    stack.push(index);
  };
  for (let x = 0; x < columns; x++) {
    visit(x);
    visit((rows - 1) * columns + x);
  }
  for (let y = 0; y < rows; y++) {
    visit(y * columns);
    visit(y * columns + columns - 1);
  }
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    const x = index % columns;
    if (x > 0) visit(index - 1);
    if (x < columns - 1) visit(index + 1);
    if (index >= columns) visit(index - columns);
    if (index < on.length - columns) visit(index + columns);
  }
  return { rows, columns, on: outside.map((out) => 1 - out) };
}

export function countOn(mask: Mask): number {
  return mask.on.reduce((sum, on) => sum + on, 0);
}

/** Sum over the (2r+1)² neighbourhood, cut at the borders, by running sums along rows and columns. */
export function boxSums(values: ArrayLike<number>, rows: number, columns: number, radius: number): Float64Array {
  const along = new Float64Array(rows * columns);
  for (let y = 0; y < rows; y++) runningSum(values, along, y * columns, 1, columns, radius);
  const sums = new Float64Array(rows * columns);
  for (let x = 0; x < columns; x++) runningSum(along, sums, x, columns, rows, radius);
  return sums;
}

function runningSum(
  from: ArrayLike<number>,
  to: Float64Array,
  start: number,
  stride: number,
  count: number,
  radius: number,
): void {
  let sum = 0;
  for (let i = 0; i < Math.min(radius, count); i++) sum += from[start + i * stride] ?? 0;
  for (let i = 0; i < count; i++) {
    if (i + radius < count) sum += from[start + (i + radius) * stride] ?? 0;
    if (i - radius > 0) sum -= from[start + (i - radius - 1) * stride] ?? 0;
    to[start + i * stride] = sum;
  }
}
