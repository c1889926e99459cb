import type { Config } from './schema.ts';

const readAgain: ReadonlySet<string> = new Set(['destinations', 'rules', 'digest'] satisfies (keyof Config)[]);

/** Keys of `node.yaml` that differ, with dots: what a reload does not bring into force, and a restart does. */
export function changedKeys(inForce: Config, read: Config): readonly string[] {
  return differences('', inForce, read).filter((key) => !readAgain.has(key.split('.')[0] ?? ''));
}

/** Paths to the differing leaves; a list is one leaf. */
function differences(path: string, before: unknown, after: unknown): readonly string[] {
  if (!isMap(before) || !isMap(after)) return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(path === '' ? name : `${path}.${name}`, before[name], after[name]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
