import type { ReceivedInstance } from '../../src/router/summarise.ts';
import { dataSetOf, type Elements, type PrivateElement } from './data-set.ts';

const side = 64;

const image: Elements = {
  SOPInstanceUID: '2.25.1',
  SeriesInstanceUID: '2.25.2',
  InstanceNumber: 1,
  ImagePositionPatient: [0, 0, 0],
  ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
  FrameOfReferenceUID: '2.25.3',
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: side,
  Columns: side,
  PixelSpacing: [1, 1],
  SliceThickness: 3,
  BitsAllocated: 16,
  BitsStored: 16,
  HighBit: 15,
  PixelRepresentation: 0,
  RescaleIntercept: 0,
  RescaleSlope: 1,
  PixelData: Buffer.alloc(side * side * 2),
};

/** A CT slice that every rule may restore. */
export const ct: Elements = {
  ...image,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  Modality: 'CT',
  ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
};

export const mr: Elements = {
  ...image,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
  Modality: 'MR',
  ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND'],
};

export const pet: Elements = {
  ...image,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.128',
  Modality: 'PT',
  ImageType: ['ORIGINAL', 'PRIMARY'],
  SeriesType: ['WHOLE BODY', 'IMAGE'],
  CorrectedImage: ['ATTN', 'DECY'],
  Units: 'BQML',
  DecayCorrection: 'START',
  PatientWeight: 70,
  RadiopharmaceuticalInformationSequence: [
    { RadionuclideTotalDose: 3e8, RadionuclideHalfLife: 6588, RadiopharmaceuticalStartTime: '080000' },
  ],
};

/** Enhanced MR of two frames. */
export const enhancedMr: Elements = {
  ...mr,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.4.1',
  ImageType: ['ORIGINAL', 'PRIMARY', 'T1', 'NONE'],
  NumberOfFrames: 2,
  RescaleSlope: undefined,
  RescaleIntercept: undefined,
  PixelData: Buffer.alloc(side * side * 2 * 2),
};

/** An object as it came in. */
export function received(
  elements: Elements,
  { privates, ...known }: Partial<ReceivedInstance> & { readonly privates?: readonly PrivateElement[] } = {},
): ReceivedInstance {
  const dataSet = dataSetOf(elements, privates);
  const origin = { callingAeTitle: 'CT1', calledAeTitle: 'DIFFCODE', isDerived: false };
  return { dataSet, dataSetBytes: dataSet.bytes.length, ...origin, ...known };
}
