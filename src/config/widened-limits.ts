import { nodeFile } from './node-schema.ts';
import type { NodeConfig, Task } from './schema.ts';

/** One limit of the gate that configuration set wider than its default. */
export interface WidenedLimit {
  /** Below `gate.<task>`, with dots. */
  readonly key: string;
  readonly value: number;
  readonly byDefault: number;
}

/** The limits of a task that are wider than by default: every derived object and the audit name them. */
export function widenedLimits(task: Task, gate: NodeConfig['gate']): readonly WidenedLimit[] {
  return compare('', gate[task], nodeFile.parse({}).gate[task]);
}

function compare(prefix: string, inForce: object, byDefault: object): readonly WidenedLimit[] {
  const defaults = new Map<string, unknown>(Object.entries(byDefault));
  return Object.entries(inForce).flatMap(([name, value]: [string, unknown]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    const usual = defaults.get(name);
    if (typeof value === 'object' && value !== null && typeof usual === 'object' && usual !== null) {
      return compare(key, value, usual);
    }
    if (typeof value !== 'number' || typeof usual !== 'number') return [];
    const isWider = name === 'min' ? value < usual : value > usual;
    return isWider ? [{ key, value, byDefault: usual }] : [];
  });
}

/** As Derivation Description names them: `key=value`. */
export function widenedTexts(task: Task, gate: NodeConfig['gate']): readonly string[] {
  return widenedLimits(task, gate).map(({ key, value }) => `${key}=${value}`);
}
