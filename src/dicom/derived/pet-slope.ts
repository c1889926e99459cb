/** A Rescale Slope that was computed anew: the DS text to write, and its value, with which voxels are quantized. */
export interface Slope {
  readonly text: string;
  readonly value: number;
}

const dsBytes = 16;

/**
 * Rescale Slope of a PET slice or frame whose largest result no longer fits (derived-objects.md 2.6): result maximum ÷
 * stored maximum, rounded up to a DS of at most 16 bytes. `undefined` while the result still rounds to a stored value
 * of the source's slope: float32 on the way must not put a slice whose maximum is the largest value on a new grid.
 * `largestResult` is in the output unit of the source's rescale (Bq/ml, counts, SUV); `largestStored` as the encoding
 * of the pixels allows.
 */
export function recomputedPetSlope(
  sourceSlope: number,
  largestResult: number,
  largestStored: number,
): Slope | undefined {
  if (largestResult < (largestStored + 0.5) * sourceSlope) return undefined;
  const text = decimalStringAtLeast(largestResult / largestStored);
  return { text, value: Number(text) };
}

/** Largest stored value of an encoding: `bitsStored` bits, signed when Pixel Representation is 1. */
export function largestStoredValue(bitsStored: number, pixelRepresentation: 0 | 1): number {
  return 2 ** (bitsStored - pixelRepresentation) - 1;
}

/** The smallest decimal string of at most 16 bytes (PS3.5 6.2, DS) that is not below a positive finite value. */
export function decimalStringAtLeast(value: number): string {
  for (let digits = 17; digits > 0; digits -= 1) {
    const text = shortest(roundedUp(value, digits));
    if (text.length <= dsBytes) return text;
  }
  throw new RangeError('a value that no decimal string of 16 bytes can hold');
}

interface Decimal {
  /** Digits without a point: the value is `mantissa × 10^exponent`. */
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** Rounds to `digits` significant digits, away from zero whenever the nearest number lies below the value. */
function roundedUp(value: number, digits: number): Decimal {
  const [mantissaText = '', exponentText = ''] = value.toExponential(digits - 1).split('e');
  const exponent = Number(exponentText) - (digits - 1);
  const mantissa = BigInt(mantissaText.replace('.', ''));
  const below = Number(`${mantissa}e${exponent}`) < value;
  return { mantissa: below ? mantissa + 1n : mantissa, exponent };
}

/** Plain or exponential form, whichever has fewer characters; trailing zeros of the mantissa go. */
function shortest(decimal: Decimal): string {
  const trimmed = decimal.mantissa.toString().replace(/0+$/, '');
  const exponent = decimal.exponent + decimal.mantissa.toString().length - trimmed.length;
  const forms = [plain(trimmed, exponent), exponential(trimmed, exponent)];
  return forms.reduce((best, form) => (form.length < best.length ? form : best));
}

function plain(digits: string, exponent: number): string {
  if (exponent >= 0) return digits + '0'.repeat(exponent);
  const padded = digits.padStart(1 - exponent, '0');
  return `${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

function exponential(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits.slice(0, 1)}${fraction}e${exponent + digits.length - 1}`;
}
