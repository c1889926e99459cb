import { z } from 'zod';

const upper = (byDefault: number) => z.number().nonnegative().default(byDefault);

const range = (min: number, max: number) =>
  z
    .strictObject({
      min: z.number().default(min).meta({ description: 'Lower limit.' }),
      max: z.number().default(max).meta({ description: 'Upper limit.' }),
    })
    .refine((limits) => limits.min <= limits.max, { path: ['min'], error: 'must not be above max' })
    .prefault({});

/** Limits of every task; the measures are those of architecture.md, "The gate". */
const everyTask = {
  oodFactor: upper(1.5).meta({
    description: 'Out-of-distribution scores may be this many times the limit of the weights’ card.',
  }),
  clampedShare: upper(0.001).meta({ description: 'Share of voxels cut at the ends of the stored range.' }),
};

const ct = z.strictObject({
  ...everyTask,
  meanShiftHu: z
    .strictObject({
      air: upper(5).meta({ description: 'Shift of the mean in air, HU.' }),
      lung: upper(5).meta({ description: 'Shift of the mean in lung, HU.' }),
      fat: upper(3).meta({ description: 'Shift of the mean in fat, HU.' }),
      softTissue: upper(3).meta({ description: 'Shift of the mean in soft tissue, HU.' }),
      bone: upper(10).meta({ description: 'Shift of the mean in bone, HU.' }),
    })
    .prefault({})
    .meta({ description: 'Largest shift of the mean of a tissue over the series, either way.' }),
  noiseRatio: range(0.2, 1).meta({ description: 'Noise in flat regions, output ÷ input.' }),
  residualEdgeCorrelation: upper(0.4).meta({
    description: 'Correlation of the absolute residual with edge strength.',
  }),
});

const pet = z.strictObject({
  ...everyTask,
  totalActivityRatio: range(0.95, 1.05).meta({ description: 'Sum of SUV, output ÷ input.' }),
  hotRegionSmoothingMm: z.number().positive().default(6).meta({
    description: 'Full width at half maximum of the Gaussian before hot regions are sought.',
  }),
  suvMeanShift: upper(0.15).meta({ description: 'Largest relative shift of SUVmean of a hot region.' }),
  vanishedHotRegions: z.int().nonnegative().default(0).meta({ description: 'Hot regions that may vanish.' }),
  appearedHotRegions: z.int().nonnegative().default(0).meta({ description: 'Hot regions that may appear.' }),
});

const mr = z.strictObject({
  ...everyTask,
  lowFrequencyEnergyShift: upper(0.05).meta({ description: 'Relative change of energy in measured k-space.' }),
  meanIntensityShift: upper(0.03).meta({ description: 'Relative change of the mean of the foreground.' }),
});

/** Limits that a restored series must hold, by task; a limit may be widened here, never switched off. */
export const gate = z.strictObject({
  'ct-denoising': ct.prefault({}).meta({ description: 'CT.' }),
  'mri-super-resolution': mr.prefault({}).meta({ description: 'MR.' }),
  'pet-synthesis': pet.prefault({}).meta({ description: 'PET.' }),
});
