/** Value of every half-precision bit pattern. */
const halfValues = Float32Array.from({ length: 0x10000 }, (_, bits) => float16Value(bits));

/** Widens IEEE 754 half precision, exactly. */
export function widenFloat16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (bits) => halfValues[bits] ?? Number.NaN);
}

/** Widens bfloat16, exactly: its bits are the upper half of a float32. */
export function widenBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}

/** Narrows to half precision, nearest, ties to even; out of range becomes infinite. */
export function narrowFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, float16Bits);
}

function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function float16Bits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent > 15) return sign | 0x7c00;
  if (exponent >= -14) return sign | roundedShift(((exponent + 15) << 23) | fraction, 13);
  if (exponent < -25) return sign;
  return sign | roundedShift(0x800000 | fraction, 13 + (-14 - exponent)); // subnormal
}

/** value / 2^shift, rounded to nearest, ties to even; a carry into the exponent is right. */
function roundedShift(value: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const quotient = Math.floor(value / 2 ** shift);
  const rest = value - quotient * 2 ** shift;
  if (rest > half || (rest === half && quotient % 2 === 1)) return quotient + 1;
  return quotient;
}
