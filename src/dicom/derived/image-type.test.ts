import { expect, test } from 'vitest';
import type { ImageFamily, RestoredModality } from '../sop-classes.ts';
import { derivedFrameType, derivedImageType } from './image-type.ts';

interface Case {
  readonly modality: RestoredModality;
  readonly family: ImageFamily;
  readonly source: string;
  readonly derived: string;
}

// biome-ignore format: one row per case
const cases: readonly Case[] = [
  { modality: 'CT', family: 'classic', source: 'ORIGINAL\\PRIMARY\\AXIAL', derived: 'DERIVED\\PRIMARY\\AXIAL\\\\DIFFCODE' },
  { modality: 'CT', family: 'classic', source: 'ORIGINAL\\PRIMARY', derived: 'DERIVED\\PRIMARY\\AXIAL\\\\DIFFCODE' },
  { modality: 'CT', family: 'classic', source: 'ORIGINAL\\SECONDARY\\AXIAL\\CT_SOM5 SPI', derived: 'DERIVED\\PRIMARY\\AXIAL\\CT_SOM5 SPI\\DIFFCODE' },
  { modality: 'CT', family: 'classic', source: 'ORIGINAL\\PRIMARY\\AXIAL\\A\\B\\C', derived: 'DERIVED\\PRIMARY\\AXIAL\\A\\B\\C\\DIFFCODE' },
  { modality: 'MR', family: 'classic', source: 'ORIGINAL\\PRIMARY\\M\\ND\\NORM', derived: 'DERIVED\\PRIMARY\\M\\ND\\NORM\\DIFFCODE' },
  { modality: 'MR', family: 'classic', source: 'ORIGINAL\\PRIMARY', derived: 'DERIVED\\PRIMARY\\OTHER\\DIFFCODE' },
  { modality: 'PT', family: 'classic', source: 'ORIGINAL\\PRIMARY', derived: 'DERIVED\\PRIMARY\\DIFFCODE' },
  { modality: 'PT', family: 'classic', source: 'DERIVED\\SECONDARY\\X', derived: 'DERIVED\\PRIMARY\\X\\DIFFCODE' },
  { modality: 'MR', family: 'enhanced', source: 'ORIGINAL\\PRIMARY\\DIFFUSION\\NONE', derived: 'DERIVED\\PRIMARY\\DIFFUSION\\NONE' },
  { modality: 'CT', family: 'enhanced', source: 'ORIGINAL\\PRIMARY\\VOLUME\\NONE\\VMI', derived: 'DERIVED\\PRIMARY\\VOLUME\\NONE\\VMI' },
  { modality: 'PT', family: 'legacy-converted', source: 'ORIGINAL\\PRIMARY\\VOLUME\\NONE', derived: 'DERIVED\\PRIMARY\\VOLUME\\NONE' },
];

test.for(cases)('$modality $family: $source becomes $derived', ({ modality, family, source, derived }) => {
  expect(derivedImageType(modality, family, source.split('\\')).join('\\')).toBe(derived);
});

test('a frame keeps its values 3 and 4', () => {
  expect(derivedFrameType(['ORIGINAL', 'PRIMARY', 'T1', 'NONE'])).toEqual(['DERIVED', 'PRIMARY', 'T1', 'NONE']);
});
