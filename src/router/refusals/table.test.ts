import { describe, expect, test } from 'vitest';
import type { Elements, PrivateElement } from '../../../test/builders/data-set.ts';
import { ct, enhancedMr, mr, pet, received } from '../../../test/builders/images.ts';
import { walkDataSet } from '../../dicom/data-set.ts';
import { explicitLittle } from '../../dicom/transfer-syntax.ts';
import { summariseSeries } from '../summarise.ts';
import { evidenceText, type Finding } from './finding.ts';

interface Case {
  readonly name: string;
  readonly object: Elements;
  readonly privates?: readonly PrivateElement[];
  readonly isDerived?: boolean;
  /** All reasons, in order; the first is the one that a decision names. */
  readonly reasons: readonly string[];
}

function findings({ object, privates = [], isDerived = false }: Omit<Case, 'name' | 'reasons'>): readonly Finding[] {
  return summariseSeries([received(object, { privates, isDerived })]).findings;
}

const typed = (object: Elements, ...values: string[]): Elements => ({ ...object, ImageType: values });
const original = (object: Elements, ...more: string[]): Elements => typed(object, 'ORIGINAL', 'PRIMARY', ...more);
const derivedBy = (scheme: string, value: string): Elements => ({ CodingSchemeDesignator: scheme, CodeValue: value });

/** (gggg,0010) reserves block 10 for the creator, (gggg,10ee) is its element. */
function privateElement(group: number, creator: string, element: number, vr: string, value: Buffer): PrivateElement[] {
  return [
    { tag: group * 0x10000 + 0x10, vr: 'LO', value: Buffer.from(creator) },
    { tag: group * 0x10000 + 0x1000 + element, vr, value },
  ];
}

const short = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
const injection = { RadionuclideTotalDose: 3e8, RadionuclideHalfLife: 6588, RadiopharmaceuticalStartTime: '080000' };
const injected = (changes: Elements): Elements => ({
  ...pet,
  RadiopharmaceuticalInformationSequence: [{ ...injection, ...changes }],
});

describe('an image that nothing speaks against has no finding', () => {
  test.for([
    { name: 'CT', object: ct },
    { name: 'CT in MONOCHROME1', object: { ...ct, PhotometricInterpretation: 'MONOCHROME1' } },
    { name: 'CT that says Hounsfield units', object: { ...ct, RescaleType: 'HU' } },
    { name: 'CT with one byte of padding behind its pixels', object: { ...ct, PixelData: Buffer.alloc(8194) } },
    { name: 'MR', object: mr },
    { name: 'MR without rescale', object: { ...mr, RescaleSlope: undefined, RescaleIntercept: undefined } },
    {
      name: 'MR of GE that says magnitude',
      object: mr,
      privates: privateElement(0x43, 'GEMS_PARM_01', 0x2f, 'SS', short(0)),
    },
    { name: 'enhanced MR', object: enhancedMr },
    { name: 'PET in Bq/ml', object: pet },
    { name: 'PET in g/ml of body weight', object: { ...pet, Units: 'GML', PatientWeight: undefined } },
    { name: 'PET corrected to the injection', object: { ...pet, DecayCorrection: 'ADMIN' } },
    {
      name: 'PET in counts with the factor of Philips',
      object: { ...pet, Units: 'CNTS' },
      privates: privateElement(0x7053, 'Philips PET Private Group', 0x00, 'DS', Buffer.from('0.0003')),
    },
  ])('$name', (given) => {
    expect(findings(given)).toEqual([]);
  });
});

