import type { Words } from '../philox.ts';

/** The middle of the word's interval: never 0, never 1 (model-spec.md 2.5). */
export function uniformOf(word: number): number {
  return (word + 0.5) * 2 ** -32;
}

/** One standard normal from two words, the cosine half of Box–Muller. */
function normalOf(wordA: number, wordB: number): number {
  return Math.sqrt(-2 * Math.log(uniformOf(wordA))) * Math.cos(2 * Math.PI * uniformOf(wordB));
}

/** Fills a row with standard normals; four neighbours share one counter (x = index/4, y, 0, q). */
export function fillNormals(row: Float64Array, words: Words, y: number, q: number): void {
  for (let i = 0; i < row.length; i += 4) {
    const w = words(i >> 2, y, 0, q);
    putPair(row, i, w[0] ?? 0, w[1] ?? 0);
    putPair(row, i + 2, w[2] ?? 0, w[3] ?? 0);
  }
}

function putPair(row: Float64Array, at: number, wordA: number, wordB: number): void {
  const radius = Math.sqrt(-2 * Math.log(uniformOf(wordA)));
  const angle = 2 * Math.PI * uniformOf(wordB);
  if (at < row.length) row[at] = radius * Math.cos(angle);
  if (at + 1 < row.length) row[at + 1] = radius * Math.sin(angle);
}

/** Below this mean a count is drawn by inversion, above it from the rounded normal (model-spec.md 2.9). */
const smallMean = 30;

/** `value` rounded up or down so that its mean over draws is `value`. */
export function stochasticRound(value: number, uniform: number): number {
  const floor = Math.floor(value);
  return uniform < value - floor ? floor + 1 : floor;
}

/** Binomial count: inversion from one word where trials·p < 30, else a rounded normal clamped to 0..trials. */
export function drawBinomial(trials: number, p: number, wordA: number, wordB: number): number {
  if (trials <= 0 || p <= 0) return 0;
  if (p >= 1) return trials;
  const mean = trials * p;
  if (mean < smallMean) return invertBinomial(trials, p, uniformOf(wordA));
  const drawn = Math.round(mean + Math.sqrt(mean * (1 - p)) * normalOf(wordA, wordB));
  return Math.min(trials, Math.max(0, drawn));
}

/** Walks up the distribution; p is at most ½ here in practice, so the first term can't underflow below mean 30. */
function invertBinomial(trials: number, p: number, uniform: number): number {
  const odds = p / (1 - p);
  let term = Math.exp(trials * Math.log1p(-p));
  let cumulated = term;
  let count = 0;
  while (cumulated < uniform && count < trials) {
    term *= (odds * (trials - count)) / (count + 1);
    cumulated += term;
    count++;
  }
  return count;
}
