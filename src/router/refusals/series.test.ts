import { describe, expect, test } from 'vitest';
import type { Elements } from '../../../test/builders/data-set.ts';
import { ct, mr, received } from '../../../test/builders/images.ts';
import { summariseSeries } from '../summarise.ts';
import { evidenceText } from './finding.ts';

/** Findings of a stack of slices, 3 mm apart, each changed in its own way. */
function slices(object: Elements, count: number, change: (index: number) => Elements): readonly string[] {
  const instances = Array.from({ length: count }, (_, index) => {
    const slice = { InstanceNumber: index + 1, ImagePositionPatient: [0, 0, index * 3] };
    return received({ ...object, ...slice, ...change(index) });
  });
  return summariseSeries(instances).findings.map((finding) => `${finding.reason}: ${evidenceText(finding)}`);
}

function tilted(degrees: number): readonly number[] {
  const angle = (degrees * Math.PI) / 180;
  return [1, 0, 0, 0, Number(Math.cos(angle).toFixed(8)), Number(Math.sin(angle).toFixed(8))];
}

describe('a series', () => {
  test('of slices one behind the other is as it should be', () => {
    expect(slices(ct, 5, () => ({}))).toEqual([]);
  });

  test('that was tilted by half a degree is as it should be', () => {
    expect(slices(mr, 3, (index) => ({ ImageOrientationPatient: tilted(index / 4) }))).toEqual([]);
  });

  test('of MR in several directions is a localizer', () => {
    expect(slices(mr, 3, (index) => ({ ImageOrientationPatient: tilted(index * 45) }))[0]).toBe(
      'localizer: ImageOrientationPatient (0020,0037) is 90.0° apart: slices of one series differ',
    );
  });

  test('of CT in several directions is mixed', () => {
    expect(slices(ct, 2, (index) => ({ ImageOrientationPatient: tilted(index * 2) }))[0]).toMatch(/^mixed-series/);
  });

  test.for([
    { name: 'rows', change: { Rows: 32, PixelData: Buffer.alloc(4096) }, text: 'Rows (0028,0010) is 64 and 32' },
    { name: 'bits', change: { BitsStored: 12, HighBit: 11 }, text: 'BitsStored (0028,0101) is 16 and 12' },
    { name: 'sign', change: { PixelRepresentation: 1 }, text: 'PixelRepresentation (0028,0103) is 0 and 1' },
    { name: 'modality', change: { Modality: 'MR' }, text: 'Modality (0008,0060) is CT and MR' },
    {
      name: 'Frame of Reference',
      change: { FrameOfReferenceUID: '2.25.9' },
      text: 'FrameOfReferenceUID (0020,0052) is 2.25.3 and 2.25.9',
    },
    {
      name: 'photometry',
      change: { PhotometricInterpretation: 'MONOCHROME1' },
      text: 'PhotometricInterpretation (0028,0004) is MONOCHROME2 and MONOCHROME1',
    },
    { name: 'pixel spacing', change: { PixelSpacing: [1, 1.02] }, text: 'PixelSpacing (0028,0030) is 1 to 1.02 mm' },
  ])('whose instances differ in $name is mixed, and both values are named', ({ change, text }) => {
    expect(slices(ct, 2, (index) => (index === 1 ? change : {}))).toEqual([
      expect.stringContaining(`mixed-series: ${text}`),
    ]);
  });

  test('whose pixel spacing differs in the last digit alone is as it should be', () => {
    expect(slices(ct, 2, (index) => ({ PixelSpacing: [1, 1 + index / 1000] }))).toEqual([]);
  });

  test('with two slices at one position is ambiguous, and both are named', () => {
    expect(slices(ct, 4, (index) => (index === 3 ? { ImagePositionPatient: [0, 0, 3.02] } : {}))).toEqual([
      'ambiguous-position: ImagePositionPatient (0020,0032) is 3.00 and 3.02 mm along the normal: ' +
        'nothing tells instances 2 and 4 apart',
    ]);
  });

  test.for([
    { name: 'acquisition', keyword: 'AcquisitionNumber' },
    { name: 'echo', keyword: 'EchoNumbers' },
    { name: 'temporal position', keyword: 'TemporalPositionIdentifier' },
    { name: 'trigger time', keyword: 'TriggerTime' },
    { name: 'b-value', keyword: 'DiffusionBValue' },
    { name: 'frame time', keyword: 'FrameReferenceTime' },
  ])('with two stacks that $name tells apart is as it should be', ({ keyword }) => {
    const place = (index: number): Elements => ({
      ImagePositionPatient: [0, 0, (index % 2) * 3],
      [keyword]: Math.floor(index / 2),
    });

    expect(slices(mr, 4, place)).toEqual([]);
  });

  test('tells the reasons of all its instances, each once, in the order in which they are tested', () => {
    const kinds = [
      { LossyImageCompression: '01' },
      { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
      { LossyImageCompression: '01' },
    ];

    const reasons = slices(ct, 3, (index) => kinds[index] ?? {}).map((text) => text.split(':')[0]);

    expect(reasons).toEqual(['localizer', 'lossy']);
  });
});
