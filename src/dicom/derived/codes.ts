/** A code as we write it: no scheme version (derived-objects.md 2.8). */
export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** Our private coding scheme, as its Coding Scheme Identification item names it (PS3.3 C.12.1). */
export const codingScheme = {
  designator: '99DIFFCODE',
  name: 'diffcode-node private codes',
  version: '1',
  organization: 'diffcode-node project',
} as const;

/** How a derived series is coded and marked, by task. No standard code fits (derived-objects.md 2.3). */
export const derivations = {
  'ct-denoising': { mark: 'AI-DN', code: ours('CT-DN', 'AI noise reduction') },
  'mri-super-resolution': { mark: 'AI-SR', code: ours('MR-SR', 'AI resolution enhancement') },
  'pet-synthesis': { mark: 'AI-PT', code: ours('PT-DE', 'AI low-count PET restoration') },
} as const;

export type Task = keyof typeof derivations;

/** Purposes of reference: CID 7202 (source image), CID 7210 (source series), CID 7005 (contributing equipment). */
export const purposes = {
  sourceImage: dcm('121322', 'Source image for image processing operation'),
  sourceSeries: dcm('121323', 'Source series for image processing operation'),
  processingEquipment: dcm('109102', 'Processing Equipment'),
} as const;

function ours(value: string, meaning: string): Code {
  return { value, scheme: codingScheme.designator, meaning };
}

function dcm(value: string, meaning: string): Code {
  return { value, scheme: 'DCM', meaning };
}
