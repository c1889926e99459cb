import { fft2 } from '../degrade/fft.ts';
import type { KeptBand, Plane } from '../degrade/k-space.ts';

/** Energy of the measured part of k-space, summed over the slices of a series. */
export interface BandEnergy {
  /** ‖M F q‖², input. */
  readonly input: number;
  /** ‖M F r‖², result. */
  readonly result: number;
  /** ‖M (F r − F q)‖². */
  readonly difference: number;
}

export const noBandEnergy: BandEnergy = { input: 0, result: 0, difference: 0 };

/** Adds one slice: the rectangle of `band` frequencies around DC, in both images (model-spec.md 4.2). */
export function addBandEnergy(total: BandEnergy, input: Plane, result: Float64Array, band: KeptBand): BandEnergy {
  const { rows, columns } = input;
  const q = Float64Array.from(input.values); // one complex transform holds both: q + i r
  const r = Float64Array.from(result);
  fft2({ re: q, im: r }, rows, columns);
  let [inputEnergy, resultEnergy, difference] = [0, 0, 0];
  const half = { rows: Math.floor(band.rows / 2), columns: Math.floor(band.columns / 2) };
  for (let fy = -half.rows; fy < band.rows - half.rows; fy++) {
    for (let fx = -half.columns; fx < band.columns - half.columns; fx++) {
      const at = ((fy + rows) % rows) * columns + ((fx + columns) % columns);
      const mirrored = ((rows - fy) % rows) * columns + ((columns - fx) % columns);
      const [a, b, c, d] = [q[at] ?? 0, r[at] ?? 0, q[mirrored] ?? 0, r[mirrored] ?? 0];
      const [qRe, qIm, rRe, rIm] = [(a + c) / 2, (b - d) / 2, (b + d) / 2, (c - a) / 2];
      inputEnergy += qRe * qRe + qIm * qIm;
      resultEnergy += rRe * rRe + rIm * rIm;
      difference += (rRe - qRe) ** 2 + (rIm - qIm) ** 2;
    }
  }
  return {
    input: total.input + inputEnergy,
    result: total.result + resultEnergy,
    difference: total.difference + difference,
  };
}

/** ‖M(F r − F q)‖/‖M F q‖. */
export function inconsistency({ input, difference }: BandEnergy): number {
  return input === 0 ? 0 : Math.sqrt(difference / input);
}
