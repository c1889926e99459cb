const perOrdinal = 10_000;

/**
 * Series Number of a derived series: `10000 × ordinal + (source mod 10000)`, and one more where that is the source's
 * own number. A missing or negative source number counts as 0. derived-objects.md 2.1.
 */
export function derivedSeriesNumber(sourceNumber: number | undefined, ordinal: number): number {
  const known = sourceNumber !== undefined && Number.isInteger(sourceNumber) && sourceNumber > 0 ? sourceNumber : 0;
  const number = perOrdinal * ordinal + (known % perOrdinal);
  return number === sourceNumber ? number + 1 : number;
}
