import { acceptKeys } from '../../config/rules-schema.ts';
import type { AcceptKey } from '../../config/schema.ts';
import type { Evidence, Finding, RefusalReason } from './finding.ts';
import { noImageType, ownOutput, sopClass } from './identity.ts';
import type { Image } from './image.ts';
import {
  complex,
  derived,
  flagged,
  localizer,
  map,
  mixedFrames,
  mosaic,
  multiEnergy,
  reformat,
  secondary,
} from './image-type.ts';
import { petReprojection, petUncorrected, petUnits } from './pet.ts';
import { bits, color, multiFrame, noPixels, tooSmall, valueScale } from './pixels.ts';

/** A reason against restoring that one instance shows by itself. */
interface Refusal {
  readonly reason: RefusalReason;
  readonly test: (image: Image) => Evidence | undefined;
}

/**
 * Every test on one instance, in the order of derived-objects.md 4; the two on whole series, `ambiguous-position` and
 * `mixed-series`, are in `series.ts`. `too-small` is model-spec.md 2.8.
 */
// biome-ignore format: one row per reason
const refusals: readonly Refusal[] = [
  { reason: 'own-output', test: ownOutput },
  { reason: 'sop-class', test: sopClass },
  { reason: 'no-image-type', test: noImageType },
  { reason: 'no-pixels', test: noPixels },
  { reason: 'color', test: color },
  { reason: 'bits', test: bits },
  { reason: 'multi-frame', test: multiFrame },
  { reason: 'localizer', test: localizer },
  { reason: 'mixed-frames', test: mixedFrames },
  { reason: 'reformat', test: reformat },
  { reason: 'map', test: map },
  { reason: 'complex', test: complex },
  { reason: 'mosaic', test: mosaic },
  { reason: 'secondary', test: secondary },
  { reason: 'derived', test: derived },
  { reason: 'multi-energy', test: multiEnergy },
  { reason: 'pet-reprojection', test: petReprojection },
  { reason: 'pet-uncorrected', test: petUncorrected },
  { reason: 'pet-units', test: petUnits },
  { reason: 'value-scale', test: valueScale },
  { reason: 'burned-in', test: flagged('BurnedInAnnotation', 'text in the pixels would be restored as anatomy') },
  { reason: 'lossy', test: flagged('LossyImageCompression', 'the noise is gone and blocks are there', ['01']) },
  { reason: 'quality-control', test: flagged('QualityControlImage', 'not of a patient', ['YES', 'BOTH']) },
  { reason: 'quality-control', test: flagged('QualityControlSubject', 'not a patient') },
  { reason: 'for-processing', test: flagged('PresentationIntentType', 'not for presentation', ['FOR PROCESSING']) },
  { reason: 'too-small', test: tooSmall },
];

/** Everything that speaks against restoring one instance, in order. */
export function findRefusals(image: Image): readonly Finding[] {
  if (image.sopClass === undefined) return firstOnly(image);
  return refusals.flatMap(({ reason, test }) => {
    const evidence = test(image);
    return evidence === undefined ? [] : [{ reason, ...evidence }];
  });
}

/** Of another class only what comes first: the tests behind it speak of images. */
function firstOnly(image: Image): readonly Finding[] {
  const own = ownOutput(image);
  if (own !== undefined) return [{ reason: 'own-output', ...own }];
  const other = sopClass(image);
  return other === undefined ? [] : [{ reason: 'sop-class', ...other }];
}

/** Whether a rule may allow what the reason refuses; the key in `accept` is the reason itself. */
export function isAcceptable(reason: RefusalReason): reason is RefusalReason & AcceptKey {
  return acceptKeys.some((key) => key === reason);
}
