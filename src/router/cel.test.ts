import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkCel, compileCel } from './cel.ts';
import type { Summary } from './summary.ts';

const series: Summary = {
  instances: 512,
  values: {
    Modality: ['CT'],
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    SliceThickness: ['5.0'],
    Rows: ['512'],
    KVP: ['not a number'],
    InstanceNumber: 'varies',
    callingAeTitle: ['CT1'],
  },
};

describe('an expression is true', () => {
  test.for([
    'series.instances >= 5',
    'series.instances == 512',
    'series.Rows == 512',
    'series.SliceThickness <= 5',
    'series.SliceThickness < 5.5 && series.Modality == "CT"',
    '"AXIAL" in series.ImageType',
    'series.ImageType[2] == "AXIAL"',
    'series.Modality in ["CT", "PT"]',
    'series.callingAeTitle.startsWith("CT")',
    'has(series.Modality) && !has(series.BodyPartExamined)',
    'series.BodyPartExamined == "HEAD" || series.instances > 100',
  ])('%s', (expression) => {
    expect(checkCel(expression)).toBeUndefined();
    expect(compileCel(expression)(series)).toBeUndefined();
  });
});

describe('an expression that is not true says why', () => {
  test.for([
    { expression: 'series.instances < 5', found: 'is false' },
    { expression: 'series.BodyPartExamined == "HEAD"', found: 'can’t be evaluated (BodyPartExamined is absent)' },
    { expression: 'series.InstanceNumber > 3', found: 'can’t be evaluated (InstanceNumber varies within the series)' },
    { expression: 'series.ImageType[7] == "AXIAL"', found: /^can’t be evaluated \(.*7/ },
    { expression: 'series.KVP > 100', found: /^can’t be evaluated \(.*no such overload/ },
    { expression: 'series.instances / (series.Rows - 512) > 1', found: /^can’t be evaluated \(.*zero/ },
    { expression: 'series.Rows', found: 'is 512' },
  ])('$expression', ({ expression, found }) => {
    expect(compileCel(expression)(series)).toEqual({
      test: 'cel',
      wanted: 'true',
      found: typeof found === 'string' ? found : expect.stringMatching(found),
    });
  });
});

describe('an expression that can’t be understood is refused with its place', () => {
  test.for([
    { expression: 'series.Modality = "CT"', index: 16, message: /Unexpected character/ },
    { expression: 'series.instances >', index: 18, message: /Unexpected token/ },
    { expression: 'sries.instances > 5', index: 0, message: /Unknown variable: sries/ },
    { expression: '1 + "a" == 2', index: 0, message: /no such overload|not defined/i },
    { expression: '1 + 2', index: 0, message: /it gives int, not true or false/ },
    {
      expression: 'series.instances > 5 && series.SliceThicknes < 3',
      index: 31,
      message: /`SliceThicknes` is no DICOM/,
    },
    { expression: '', index: 0, message: /./ },
  ])('$expression', ({ expression, index, message }) => {
    expect(checkCel(expression)).toEqual({ index, message: expect.stringMatching(message) });
  });

  test('and any text is either sound or refused within itself, and whatever is sound can be asked', () => {
    const words = [
      'series',
      '.',
      'Modality',
      'instances',
      ' ',
      '(',
      ')',
      '[',
      ']',
      '"',
      '==',
      '&&',
      '!',
      '?',
      ':',
      '1',
      '1.5',
      ',',
      '{',
      'has',
    ];
    const text = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(''));
    const property = fc.property(text, (expression) => {
      const fault = checkCel(expression);
      if (fault === undefined) compileCel(expression)(series);
      else expect(fault.index).toSatisfy((index: number) => index >= 0 && index <= expression.length);
    });

    fc.assert(property, { seed: 20_260_101, numRuns: 2000 });
  });
});
