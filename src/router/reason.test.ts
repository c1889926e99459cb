import { describe, expect, test } from 'vitest';
import { ct, pet, received } from '../../test/builders/images.ts';
import { findingForLog, reasonForLog, reasonText } from './reason.ts';
import { summariseSeries } from './summarise.ts';

const reasonOf = (keyword: string) => ({ rule: 'ct', test: keyword, wanted: 'A', found: 'is B' });

describe('a reason', () => {
  test('is told in full to the person who asks', () => {
    expect(reasonText(reasonOf('PatientID'))).toBe('ct: PatientID is B, not A');
  });

  test.for(['Modality', 'ImageType', 'SliceThickness', 'Rows', 'SOPClassUID', 'callingAeTitle', 'instances'])(
    'on %s holds its values in the log',
    (keyword) => {
      expect(reasonForLog(reasonOf(keyword))).toBe(`ct: ${keyword} is B, not A`);
    },
  );

  test.for([
    { name: 'identifies the patient', keyword: 'PatientID' },
    { name: 'describes the patient', keyword: 'PatientSex' },
    { name: 'is a name', keyword: 'ReferringPhysicianName' },
    { name: 'is a number of the hospital', keyword: 'AccessionNumber' },
    { name: 'is free text', keyword: 'SeriesDescription' },
    { name: 'is a date', keyword: 'StudyDate' },
    { name: 'is a UID', keyword: 'StudyInstanceUID' },
    { name: 'is an expression, which may hold any of them', keyword: 'cel' },
  ])('on what $name leaves the log without values', ({ keyword }) => {
    expect(reasonForLog(reasonOf(keyword))).toBe(`ct: ${keyword} does not match`);
  });
});

describe('a refusal in the log', () => {
  test('names the element, its value and the test', () => {
    const [finding] = summariseSeries([received({ ...ct, ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] })]).findings;

    expect(finding && findingForLog(finding)).toBe(
      'localizer: ImageType (0008,0008) is ORIGINAL\\PRIMARY\\LOCALIZER: value 3 is LOCALIZER',
    );
  });

  test('leaves out a value that is the patient’s', () => {
    const [finding] = summariseSeries([received({ ...pet, PatientWeight: 512 })]).findings;

    expect(finding && findingForLog(finding)).toBe('pet-units: PatientWeight: SUV needs 1 to 400 kg');
  });

  test('leaves out UIDs, which the log may only show as it was told to', () => {
    const other = { ...ct, FrameOfReferenceUID: '2.25.9', ImagePositionPatient: [0, 0, 3] };
    const [finding] = summariseSeries([received(ct), received(other)]).findings;

    expect(finding && findingForLog(finding)).toBe('mixed-series: FrameOfReferenceUID: instances 1 and 1 differ');
  });
});