describe('a refusal', () => {
  const cases: readonly Case[] = [
    { name: 'own output that the ledger knows', object: ct, isDerived: true, reasons: ['own-output'] },
    {
      name: 'own output by its Image Type',
      object: typed(ct, 'DERIVED', 'PRIMARY', 'AXIAL', '', 'DIFFCODE'),
      reasons: ['own-output', 'derived'],
    },
    {
      name: 'own output by Contributing Equipment',
      object: { ...ct, ContributingEquipmentSequence: [{ ManufacturerModelName: 'diffcode-node' }] },
      reasons: ['own-output'],
    },
    {
      name: 'own output by its derivation code',
      object: { ...ct, DerivationCodeSequence: [derivedBy('99DIFFCODE', 'CT-DN')] },
      reasons: ['own-output'],
    },
    {
      name: 'own output by the derivation code of a frame',
      object: {
        ...enhancedMr,
        PerFrameFunctionalGroupsSequence: [
          { DerivationImageSequence: [{ DerivationCodeSequence: [derivedBy('99DIFFCODE', 'MR-SR')] }] },
        ],
      },
      reasons: ['own-output'],
    },
    {
      name: 'a secondary capture, whatever else is wrong with it',
      object: { ...ct, SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', PhotometricInterpretation: 'RGB', BitsStored: 8 },
      reasons: ['sop-class'],
    },
    { name: 'no Image Type', object: { ...ct, ImageType: undefined }, reasons: ['no-image-type'] },
    { name: 'an Image Type of one value', object: typed(ct, 'ORIGINAL'), reasons: ['no-image-type'] },
    { name: 'no pixels', object: { ...ct, PixelData: undefined }, reasons: ['no-pixels'] },
    { name: 'pixels that are cut', object: { ...ct, PixelData: Buffer.alloc(8190) }, reasons: ['no-pixels'] },
    { name: 'pixels of one frame more', object: { ...ct, PixelData: Buffer.alloc(16_384) }, reasons: ['no-pixels'] },
    { name: 'three samples a pixel', object: { ...ct, SamplesPerPixel: 3 }, reasons: ['color'] },
    { name: 'a palette', object: { ...ct, PhotometricInterpretation: 'PALETTE COLOR' }, reasons: ['color'] },
    { name: 'PET in MONOCHROME1', object: { ...pet, PhotometricInterpretation: 'MONOCHROME1' }, reasons: ['color'] },
    {
      name: 'color by Pixel Presentation',
      object: { ...enhancedMr, PixelPresentation: 'TRUE_COLOR' },
      reasons: ['color'],
    },
    { name: '32 bits allocated', object: { ...ct, BitsAllocated: 32 }, reasons: ['bits'] },
    { name: 'no Bits Stored', object: { ...ct, BitsStored: undefined }, reasons: ['bits'] },
    { name: 'a High Bit that leaves a gap', object: { ...ct, BitsStored: 12 }, reasons: ['bits'] },
    {
      name: 'several frames in a classic image',
      object: { ...ct, NumberOfFrames: 2, PixelData: Buffer.alloc(16_384) },
      reasons: ['multi-frame'],
    },
    { name: 'a localizer', object: original(ct, 'LOCALIZER'), reasons: ['localizer'] },
    { name: 'a topogram', object: original(ct, 'AXIAL', 'TOPOGRAM'), reasons: ['localizer'] },
    {
      name: 'frames of several kinds',
      object: typed(enhancedMr, 'MIXED', 'PRIMARY', 'T1', 'NONE'),
      reasons: ['mixed-frames'],
    },
    { name: 'a multiplanar reformat', object: original(ct, 'AXIAL', 'MPR'), reasons: ['reformat'] },
    { name: 'a projection, in small letters', object: original(mr, 'projection image'), reasons: ['reformat'] },
    { name: 'a distorted volume', object: { ...enhancedMr, VolumetricProperties: 'DISTORTED' }, reasons: ['reformat'] },
    {
      name: 'a maximum intensity projection by its code',
      object: { ...ct, DerivationCodeSequence: [derivedBy('DCM', '113078')] },
      reasons: ['reformat'],
    },
    {
      name: 'a volume based calculation of a frame',
      object: {
        ...enhancedMr,
        SharedFunctionalGroupsSequence: [{ MRImageFrameTypeSequence: [{ VolumeBasedCalculationTechnique: 'MAX_IP' }] }],
      },
      reasons: ['reformat'],
    },
    { name: 'an ADC map', object: typed(mr, 'DERIVED', 'SECONDARY', 'ADC'), reasons: ['map', 'secondary', 'derived'] },
    { name: 'an enhanced map', object: original(enhancedMr, 'T1', 'SUBTRACTION'), reasons: ['map'] },
    {
      name: 'an enhanced image of another contrast',
      object: original(enhancedMr, 'DIFFUSION', 'EXPONENT'),
      reasons: ['map'],
    },
    {
      name: 'a map by its code',
      object: { ...mr, DerivationCodeSequence: [derivedBy('DCM', '113041')] },
      reasons: ['map'],
    },
    { name: 'a phase image', object: original(mr, 'P', 'ND'), reasons: ['complex'] },
    { name: 'a phase image of Philips', object: original(mr, 'P_FFE'), reasons: ['complex'] },
    { name: 'a real part', object: { ...enhancedMr, ComplexImageComponent: 'REAL' }, reasons: ['complex'] },
    {
      name: 'an imaginary part of GE',
      object: mr,
      privates: privateElement(0x43, 'GEMS_PARM_01', 0x2f, 'SS', short(3)),
      reasons: ['complex'],
    },
    {
      name: 'a phase image of GE, sent as UN',
      object: mr,
      privates: privateElement(0x43, 'GEMS_PARM_01', 0x2f, 'UN', short(1)),
      reasons: ['complex'],
    },
    { name: 'a mosaic', object: original(mr, 'M', 'MOSAIC'), reasons: ['mosaic'] },
    { name: 'a secondary image', object: typed(ct, 'ORIGINAL', 'SECONDARY', 'AXIAL'), reasons: ['secondary'] },
    { name: 'a derived image', object: typed(ct, 'DERIVED', 'PRIMARY', 'AXIAL'), reasons: ['derived'] },
    { name: 'several energies', object: { ...ct, MultienergyCTAcquisition: 'YES' }, reasons: ['multi-energy'] },
    {
      name: 'a reprojection',
      object: { ...pet, SeriesType: ['STATIC', 'REPROJECTION'] },
      reasons: ['pet-reprojection'],
    },
    { name: 'no attenuation correction', object: { ...pet, CorrectedImage: ['DECY'] }, reasons: ['pet-uncorrected'] },
    { name: 'no decay correction', object: { ...pet, CorrectedImage: 'ATTN' }, reasons: ['pet-uncorrected'] },
    {
      name: 'an enhanced PET without attenuation correction',
      object: {
        ...pet,
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.130',
        AttenuationCorrected: 'NO',
        DecayCorrected: 'YES',
      },
      reasons: ['pet-uncorrected'],
    },
    { name: 'PET in counts', object: { ...pet, Units: 'CNTS' }, reasons: ['pet-units'] },
    { name: 'PET without units', object: { ...pet, Units: undefined }, reasons: ['pet-units'] },
    { name: 'PET by lean body mass', object: { ...pet, Units: 'GML', SUVType: 'LBM' }, reasons: ['pet-units'] },
    { name: 'PET of nobody’s weight', object: { ...pet, PatientWeight: 0 }, reasons: ['pet-units'] },
    {
      name: 'PET not corrected to a known moment',
      object: { ...pet, DecayCorrection: 'NONE' },
      reasons: ['pet-units'],
    },
    { name: 'PET without a dose', object: injected({ RadionuclideTotalDose: undefined }), reasons: ['pet-units'] },
    { name: 'PET without a half-life', object: injected({ RadionuclideHalfLife: undefined }), reasons: ['pet-units'] },
    {
      name: 'PET without injection',
      object: injected({ RadiopharmaceuticalStartTime: undefined }),
      reasons: ['pet-units'],
    },
    {
      name: 'PET without isotope',
      object: { ...pet, RadiopharmaceuticalInformationSequence: undefined },
      reasons: ['pet-units'],
    },
    {
      name: 'a Modality LUT',
      object: { ...ct, ModalityLUTSequence: [{ LUTExplanation: 'x' }] },
      reasons: ['value-scale'],
    },
    { name: 'a slope of 0', object: { ...mr, RescaleSlope: 0 }, reasons: ['value-scale'] },
    { name: 'CT without slope', object: { ...ct, RescaleSlope: undefined }, reasons: ['value-scale'] },
    { name: 'PET with an intercept', object: { ...pet, RescaleIntercept: -5 }, reasons: ['value-scale'] },
    { name: 'CT that is not in Hounsfield units', object: { ...ct, RescaleType: 'US' }, reasons: ['value-scale'] },
    {
      name: 'a frame with a slope of 0',
      object: {
        ...enhancedMr,
        PerFrameFunctionalGroupsSequence: [
          { PixelValueTransformationSequence: [{ RescaleSlope: 1 }] },
          { PixelValueTransformationSequence: [{ RescaleSlope: 0 }] },
        ],
      },
      reasons: ['value-scale'],
    },
    { name: 'burned in text', object: { ...ct, BurnedInAnnotation: 'YES' }, reasons: ['burned-in'] },
    { name: 'a lossy image', object: { ...ct, LossyImageCompression: '01' }, reasons: ['lossy'] },
    { name: 'a quality control image', object: { ...ct, QualityControlImage: 'YES' }, reasons: ['quality-control'] },
    {
      name: 'a quality control subject',
      object: { ...ct, QualityControlSubject: 'YES' },
      reasons: ['quality-control'],
    },
    {
      name: 'an image for processing',
      object: { ...ct, PresentationIntentType: 'FOR PROCESSING' },
      reasons: ['for-processing'],
    },
    {
      name: 'an image that is too small for the model',
      object: { ...ct, Columns: 31, PixelData: Buffer.alloc(64 * 31 * 2) },
      reasons: ['too-small'],
    },
  ];

  test.for(cases)('$name', ({ reasons, ...given }) => {
    expect(findings(given).map(({ reason }) => reason)).toEqual(reasons);
  });

  test('names the element, what stands in it and the test that decided', () => {
    const [finding] = findings({ object: original(ct, 'LOCALIZER') });

    expect(finding && evidenceText(finding)).toBe(
      'ImageType (0008,0008) is ORIGINAL\\PRIMARY\\LOCALIZER: value 3 is LOCALIZER',
    );
  });

  test('is found where only the header was read, since the pixels are known by their announced length', () => {
    const whole = received(ct).dataSet.bytes;
    const header = { bytes: whole.subarray(0, whole.length - 8000), dataSetBytes: whole.length };

    expect(refusalsOfHeader(header)).toEqual([]);
    expect(refusalsOfHeader({ ...header, dataSetBytes: whole.length - 2 })).toEqual(['no-pixels']);
  });
});

function refusalsOfHeader({ bytes, dataSetBytes }: { bytes: Buffer; dataSetBytes: number }): readonly string[] {
  const dataSet = walkDataSet(bytes, explicitLittle);
  return summariseSeries([{ ...received(ct), dataSet, dataSetBytes }]).findings.map(({ reason }) => reason);
}
