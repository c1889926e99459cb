import { describe, expect, test } from 'vitest';
import type { Elements } from '../../test/builders/data-set.ts';
import { ct, mr, received } from '../../test/builders/images.ts';
import { parseConfig } from '../config/parse.ts';
import { checkCel } from '../router/cel.ts';
import { compileRules } from '../router/rules.ts';
import { summariseSeries } from '../router/summarise.ts';
import { verdictOf, type WeightsInForce } from './verdict.ts';

const texts = {
  'node.yaml': '',
  'destinations.yaml': 'pacs: { aeTitle: PACS, host: 127.0.0.1, port: 104 }',
  'rules.yaml': `
- { name: ct, match: { Modality: CT }, do: restore, task: ct-denoising, originals: [pacs], restored: [pacs], priority: 3 }
- { name: never, match: { Modality: PT }, do: exclude, originals: [pacs] }
`,
};
const rules = compileRules(parseConfig(texts, { folder: '/', checkExpression: checkCel }).rules);
const weights: WeightsInForce = { digest: 'a'.repeat(64), settingsDigest: 'b'.repeat(64), tasks: ['ct-denoising'] };

function verdict(image: Elements, changes: Partial<WeightsInForce> = {}) {
  const slices = [0, 3, 6].map((z) => received({ ...image, ImagePositionPatient: [0, 0, z] }));
  const summary = summariseSeries(slices);
  return verdictOf({ summary, rules, weights: { ...weights, ...changes }, completedBy: 'quiet', decidedAt: 7 });
}

describe('the verdict on a series', () => {
  test('that is to be restored brings a job for the weights in force', () => {
    const { state, task, job, originals } = verdict(ct);

    expect({ state, task, originals }).toEqual({ state: 'decided', task: 'ct-denoising', originals: ['pacs'] });
    expect(job).toMatchObject({ weightsDigest: weights.digest, settingsDigest: weights.settingsDigest, priority: 3 });
  });

  test('whose task the weights lack excludes it, says so and keeps the originals', () => {
    const { state, job, reasons, originals } = verdict(ct, { tasks: ['pet-synthesis'] });

    expect({ state, job, originals }).toEqual({ state: 'excluded', job: null, originals: ['pacs'] });
    expect(reasons.at(-1)).toContain('not trained for ct-denoising');
  });

  test('that is refused excludes it and keeps the originals', () => {
    const { state, job, originals } = verdict({ ...ct, PixelData: undefined });

    expect({ state, job, originals }).toEqual({ state: 'excluded', job: null, originals: ['pacs'] });
  });

  test('that no rule matches quarantines it', () => {
    const { state, rule, reasons } = verdict(mr);

    expect({ state, rule }).toEqual({ state: 'quarantined', rule: 'none' });
    expect(reasons.at(-1)).toContain('no rule matches');
  });
});
