import { DicomError } from '../../errors.ts';
import { parsePart10 } from '../../part10.ts';
import { tagText } from '../../tags.ts';
import type { InstancePlan } from '../instance-edits.ts';
import { elementViolations } from './check-elements.ts';
import { frameViolations } from './check-frames.ts';
import { valueViolations } from './check-values.ts';
import type { Violation } from './violation.ts';

/**
 * The writer's own judgement of a file, read back from its bytes: every element is set, present, absent or equal to
 * the source as the table of derived-objects.md 2 and 3 says (7.2.9). A file that fails must never be sent.
 * @throws DicomError DICOM_DERIVED_INVALID with the first broken rule and their number
 */
export function checkDerived(plan: InstancePlan, file: Buffer): void {
  const violations = derivedViolations(plan, file);
  const [first] = violations;
  if (first === undefined) return;
  throw new DicomError('DICOM_DERIVED_INVALID', {
    tag: tagText(first.tag),
    rule: first.rule,
    violations: violations.length,
  });
}

/** Every rule that a derived file breaks; none for a good one. */
export function derivedViolations(plan: InstancePlan, file: Buffer): readonly Violation[] {
  const derived = parsePart10(file);
  const { fault } = derived.dataSet;
  if (fault !== undefined) return [{ tag: 0, rule: `readable to its end: ${fault}` }];
  return [
    ...elementViolations(plan, derived.dataSet),
    ...valueViolations(plan, derived),
    ...(plan.source.family === 'multi-frame' ? frameViolations(plan, derived.dataSet) : []),
  ];
}
