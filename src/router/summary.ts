import type { Finding } from './refusals/finding.ts';

/** What a series says about a keyword: its values where all instances agree, or that they do not. */
export type SummaryValue = readonly string[] | 'varies';

/** What rules see of a series, or of one instance. Keywords that no instance has are not there. */
export interface Summary {
  readonly instances: number;
  /** By DICOM keyword, and `callingAeTitle`, `calledAeTitle`. */
  readonly values: Readonly<Record<string, SummaryValue>>;
}

/** A whole series: plain data, so that a decision can be taken again later from what the ledger kept. */
export interface SeriesSummary extends Summary {
  /** Why it can't be restored, in the order of derived-objects.md 4; looked at only when a rule says `restore`. */
  readonly findings: readonly Finding[];
}

/** The value of a keyword, `instances` included; `undefined` when it is absent. */
export function summaryValue({ values, instances }: Summary, keyword: string): SummaryValue | undefined {
  if (keyword === 'instances') return [String(instances)];
  return Object.hasOwn(values, keyword) ? values[keyword] : undefined;
}
