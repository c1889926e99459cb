import { describe, expect, test } from 'vitest';
import type { Elements } from '../../test/builders/data-set.ts';
import { ct, mr, received } from '../../test/builders/images.ts';
import { parseConfig } from '../config/parse.ts';
import { checkCel } from './cel.ts';
import { decide, forwardOnArrival } from './decide.ts';
import { compileRules, type RuleSet } from './rules.ts';
import { summariseInstance, summariseSeries } from './summarise.ts';

const peers = `
pacs: { aeTitle: PACS, host: 127.0.0.1, port: 104 }
archive: { aeTitle: ARCHIVE, host: 127.0.0.1, port: 105 }
`;

/** Rules as an administrator writes them. */
function rulesOf(yaml: string): RuleSet {
  const texts = { 'node.yaml': '', 'destinations.yaml': peers, 'rules.yaml': yaml };
  return compileRules(parseConfig(texts, { folder: '/', checkExpression: checkCel }).rules);
}

const rules = rulesOf(`
- { name: on-arrival, when: instance, match: { Modality: CT }, do: forward, originals: [archive] }
- { name: thin, match: { Modality: CT, SliceThickness: { max: 2 } }, do: exclude, originals: [archive] }
- { name: few, match: { Modality: CT }, cel: series.instances < 2, do: quarantine }
- { name: ct, match: { Modality: CT }, do: restore, task: ct-denoising, originals: [pacs], restored: [pacs, archive] }
- { name: mr, match: { Modality: MR }, do: restore, task: ct-denoising, restored: [pacs] }
- { name: rest, match: { Modality: PT }, do: forward, originals: [pacs] }
`);

const stack = (...slices: readonly Elements[]) =>
  summariseSeries(slices.map((slice, index) => received({ ...slice, ImagePositionPatient: [0, 0, index * 3] })));

describe('a series is decided', () => {
  test('by the first rule that matches, with the reason why each rule before it did not', () => {
    expect(decide(stack(ct, ct), rules)).toMatchObject({
      kind: 'restore',
      rule: 'ct',
      settings: { task: 'ct-denoising', restored: ['pacs', 'archive'], applicability: 'refuse', priority: 0 },
      originals: ['pacs'],
      reasons: [
        { rule: 'thin', test: 'SliceThickness', wanted: 'at most 2', found: 'is 3' },
        { rule: 'few', test: 'cel', wanted: 'true', found: 'is false' },
      ],
    });
  });

  test('to be excluded where a rule says so, originals going where that rule sends them', () => {
    const decision = decide(stack({ ...ct, SliceThickness: 1 }), rules);

    expect(decision).toMatchObject({ kind: 'exclude', rule: 'thin', finding: undefined, originals: ['archive'] });
  });

  test('to be quarantined where a rule says so, nothing going anywhere', () => {
    expect(decide(stack(ct), rules)).toMatchObject({ kind: 'quarantine', refusal: 'rule', rule: 'few', originals: [] });
  });

  test('to be quarantined where no rule matches, with the reasons of all of them', () => {
    const decision = decide(stack({ ...ct, Modality: 'XX' }), rules);

    expect(decision).toMatchObject({ kind: 'quarantine', refusal: 'no-rule', rule: 'none', originals: [] });
    expect(decision.reasons.map(({ rule }) => rule)).toEqual(['thin', 'few', 'ct', 'mr', 'rest']);
  });

  test('never by a rule for single instances', () => {
    const onlyOnArrival = rulesOf('- { name: all, when: instance, do: forward, originals: [pacs] }');

    expect(decide(stack(ct), onlyOnArrival)).toMatchObject({ kind: 'quarantine', refusal: 'no-rule' });
  });

  test('alike from what the ledger kept of it as JSON', () => {
    const series = stack(ct, ct);

    expect(decide(JSON.parse(JSON.stringify(series)), rules)).toEqual(decide(series, rules));
  });
});

/** One rule that restores CT and accepts these refusals. */
function accepting(keys: string): RuleSet {
  return rulesOf(
    `- { name: ct, do: restore, task: ct-denoising, originals: [pacs], restored: [pacs], accept: [${keys}] }`,
  );
}

describe('a rule that says restore', () => {
  const localizer = { ...ct, ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] };
  const derived = { ...ct, ImageType: ['DERIVED', 'SECONDARY', 'AXIAL'] };

  test('excludes what is refused and keeps its originals', () => {
    expect(decide(stack(localizer, localizer), rules)).toMatchObject({
      kind: 'exclude',
      rule: 'ct',
      finding: { reason: 'localizer' },
      originals: ['pacs'],
    });
  });

  test('restores what it accepts, and names it', () => {
    expect(decide(stack(derived), accepting('secondary, derived'))).toMatchObject({
      kind: 'restore',
      accepted: [{ reason: 'secondary' }, { reason: 'derived' }],
    });
  });

  test('excludes what is refused for one more reason than it accepts', () => {
    expect(decide(stack(derived), accepting('derived'))).toMatchObject({
      kind: 'exclude',
      finding: { reason: 'secondary' },
    });
  });

  test('excludes images of a modality that its task is not made for', () => {
    expect(decide(stack(mr), rules)).toMatchObject({
      kind: 'exclude',
      rule: 'mr',
      finding: { reason: 'sop-class', because: 'ct-denoising is for CT images' },
    });
  });

  test('looks at refusals only when it has won: a rule that forwards takes a localizer as it is', () => {
    const forwarding = rulesOf('- { name: all, do: forward, originals: [pacs] }');

    expect(decide(stack(localizer), forwarding)).toMatchObject({ kind: 'forward', originals: ['pacs'] });
  });
});

describe('on arrival', () => {
  test('every matching rule forwards the object', () => {
    const two = rulesOf(`
- { name: all, when: instance, do: forward, originals: [pacs] }
- { name: mr, when: instance, match: { Modality: MR }, do: forward, originals: [archive] }
- { name: ct, when: instance, match: { Modality: CT, instances: 1 }, do: forward, originals: [archive] }
`);

    expect(forwardOnArrival(summariseInstance(received(ct)), two)).toEqual([
      { rule: 'all', originals: ['pacs'] },
      { rule: 'ct', originals: ['archive'] },
    ]);
  });
});
