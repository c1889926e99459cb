import { evidence, type Finding } from './finding.ts';
import { alongNormal, angleBetween, type Geometry, type Orientation } from './geometry.ts';

const maxAngleDegrees = 1;
const maxPixelSpacingDifference = 0.01;
const samePositionShare = 0.01;

/** Reasons that only all instances together show, in no order. Slices of an MR in several directions are a localizer. */
export function findSeriesRefusals(instances: readonly Geometry[], modality: string | undefined): readonly Finding[] {
  return [
    orientationFinding(instances, modality),
    fixedFinding(instances),
    spacingFinding(instances),
    positionFinding(instances),
  ].filter((finding) => finding !== undefined);
}

function orientationFinding(instances: readonly Geometry[], modality: string | undefined): Finding | undefined {
  const [first, ...rest] = instances.flatMap(({ orientations }) => orientations);
  if (first === undefined) return undefined;
  const degrees = rest.reduce((largest, other) => Math.max(largest, angleBetween(first, other)), 0);
  if (degrees <= maxAngleDegrees) return undefined;
  const found = evidence('ImageOrientationPatient', [`${degrees.toFixed(1)}° apart`], 'slices of one series differ');
  return { reason: modality === 'MR' ? 'localizer' : 'mixed-series', ...found };
}

function fixedFinding(instances: readonly Geometry[]): Finding | undefined {
  const [first, ...rest] = instances;
  for (const [keyword, value] of Object.entries(first?.fixed ?? {})) {
    const other = rest.find(({ fixed }) => fixed[keyword] !== value);
    if (other === undefined || first === undefined) continue;
    const found = `${value || 'absent'} and ${other.fixed[keyword] || 'absent'}`;
    return { reason: 'mixed-series', ...evidence(keyword, [found], `instances ${named(first, other)} differ`) };
  }
  return undefined;
}

function spacingFinding(instances: readonly Geometry[]): Finding | undefined {
  const spacings = instances.flatMap(({ pixelSpacingsMm }) => pixelSpacingsMm);
  const ranges = [rangeOf(spacings.map(({ rows }) => rows)), rangeOf(spacings.map(({ columns }) => columns))];
  const wide = ranges.find(({ least, most }) => most > least * (1 + maxPixelSpacingDifference));
  if (wide === undefined) return undefined;
  const found = `${wide.least} to ${wide.most} mm`;
  return {
    reason: 'mixed-series',
    ...evidence('PixelSpacing', [found], 'slices of one series differ by more than 1 %'),
  };
}

function rangeOf(values: readonly number[]): { readonly least: number; readonly most: number } {
  return {
    least: values.reduce((least, value) => Math.min(least, value), Infinity),
    most: values.reduce((most, value) => Math.max(most, value), -Infinity),
  };
}

interface Slice {
  readonly at: number;
  readonly instance: Geometry;
}

/** Two slices at one place of the normal that nothing tells apart: nobody could say which is which. */
function positionFinding(instances: readonly Geometry[]): Finding | undefined {
  const orientation = instances.flatMap(({ orientations }) => orientations)[0];
  if (orientation === undefined) return undefined;
  for (const slices of stacksOf(instances, orientation)) {
    const pair = closestPair(slices);
    if (pair === undefined) continue;
    const found = `${pair.a.at.toFixed(2)} and ${pair.b.at.toFixed(2)} mm along the normal`;
    const because = `nothing tells instances ${named(pair.a.instance, pair.b.instance)} apart`;
    return { reason: 'ambiguous-position', ...evidence('ImagePositionPatient', [found], because) };
  }
  return undefined;
}

/** Slices that only their position can tell apart, each stack in order of the normal. */
function stacksOf(instances: readonly Geometry[], orientation: Orientation): readonly (readonly Slice[])[] {
  const stacks = new Map<string, Slice[]>();
  for (const instance of instances) {
    if (instance.position === undefined) continue;
    const stack = stacks.get(instance.distinction) ?? [];
    stacks.set(instance.distinction, stack);
    stack.push({ at: alongNormal(orientation, instance.position), instance });
  }
  return [...stacks.values()].map((slices) => slices.toSorted((a, b) => a.at - b.at));
}

function closestPair(slices: readonly Slice[]): { readonly a: Slice; readonly b: Slice } | undefined {
  const limitMm = spacingOf(slices) * samePositionShare;
  for (const [index, b] of slices.entries()) {
    const a = slices[index - 1];
    if (a !== undefined && b.at - a.at <= limitMm) return { a, b };
  }
  return undefined;
}

/** The usual distance of neighbours that are not at one place; what the header states where there is no other. */
function spacingOf(slices: readonly Slice[]): number {
  const stated = slices[0]?.instance.statedSpacingMm ?? 1;
  const gaps = slices.slice(1).map(({ at }, index) => at - (slices[index]?.at ?? at));
  const wide = gaps.filter((gap) => gap > stated * samePositionShare).toSorted((a, b) => a - b);
  return wide[Math.floor(wide.length / 2)] ?? stated;
}

function named(a: Geometry, b: Geometry): string {
  return `${a.instanceNumber} and ${b.instanceNumber}`;
}
