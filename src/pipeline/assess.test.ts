import { describe, expect, test } from 'vitest';
import { judgeApplicability } from './assess.ts';

describe('judgeApplicability', () => {
  const noise = { measure: 'noise-hu', support: undefined } as const;
  const trained = { lower: 14, upper: 40 };

  test.for([
    { name: 'inside', value: 20, found: { kind: 'inside' } },
    {
      name: 'a full-dose CT',
      value: 8,
      found: { kind: 'outside', text: 'nothing to restore: 8 HU, trained 14 HU to 40 HU' },
    },
    {
      name: 'far too noisy',
      value: 90,
      found: { kind: 'outside', text: 'more degraded than training: 90 HU, trained 14 HU to 40 HU' },
    },
  ])('$name', ({ value, found }) => {
    expect(judgeApplicability({ ...noise, value }, trained)).toEqual(found);
  });

  test('a full k-space needs no super-resolution', () => {
    const found = judgeApplicability(
      { measure: 'k-space-share', value: 1, support: undefined },
      { lower: 0.06, upper: 0.25 },
    );

    expect(found).toEqual({ kind: 'outside', text: 'nothing to restore: 100 %, trained 6 % to 25 %' });
  });

  test('what can not be measured is not called inside', () => {
    expect(judgeApplicability({ ...noise, value: undefined }, trained).kind).toBe('unknown');
    expect(judgeApplicability({ ...noise, value: 20 }, undefined).kind).toBe('unknown');
  });
});
