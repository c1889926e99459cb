import { readPrivateNumber } from '../../dicom/private-number.ts';
import { type Evidence, evidence } from './finding.ts';
import { derivationCodes } from './identity.ts';
import { frameTypeGroups, type Image, isOf, rootValues, valuesAnywhere } from './image.ts';

// Whole values of Image Type, upper case; PS3.3 C.8.3.1.1.1, C.8.16.1 and what scanners write.
// biome-ignore format: lists
const tokens = {
  localizer: ['SCOUT', 'TOPOGRAM'],
  reformat: [
    'MPR', 'MIP', 'MINIP', 'MIN IP', 'MAX IP', 'PROJECTION IMAGE', 'REFORMATTED', 'CSA MPR', 'CPR', 'VRT', 'SSD',
    'VOLUME RENDERED',
  ],
  map: [
    'T1 MAP', 'T2 MAP', 'DIFFUSION MAP', 'DENSITY MAP', 'VELOCITY MAP', 'PHASE MAP', 'IMAGE ADDITION',
    'MODULUS SUBTRACT', 'PHASE SUBTRACT', 'SUBTRACTION', 'SUB', 'ADC', 'FA', 'TRACEW', 'TENSOR', 'CBF', 'CBV', 'MTT',
    'TTP', 'RCBF', 'RCBV', 'MEAN', 'RMS',
  ],
  complex: ['P', 'R', 'I', 'PHASE', 'REAL', 'IMAGINARY'],
} as const;

// Derivation codes of DCM, PS3.16 CID 7203.
const reformatCodes = [...codes(113_072, 113_079), '113090'];
const mapCodes = [...codes(113_041, 113_053), '113062', '113097', ...codes(129_104, 129_106)];

export function localizer(image: Image): Evidence | undefined {
  if (image.imageType[2] === 'LOCALIZER') return evidence('ImageType', image.imageType, 'value 3 is LOCALIZER');
  return tokenEvidence(image, tokens.localizer);
}

export function mixedFrames(image: Image): Evidence | undefined {
  if (image.imageType[0] !== 'MIXED') return undefined;
  return evidence('ImageType', image.imageType, 'its frames are of several kinds');
}

export function reformat(image: Image): Evidence | undefined {
  return (
    tokenEvidence(image, tokens.reformat) ??
    volumeEvidence(image, 'VolumetricProperties', (value) => value === 'DISTORTED' || value === 'SAMPLED') ??
    codeEvidence(image, reformatCodes) ??
    volumeEvidence(image, 'VolumeBasedCalculationTechnique', (value) => value !== 'NONE')
  );
}

export function map(image: Image): Evidence | undefined {
  return tokenEvidence(image, tokens.map) ?? contrastEvidence(image) ?? codeEvidence(image, mapCodes);
}

/** Value 4 of enhanced objects names what was calculated (PS3.3 C.8.16.1.4). */
function contrastEvidence(image: Image): Evidence | undefined {
  const calculated = image.imageType[3];
  if (image.sopClass?.family === 'classic' || calculated === undefined || calculated === 'NONE') return undefined;
  return evidence('ImageType', image.imageType, 'value 4 of an enhanced image is not NONE');
}

/** Phase, real and imaginary images of MR; only magnitudes are restored. */
export function complex(image: Image): Evidence | undefined {
  if (!isOf(image, 'MR')) return undefined;
  const component = valuesAnywhere(image, 'ComplexImageComponent', frameTypeGroups).filter((v) => v !== 'MAGNITUDE');
  if (component.length > 0) return evidence('ComplexImageComponent', component, 'not MAGNITUDE');
  return tokenEvidence(image, tokens.complex) ?? prefixEvidence(image) ?? geComplexEvidence(image);
}

function prefixEvidence(image: Image): Evidence | undefined {
  const found = image.imageType.find((value) => /^[PRI]_/.test(value));
  return found === undefined ? undefined : evidence('ImageType', image.imageType, `it has ${found}`);
}

const geImageType = { creator: 'GEMS_PARM_01', group: 0x0043, element: 0x2f };

/** GE says phase, real or imaginary in a private element, and nowhere else. */
function geComplexEvidence(image: Image): Evidence | undefined {
  const kind = readPrivateNumber(image.root, geImageType);
  if (kind === undefined || ![1, 2, 3].includes(kind)) return undefined;
  const because = 'GE writes 1, 2, 3 for phase, real, imaginary';
  return { tag: 0x0043102f, found: String(kind), because };
}

/** Siemens' tiles of many slices in one image. */
export function mosaic(image: Image): Evidence | undefined {
  return tokenEvidence(image, ['MOSAIC']);
}

export function secondary(image: Image): Evidence | undefined {
  if (image.imageType[1] !== 'SECONDARY') return undefined;
  return evidence('ImageType', image.imageType, 'value 2 is SECONDARY');
}

export function derived(image: Image): Evidence | undefined {
  if (image.imageType[0] !== 'DERIVED') return undefined;
  return evidence('ImageType', image.imageType, 'value 1 is DERIVED');
}

export function multiEnergy(image: Image): Evidence | undefined {
  const values = valuesAnywhere(image, 'MultienergyCTAcquisition', ['CTAcquisitionTypeSequence']);
  return values.includes('YES') ? evidence('MultienergyCTAcquisition', ['YES'], 'several energies') : undefined;
}

/** A flag of the root that is YES where it must not be. */
export function flagged(keyword: string, because: string, yes: readonly string[] = ['YES']) {
  return (image: Image): Evidence | undefined => {
    const values = rootValues(image, keyword);
    return yes.includes(values[0] ?? '') ? evidence(keyword, values, because) : undefined;
  };
}

function tokenEvidence(image: Image, wanted: readonly string[]): Evidence | undefined {
  const token = image.imageType.find((value) => wanted.includes(value));
  return token === undefined ? undefined : evidence('ImageType', image.imageType, `it has ${token}`);
}

function codeEvidence(image: Image, wanted: readonly string[]): Evidence | undefined {
  const code = derivationCodes(image).find(({ value, scheme }) => scheme === 'DCM' && wanted.includes(value));
  return code && evidence('DerivationCodeSequence', [code.value], 'it was calculated from other images');
}

function volumeEvidence(image: Image, keyword: string, isWrong: (value: string) => boolean): Evidence | undefined {
  const wrong = valuesAnywhere(image, keyword, frameTypeGroups).filter(isWrong);
  return wrong.length === 0 ? undefined : evidence(keyword, wrong, 'it was calculated from a volume');
}

function codes(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}
