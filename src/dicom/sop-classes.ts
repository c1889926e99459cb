import type { SopClassUid } from './uid.ts';
import { parseUid } from './uid.ts';

export type RestoredModality = 'CT' | 'MR' | 'PT';
export type ImageFamily = 'classic' | 'enhanced' | 'legacy-converted';

export interface ImageSopClass {
  readonly uid: SopClassUid;
  readonly name: string;
  readonly modality: RestoredModality;
  readonly family: ImageFamily;
}

function image(suffix: string, name: string, modality: RestoredModality, family: ImageFamily): ImageSopClass {
  return { uid: parseUid(`1.2.840.10008.5.1.4.1.1${suffix}`), name, modality, family };
}

/** The SOP classes whose images are restored (PS3.4 B.5); every other class is stored and forwarded only. */
export const imageSopClasses: readonly ImageSopClass[] = [
  image('.2', 'CT Image Storage', 'CT', 'classic'),
  image('.2.1', 'Enhanced CT Image Storage', 'CT', 'enhanced'),
  image('.2.2', 'Legacy Converted Enhanced CT Image Storage', 'CT', 'legacy-converted'),
  image('.4', 'MR Image Storage', 'MR', 'classic'),
  image('.4.1', 'Enhanced MR Image Storage', 'MR', 'enhanced'),
  image('.4.4', 'Legacy Converted Enhanced MR Image Storage', 'MR', 'legacy-converted'),
  image('.128', 'Positron Emission Tomography Image Storage', 'PT', 'classic'),
  image('.130', 'Enhanced PET Image Storage', 'PT', 'enhanced'),
  image('.128.1', 'Legacy Converted Enhanced PET Image Storage', 'PT', 'legacy-converted'),
];

const byUid = new Map<string, ImageSopClass>(imageSopClasses.map((sopClass) => [sopClass.uid, sopClass]));

/** The table row of a class that is restored, `undefined` for all others. */
export function findImageSopClass(uid: string): ImageSopClass | undefined {
  return byUid.get(uid);
}
