import { describe, expect, test } from 'vitest';
import { codebookDistance, featureDistance, meanDistance, softmax } from './out-of-distribution.ts';

const codebook = { shape: [3, 2], data: Float32Array.of(0, 0, 3, 4, 0, 2) };

describe('codebookDistance', () => {
  test('is the share of the squared latent that the chosen rows leave, after the first and after all depths', () => {
    // Two positions: (3, 6) with rows 1 and 2 leaves (0, 2), then nothing; (6, 8) leaves (3, 4), then (3, 4).
    const latent = { dims: [1, 2, 1, 2], data: Float32Array.of(3, 6, 6, 8) };
    const codes = { dims: [1, 1, 2, 2], data: Int32Array.of(1, 2, 1, 0) };

    const { residualShare, firstResidualShare, positions } = codebookDistance(latent, codes, codebook);

    expect(positions).toBe(2);
    expect(firstResidualShare).toBeCloseTo((4 / 45 + 25 / 100) / 2, 12);
    expect(residualShare).toBeCloseTo((0 + 25 / 100) / 2, 12);
  });

  test('of a zero latent is zero', () => {
    const latent = { dims: [1, 2, 1, 1], data: new Float32Array(2) };

    expect(codebookDistance(latent, { dims: [1, 1, 1, 1], data: Int32Array.of(1) }, codebook).residualShare).toBe(0);
  });
});

test('meanDistance weighs tiles by their positions', () => {
  const small = { residualShare: 1, firstResidualShare: 2, positions: 1 };
  const large = { residualShare: 0, firstResidualShare: 0, positions: 3 };

  expect(meanDistance([small, large])).toEqual({ residualShare: 0.25, firstResidualShare: 0.5, positions: 4 });
});

test('featureDistance is the RMS of the features standardised by the row of the task', () => {
  const mean = { shape: [2, 2], data: Float32Array.of(9, 9, 1, 1) };
  const std = { shape: [2, 2], data: Float32Array.of(9, 9, 2, 0.5) };

  expect(featureDistance(Float32Array.of(3, 2), mean, std, 1)).toBeCloseTo(Math.sqrt((1 + 4) / 2), 12);
});

test('softmax of large logits stays finite', () => {
  expect(softmax([1000, 1000, 0])).toEqual([0.5, 0.5, 0]);
});
