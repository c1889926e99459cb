import { describe, expect, test } from 'vitest';
import { ct, received } from '../../test/builders/images.ts';
import { summariseInstance, summariseSeries } from './summarise.ts';

describe('the summary of a series', () => {
  test('has the value that all instances share, and says of the others that they vary', () => {
    const { values, instances } = summariseSeries([
      received({ ...ct, InstanceNumber: 1 }),
      received({ ...ct, InstanceNumber: 2 }),
    ]);

    expect(instances).toBe(2);
    expect(values['Modality']).toEqual(['CT']);
    expect(values['ImageType']).toEqual(['ORIGINAL', 'PRIMARY', 'AXIAL']);
    expect(values['InstanceNumber']).toBe('varies');
  });

  test('says that a keyword varies when one instance lacks it', () => {
    const { values } = summariseSeries([received({ ...ct, KVP: 120 }), received(ct)]);

    expect(values['KVP']).toBe('varies');
  });

  test('holds no keyword that nobody has, and takes an empty value for none', () => {
    const { values } = summariseSeries([received({ ...ct, BodyPartExamined: '' })]);

    expect(values).not.toHaveProperty('BodyPartExamined');
    expect(values).not.toHaveProperty('KVP');
  });

  test('knows who sent it to whom', () => {
    const { values } = summariseSeries([received(ct, { callingAeTitle: 'CT7', calledAeTitle: 'NODE' })]);

    expect(values).toMatchObject({ callingAeTitle: ['CT7'], calledAeTitle: ['NODE'] });
  });

  test('says that the caller varies when two modalities sent one series', () => {
    const { values } = summariseSeries([received(ct), received(ct, { callingAeTitle: 'CT7' })]);

    expect(values['callingAeTitle']).toBe('varies');
  });

  test('reads texts in the character set of the object', () => {
    const utf8 = { ...ct, SpecificCharacterSet: 'ISO_IR 192', SeriesDescription: Buffer.from('Schädel ', 'utf8') };
    const greek = { ...ct, SpecificCharacterSet: 'ISO_IR 126', SeriesDescription: Buffer.from([0xe8, 0xfe]) };

    expect(summariseInstance(received(utf8)).values['SeriesDescription']).toEqual(['Schädel']);
    expect(summariseInstance(received(greek)).values['SeriesDescription']).toEqual(['θώ']);
  });

  test('holds neither pixels nor sequences nor private elements', () => {
    const sequence = { ReferencedStudySequence: [{ ReferencedSOPInstanceUID: '1.2' }] };
    const privates = [{ tag: 0x00090010, vr: 'LO', value: Buffer.from('VENDOR') }];
    const { values } = summariseInstance(received({ ...ct, ...sequence }, { privates }));

    expect(Object.keys(values)).not.toContain('PixelData');
    expect(Object.keys(values)).not.toContain('ReferencedStudySequence');
    expect(JSON.stringify(values)).not.toContain('VENDOR');
  });

  test('is plain data: what the ledger kept of it can be decided again', () => {
    const summary = summariseSeries([received({ ...ct, LossyImageCompression: '01' })]);

    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });
});
