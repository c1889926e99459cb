import { describe, expect, test } from 'vitest';
import { encodeNumbers, encodeText } from './value-encoder.ts';

describe('encodeText', () => {
  test('joins values with a backslash', () => {
    expect(encodeText('CS', ['DERIVED', 'PRIMARY']).toString('latin1')).toBe('DERIVED\\PRIMARY');
  });

  test.for([
    { name: 'a backslash inside a value', vr: 'LO', value: 'a\\b' },
    { name: 'a tilde, an overline in ISO_IR 13', vr: 'LO', value: 'a~b' },
    { name: 'an umlaut', vr: 'LO', value: 'ä' },
    { name: 'a line break in one line', vr: 'LO', value: 'a\r\nb' },
    { name: 'a long description', vr: 'LO', value: 'x'.repeat(65) },
    { name: 'lower case in a code', vr: 'CS', value: 'derived' },
    { name: 'a decimal of 17 characters', vr: 'DS', value: '1.234567890123456' },
    { name: 'no decimal', vr: 'DS', value: 'NaN' },
    { name: 'a fraction in an integer', vr: 'IS', value: '1.5' },
    { name: 'a UID of 65 characters', vr: 'UI', value: `1.${'2'.repeat(63)}` },
    { name: 'a date with dots', vr: 'DA', value: '2024.01.01' },
    { name: 'a number VR', vr: 'US', value: '1' },
  ])('refuses $name', ({ vr, value }) => {
    expect(() => encodeText(vr, value)).toThrow(expect.objectContaining({ code: 'DICOM_BAD_VALUE' }));
  });

  test('refuses two values where the VR has one', () => {
    expect(() => encodeText('ST', ['a', 'b'])).toThrow(expect.objectContaining({ code: 'DICOM_BAD_VALUE' }));
  });

  test('a message of refusal does not hold the value', () => {
    expect(() => encodeText('LO', 'Müller')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('ller') }),
    );
  });
});

describe('encodeNumbers', () => {
  test.for([
    { vr: 'US', values: [1, 65_535], bytes: '0100ffff' },
    { vr: 'SS', values: [-2], bytes: 'feff' },
    { vr: 'UL', values: [1], bytes: '01000000' },
    { vr: 'FD', values: [1], bytes: '000000000000f03f' },
    { vr: 'AT', values: [0x00280010], bytes: '28001000' },
  ])('writes $vr little endian', ({ vr, values, bytes }) => {
    expect(encodeNumbers(vr, values).toString('hex')).toBe(bytes);
  });

  test.for([
    { vr: 'US', value: 65_536 },
    { vr: 'US', value: 1.5 },
    { vr: 'SS', value: -32_769 },
    { vr: 'FL', value: Number.NaN },
    { vr: 'LO', value: 1 },
  ])('refuses $value as $vr', ({ vr, value }) => {
    expect(() => encodeNumbers(vr, value)).toThrow(expect.objectContaining({ code: 'DICOM_BAD_VALUE' }));
  });
});
