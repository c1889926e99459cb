import type { NodeConfig } from '../../config/schema.ts';
import type { GateValue } from '../../ledger/ledger.ts';
import type { Task } from '../../model/tasks.ts';
import { CtMeanShift } from './ct-mean-shift.ts';
import { CtNoiseRatio } from './ct-noise-ratio.ts';
import { CtResidualStructure } from './ct-residual-structure.ts';
import { EveryTask } from './every-task.ts';
import type { Measure } from './measure.ts';
import { MrKSpace } from './mr-k-space.ts';
import { MrMeanIntensity } from './mr-mean-intensity.ts';
import { PetActivity } from './pet-activity.ts';
import { PetHotRegions } from './pet-hot-regions.ts';

export type GateLimits = NodeConfig['gate'];

/** What is measured on a restored series of a task, with the limits in force (architecture.md, "The gate"). */
export function measuresOf(task: Task, limits: GateLimits): readonly Measure[] {
  return [new EveryTask(limits[task]), ...taskMeasures(task, limits)];
}

function taskMeasures(task: Task, limits: GateLimits): readonly Measure[] {
  switch (task) {
    case 'ct-denoising': {
      const { meanShiftHu, noiseRatio, residualEdgeCorrelation } = limits[task];
      return [
        new CtMeanShift(meanShiftHu),
        new CtNoiseRatio(noiseRatio),
        new CtResidualStructure(residualEdgeCorrelation),
      ];
    }
    case 'pet-synthesis':
      return [new PetActivity(limits[task].totalActivityRatio), new PetHotRegions(limits[task])];
    case 'mri-super-resolution':
      return [new MrKSpace(limits[task].lowFrequencyEnergyShift), new MrMeanIntensity(limits[task].meanIntensityShift)];
  }
}

/** One sentence for each limit that does not hold; empty when the series may leave. */
export function objections(values: readonly GateValue[]): readonly string[] {
  return values.filter(({ passed }) => !passed).map(objection);
}

function objection({ measure, value, lower, upper }: GateValue): string {
  const limit = upper !== null && value > upper ? `at most ${upper}` : `at least ${lower ?? 'a number'}`;
  return `${measure} is ${Number(value.toPrecision(4))}, allowed ${limit}`;
}
