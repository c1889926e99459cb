import { codingScheme } from '../../dicom/derived/codes.ts';
import { ownImageTypeToken } from '../../dicom/derived/image-type.ts';
import { readItems, readStrings } from '../../dicom/element-values.ts';
import { tagOfKeyword } from '../../dicom/tags.ts';
import { type Evidence, evidence } from './finding.ts';
import { groupItems, type Image, rootValues } from './image.ts';

const ownModelName = 'diffcode-node';

/** Our own objects are never restored again: any one of four marks is enough, so that a PACS may lose three. */
export function ownOutput(image: Image): Evidence | undefined {
  if (image.isDerived) return evidence('SOPInstanceUID', ['known'], 'the ledger has it among the objects made here');
  if (image.imageType.includes(ownImageTypeToken)) {
    return evidence('ImageType', image.imageType, `it has ${ownImageTypeToken}`);
  }
  if (equipmentModels(image).includes(ownModelName)) {
    return evidence('ContributingEquipmentSequence', [ownModelName], 'this software contributed to it');
  }
  return derivationCodes(image).some(({ scheme }) => scheme === codingScheme.designator)
    ? evidence('DerivationCodeSequence', [codingScheme.designator], 'the derivation is coded in our scheme')
    : undefined;
}

/** Secondary captures, segmentations, reports, presentation states, maps and all other classes. */
export function sopClass(image: Image): Evidence | undefined {
  if (image.sopClass !== undefined) return undefined;
  return evidence('SOPClassUID', rootValues(image, 'SOPClassUID'), 'not a CT, MR or PET image');
}

export function noImageType(image: Image): Evidence | undefined {
  if (image.imageType.length > 1) return undefined;
  return evidence('ImageType', image.imageType, 'two values at least must tell what kind of image it is');
}

export interface DerivationCode {
  readonly value: string;
  readonly scheme: string;
}

/** Derivation Codes at the root and in the Derivation Image functional groups. */
export function derivationCodes(image: Image): readonly DerivationCode[] {
  const places = [image.root, ...groupItems(image, 'DerivationImageSequence')];
  return places
    .flatMap((place) => readItems(place, tagOfKeyword('DerivationCodeSequence')))
    .map((item) => ({
      value: readStrings(item, tagOfKeyword('CodeValue'))[0] ?? '',
      scheme: readStrings(item, tagOfKeyword('CodingSchemeDesignator'))[0] ?? '',
    }));
}

function equipmentModels(image: Image): readonly string[] {
  return readItems(image.root, tagOfKeyword('ContributingEquipmentSequence')).flatMap((item) =>
    readStrings(item, tagOfKeyword('ManufacturerModelName')),
  );
}
