import { describe, expect, test } from 'vitest';
import {
  ascii,
  type DerivationFacts,
  derivationDescription,
  imageComments,
  isPlainText,
  notice,
  type SourceText,
  seriesDescription,
  seriesMark,
} from './text.ts';

const latin = (text: string, ...characterSets: string[]): SourceText => ({
  bytes: Buffer.from(text, 'latin1'),
  characterSets,
});

const facts: DerivationFacts = {
  recipe: {
    context: {},
    issue: 1,
    pipeline: 1,
    settings: '1'.repeat(64),
    task: 'ct-denoising',
    weights: 'abcdef012345'.padEnd(64, '6'),
  },
  preset: 'base32',
  nodeVersion: '0.1.0',
  seed: 7,
  widenedLimits: [],
};
const ctText =
  'AI restoration DiffCode: ct-denoising. Research use only, not for diagnosis. ' +
  'model=base32/abcdef012345; node=0.1.0; seed=7; issue=1; context={}; gate=default';

test('the notice names the task and the purpose', () => {
  expect(notice('pet-synthesis')).toBe(
    'AI-RESTORED IMAGE (DiffCode pet-synthesis). RESEARCH USE ONLY - NOT FOR DIAGNOSIS.',
  );
});

describe('seriesDescription', () => {
  test.for([
    { name: 'puts the mark first', source: latin('THORAX 5.0 B40f '), text: 'AI-DN THORAX 5.0 B40f' },
    { name: 'is the mark alone where the source has no text', source: latin('  '), text: 'AI-DN' },
    { name: 'fills 64 characters', source: latin('x'.repeat(58)), text: `AI-DN ${'x'.repeat(58)}` },
    { name: 'never cuts a long text', source: latin('x'.repeat(59)), text: 'AI-DN of series 4' },
    {
      name: 'keeps escape sequences as they are',
      source: latin('\x1b$B6;It\x1b(B', '', 'ISO 2022 IR 87'),
      text: 'AI-DN \x1b$B6;It\x1b(B',
    },
    {
      name: 'counts characters, not bytes: 58 Korean characters fit',
      source: latin(`\x1b$)C${'\xc8\xeb'.repeat(58)}`, '', 'ISO 2022 IR 149'),
      text: `AI-DN \x1b$)C${'\xc8\xeb'.repeat(58)}`,
    },
    {
      name: '59 Korean characters do not',
      source: latin(`\x1b$)C${'\xc8\xeb'.repeat(59)}`, '', 'ISO 2022 IR 149'),
      text: 'AI-DN of series 4',
    },
  ])('$name', ({ source, text }) => {
    expect(seriesDescription(seriesMark('ct-denoising', 1), source, 4).toString('latin1')).toBe(text);
  });

  test('a second derived series says so in its mark', () => {
    expect(seriesDescription(seriesMark('mri-super-resolution', 2), latin('T2'), 4).toString()).toBe('AI-SR r2 T2');
  });
});

describe('derivationDescription', () => {
  test('says what was done', () => {
    expect(derivationDescription(facts, undefined).toString()).toBe(ctText);
  });

  test('names context, widened limits and an input outside the trained range', () => {
    const mr: DerivationFacts = {
      ...facts,
      recipe: { ...facts.recipe, task: 'mri-super-resolution', context: { scale: 1234.5 } },
      widenedLimits: ['meanShift=0.05', 'lowFrequency=0.1'],
      applicability: 'noise 8 HU, trained 14 to 40',
    };

    expect(derivationDescription(mr, undefined).toString()).toContain(
      'context={"scale":1234.5}; gate=meanShift=0.05,lowFrequency=0.1; applicability=noise 8 HU, trained 14 to 40',
    );
  });

  test("adds the source's own description where it fits, and leaves it out where it does not", () => {
    const room = 1024 - ctText.length - ' Source: '.length;

    expect(derivationDescription(facts, latin('cropped ')).toString()).toBe(`${ctText} Source: cropped`);
    expect(derivationDescription(facts, latin('x'.repeat(room)))).toHaveLength(1024);
    expect(derivationDescription(facts, latin('x'.repeat(room + 1))).toString()).toBe(ctText);
  });

  test('is refused when our own part is longer than 1024 characters', () => {
    const many = {
      ...facts,
      widenedLimits: Array.from({ length: 40 }, (_, index) => `gate.ct-denoising.limit${index}=1`),
    };

    expect(() => derivationDescription(many, undefined)).toThrow(expect.objectContaining({ code: 'DICOM_BAD_VALUE' }));
  });
});

describe('imageComments', () => {
  const own = 'AI-RESTORED IMAGE (DiffCode ct-denoising). RESEARCH USE ONLY - NOT FOR DIAGNOSIS.';

  test.for([
    { name: 'the notice alone', source: latin(''), supersedes: undefined, text: own },
    { name: "the notice, then the source's text", source: latin('old '), supersedes: undefined, text: `${own}\r\nold` },
    {
      name: 'a line for the superseded series',
      source: latin('old'),
      supersedes: '2.25.1',
      text: `${own}\r\nSupersedes series 2.25.1\r\nold`,
    },
    { name: 'no text that is too long', source: latin('x'.repeat(10_240)), supersedes: undefined, text: own },
  ])('$name', ({ source, supersedes, text }) => {
    expect(imageComments('ct-denoising', supersedes, source).toString('latin1')).toBe(text);
  });
});

test.for(['a\\b', 'a~b', 'ä', 'a\nb'])('text that would change its meaning elsewhere is not inserted: %j', (text) => {
  expect(isPlainText(text)).toBe(false);
  expect(() => ascii(text)).toThrow(expect.objectContaining({ code: 'DICOM_BAD_VALUE' }));
});
