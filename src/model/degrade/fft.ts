/** A complex row in place: real and imaginary parts, float64. */
interface ComplexRow {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Discrete Fourier transform of one length; holds its tables and scratch, so it serves one caller at a time. */
export interface Fft {
  readonly length: number;
  /** Σ x e^{−2πi jk/n}, in place, without scaling. */
  forward(re: Float64Array, im: Float64Array): void;
  /** (1/n) Σ X e^{+2πi jk/n}, in place. */
  inverse(re: Float64Array, im: Float64Array): void;
}

/** A transform of any length ≥ 1 in O(n log n): radix 2 for powers of two, Bluestein's chirp for all others. */
export function createFft(length: number): Fft {
  const forward = isPowerOfTwo(length) ? radixTwo(length) : bluestein(length);
  return {
    length,
    forward,
    inverse: (re, im) => {
      forward(im, re); // swapping the parts conjugates twice: the inverse without a second set of tables
      for (let i = 0; i < length; i++) {
        re[i] = (re[i] ?? 0) / length;
        im[i] = (im[i] ?? 0) / length;
      }
    },
  };
}

/** Two-dimensional transform in place over `rows` × `columns`, row-major. */
export function fft2(
  plane: ComplexRow,
  rows: number,
  columns: number,
  direction: 'forward' | 'inverse' = 'forward',
): void {
  const alongRow = createFft(columns)[direction];
  for (let y = 0; y < rows; y++) {
    const from = y * columns;
    alongRow(plane.re.subarray(from, from + columns), plane.im.subarray(from, from + columns));
  }
  const alongColumn = createFft(rows)[direction];
  const re = new Float64Array(rows);
  const im = new Float64Array(rows);
  for (let x = 0; x < columns; x++) {
    for (let y = 0; y < rows; y++) {
      re[y] = plane.re[y * columns + x] ?? 0;
      im[y] = plane.im[y * columns + x] ?? 0;
    }
    alongColumn(re, im);
    for (let y = 0; y < rows; y++) {
      plane.re[y * columns + x] = re[y] ?? 0;
      plane.im[y * columns + x] = im[y] ?? 0;
    }
  }
}

type Transform = (re: Float64Array, im: Float64Array) => void;

function isPowerOfTwo(n: number): boolean {
  return n > 0 && (n & (n - 1)) === 0;
}

/** Decimation in time with bit-reversed order; a hot loop, hence long. */
function radixTwo(n: number): Transform {
  const cos = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sin = Float64Array.from({ length: n / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / n));
  const reversed = bitReversal(n);
  return (re, im) => {
    for (let i = 0; i < n; i++) {
      const j = reversed[i] ?? 0;
      if (j > i) swap(re, im, i, j);
    }
    for (let half = 1; half < n; half *= 2) {
      const stride = n / (2 * half);
      for (let start = 0; start < n; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = cos[k * stride] ?? 0;
          const s = sin[k * stride] ?? 0;
          const a = start + k;
          const b = a + half;
          const bRe = re[b] ?? 0;
          const bIm = im[b] ?? 0;
          const tRe = bRe * c + bIm * s;
          const tIm = bIm * c - bRe * s;
          re[b] = (re[a] ?? 0) - tRe;
          im[b] = (im[a] ?? 0) - tIm;
          re[a] = (re[a] ?? 0) + tRe;
          im[a] = (im[a] ?? 0) + tIm;
        }
      }
    }
  };
}

function bitReversal(n: number): Uint32Array {
  const reversed = new Uint32Array(n);
  for (let i = 1; i < n; i++) reversed[i] = ((reversed[i >> 1] ?? 0) >> 1) | (i & 1 ? n >> 1 : 0);
  return reversed;
}

function swap(re: Float64Array, im: Float64Array, i: number, j: number): void {
  const r = re[i] ?? 0;
  re[i] = re[j] ?? 0;
  re[j] = r;
  const m = im[i] ?? 0;
  im[i] = im[j] ?? 0;
  im[j] = m;
}

/** jk = (j² + k² − (k−j)²)/2 turns the transform into one convolution of a power-of-two length ≥ 2n−1. */
function bluestein(n: number): Transform {
  let m = 1;
  while (m < 2 * n - 1) m *= 2;
  const transform = radixTwo(m);
  // k² mod 2n keeps the angle exact for long rows.
  const chirpRe = Float64Array.from({ length: n }, (_, k) => Math.cos((Math.PI * ((k * k) % (2 * n))) / n));
  const chirpIm = Float64Array.from({ length: n }, (_, k) => -Math.sin((Math.PI * ((k * k) % (2 * n))) / n));
  const kernelRe = new Float64Array(m);
  const kernelIm = new Float64Array(m);
  for (let k = 0; k < n; k++) {
    kernelRe[k] = chirpRe[k] ?? 0;
    kernelIm[k] = -(chirpIm[k] ?? 0);
    if (k === 0) continue;
    kernelRe[m - k] = kernelRe[k] ?? 0;
    kernelIm[m - k] = kernelIm[k] ?? 0;
  }
  transform(kernelRe, kernelIm);
  const a = new Float64Array(m);
  const b = new Float64Array(m);
  return (re, im) => {
    a.fill(0);
    b.fill(0);
    multiplyInto(a, b, { re, im }, { re: chirpRe, im: chirpIm }, n);
    transform(a, b);
    multiplyInto(a, b, { re: a, im: b }, { re: kernelRe, im: kernelIm }, m);
    transform(b, a); // inverse by swapped parts; the scale 1/m follows
    for (let i = 0; i < n; i++) {
      a[i] = (a[i] ?? 0) / m;
      b[i] = (b[i] ?? 0) / m;
    }
    multiplyInto(re, im, { re: a, im: b }, { re: chirpRe, im: chirpIm }, n);
  };
}

function multiplyInto(re: Float64Array, im: Float64Array, p: ComplexRow, q: ComplexRow, length: number): void {
  for (let i = 0; i < length; i++) {
    const pRe = p.re[i] ?? 0;
    const pIm = p.im[i] ?? 0;
    const qRe = q.re[i] ?? 0;
    const qIm = q.im[i] ?? 0;
    re[i] = pRe * qRe - pIm * qIm;
    im[i] = pRe * qIm + pIm * qRe;
  }
}
