import type { FrameImage } from '../dicom/frame-images.ts';
import { mrSeriesScale, paddingMask, physicalValues } from '../model/normalise.ts';
import type { Task } from '../model/tasks.ts';
import type { EarlierDerived } from './series-work.ts';

/** A later revision keeps the first one's scale unless its own differs by more (derived-objects.md 5.3). */
const stickiness = 0.1;

/**
 * Scale of an MR series over all its slices; that of an earlier revision where the two agree within 10 %, so that late
 * slices join the derived series instead of doubling it. `undefined` for a series without a positive value.
 */
export function seriesScale(
  images: readonly FrameImage[],
  task: Task,
  earlier: readonly EarlierDerived[],
): number | undefined {
  const own = mrSeriesScale(
    images.map((image) => {
      const stored = { ...image, factor: 1 };
      return { values: physicalValues(stored), padding: paddingMask(stored, task) };
    }),
  );
  const known = earlier.filter((derived) => derived.task === task).flatMap(({ contextJson }) => scaleOf(contextJson));
  const kept = known.findLast((scale) => own === undefined || Math.abs(scale - own) <= stickiness * scale);
  return kept ?? own;
}

function scaleOf(contextJson: string): readonly number[] {
  const context: unknown = JSON.parse(contextJson);
  const hasScale = typeof context === 'object' && context !== null && 'scale' in context;
  return hasScale && typeof context.scale === 'number' ? [context.scale] : [];
}
