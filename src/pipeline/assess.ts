import type { Assessment } from '../model/estimators/assess.ts';
import type { TrainedRange } from '../model/trained-ranges.ts';

export type Applicability =
  | { readonly kind: 'inside' }
  /** Nothing to restore, or more than was ever seen; the text says which, with figures. */
  | { readonly kind: 'outside'; readonly text: string }
  /** The series shows too little to measure, or the card holds no range. */
  | { readonly kind: 'unknown'; readonly text: string };

/** Compares an assessment with what training has seen. Less noise, or a fuller k-space, is "nothing to restore". */
export function judgeApplicability({ measure, value }: Assessment, trained: TrainedRange | undefined): Applicability {
  if (value === undefined) return { kind: 'unknown', text: 'the series shows too little to measure its degradation' };
  if (trained === undefined) return { kind: 'unknown', text: 'the card of the weights names no range' };
  const { lower, upper } = trained;
  if (value >= lower && value <= upper) return { kind: 'inside' };
  const milder = measure === 'k-space-share' ? value > upper : value < lower;
  const found = `${shown(measure, value)}, trained ${shown(measure, lower)} to ${shown(measure, upper)}`;
  return { kind: 'outside', text: `${milder ? 'nothing to restore' : 'more degraded than training'}: ${found}` };
}

function shown(measure: Assessment['measure'], value: number): string {
  return measure === 'noise-hu' ? `${value.toFixed(0)} HU` : `${(100 * value).toFixed(0)} %`;
}
