import { describe, expect, test } from 'vitest';
import type { Task } from '../tasks.ts';
import { lowQualityWords, mixedDegradation, nominalDegradation } from './degradation.ts';

/** What a mix of many sources is made of. */
function mixOf(task: Task): { nominal: number; nothing: number; others: readonly number[] } {
  const nominal = JSON.stringify(nominalDegradation(task));
  const drawn = Array.from({ length: 250 }, (_, source) => lowQualityWords(7, `1.2.${source}`, 1, task)).flatMap(
    (words) => Array.from({ length: 8 }, (_, r) => mixedDegradation(task, words, r, 8)),
  );
  const factors = drawn.map((d) => (d.kind === 'dose' ? d.fraction : d.rowFactor));
  const others = drawn.flatMap((d, i) => (JSON.stringify(d) !== nominal && factors[i] !== 1 ? [factors[i] ?? 0] : []));
  return {
    nominal: drawn.filter((d) => JSON.stringify(d) === nominal).length / drawn.length,
    nothing: factors.filter((factor) => factor === 1).length / drawn.length,
    others,
  };
}

describe('the training mix', () => {
  test.for([
    { task: 'mri-super-resolution', nominal: 0.7, nothing: 0.05, from: 2, to: 4 },
    { task: 'ct-denoising', nominal: 0.7, nothing: 0.1, from: 0.1, to: 0.7 },
    { task: 'pet-synthesis', nominal: 0.5, nothing: 0.1, from: 1 / 20, to: 1 / 2 },
  ] as const)('$task has its shares, and the rest within its range', ({ task, nominal, nothing, from, to }) => {
    const mix = mixOf(task);

    expect(mix.nominal).toBeCloseTo(nominal, 1.5);
    expect(mix.nothing).toBeCloseTo(nothing, 1.5);
    expect(Math.min(...mix.others)).toBeGreaterThanOrEqual(from);
    expect(Math.max(...mix.others)).toBeLessThanOrEqual(to);
  });

  test('the realisations of one slice are spread over the shares', () => {
    const words = lowQualityWords(7, '1.2.3', 1, 'ct-denoising');
    const doses = Array.from({ length: 10 }, (_, r) => mixedDegradation('ct-denoising', words, r, 10));

    expect(doses.filter((d) => d.kind === 'dose' && d.fraction === 0.25)).toHaveLength(7);
  });
});
