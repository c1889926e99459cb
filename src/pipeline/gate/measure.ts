import type { GateValue } from '../../ledger/ledger.ts';

/** One slice before and after restoration, in physical values: HU, MR units or SUV. */
export interface SlicePair {
  readonly rows: number;
  readonly columns: number;
  /** Mean of row and column spacing; 1 where the header is silent. */
  readonly pixelMm: number;
  /** Along the normal; `undefined` where the header is silent. */
  readonly positionMm: number | undefined;
  readonly input: Float64Array;
  readonly output: Float64Array;
  /** 0 where the network had a say; other voxels are the source's, bit for bit. */
  readonly kept: Uint8Array;
  /** Voxels that did not fit the stored encoding. */
  readonly clamped: number;
}

/** Gathers one or a few values over the slices of a series, keeping no more of them than it needs. */
export interface Measure {
  add(pair: SlicePair): void;
  /** Nothing for what the series is too small to tell. */
  values(): readonly GateValue[];
}

export interface Limits {
  readonly lower?: number;
  readonly upper?: number;
}

/** A measured value beside its limits. What is not a number never passes. */
export function judged(measure: string, value: number, { lower, upper }: Limits): GateValue {
  const passed =
    Number.isFinite(value) && (lower === undefined || value >= lower) && (upper === undefined || value <= upper);
  return {
    measure,
    value: Number.isFinite(value) ? value : Number.MAX_VALUE,
    lower: lower ?? null,
    upper: upper ?? null,
    passed,
  };
}

/** Sums a mean over many slices. */
export class Mean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  get value(): number {
    return this.#sum / this.#count;
  }
}
