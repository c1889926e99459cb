import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { type CheckExpression, checkRules, checkWindow, type PlacedRule } from './cross-checks.ts';
import { destinationsFile } from './destinations-schema.ts';
import { ConfigError, type ConfigFile, type Fault } from './errors.ts';
import { faultsOfIssues } from './issues.ts';
import { nodeFile } from './node-schema.ts';
import { ruleSchema, rulesFile } from './rules-schema.ts';
import type { Config, NodeConfig } from './schema.ts';
import { YamlSource } from './yaml-source.ts';

export type ConfigTexts = Readonly<Record<ConfigFile, string>>;

export interface ParseOptions {
  /** What relative paths are relative to: the folder of `node.yaml`. */
  readonly folder: string;
  readonly checkExpression: CheckExpression;
}

/**
 * The three files' text as one frozen configuration. JSON is YAML, so JSON text works too.
 * @throws ConfigError CONFIG_FAULTY with every fault of all three files
 */
export function parseConfig(texts: ConfigTexts, { folder, checkExpression }: ParseOptions): Config {
  const node = parseFile('node.yaml', texts, nodeFile, {});
  const destinations = parseFile('destinations.yaml', texts, destinationsFile, {});
  const rules = parseFile('rules.yaml', texts, rulesFile, []);
  const windows = namesIn(node.raw, 'windows');
  const names = { destinations: namesIn(destinations.raw), windows };
  const faults = [
    ...node.faults,
    ...destinations.faults,
    ...Object.entries(destinations.value ?? {}).flatMap(([name, { window }]) =>
      checkWindow(destinations.source, [name, 'window'], window, windows),
    ),
    ...rules.faults,
    ...checkRules(rules.source, soundRules(rules.raw), names, checkExpression),
  ];
  if (faults.length > 0 || !node.value || !destinations.value || !rules.value) throw new ConfigError(inOrder(faults));
  const settings = { ...node.value, destinations: destinations.value, rules: rules.value };
  return deepFreeze({ ...settings, ...withAbsolutePaths(node.value, folder), digest: digestOf(settings) });
}

interface ParsedFile<T> {
  readonly source: YamlSource;
  /** As written; `undefined` when it is no YAML. */
  readonly raw: unknown;
  readonly value: T | undefined;
  readonly faults: readonly Fault[];
}

function parseFile<S extends z.ZodType>(
  file: ConfigFile,
  texts: ConfigTexts,
  schema: S,
  empty: unknown,
): ParsedFile<z.output<S>> {
  const source = new YamlSource(file, texts[file]);
  if (source.faults.length > 0) return { source, raw: undefined, value: undefined, faults: source.faults };
  const raw = source.value ?? empty;
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { source, raw, value: parsed.data, faults: [] };
  return { source, raw, value: undefined, faults: faultsOfIssues(source, parsed.error.issues) };
}

/** The rules that are sound by themselves, so that one broken rule does not hide the faults of the others. */
function soundRules(raw: unknown): PlacedRule[] {
  if (!Array.isArray(raw)) return [];
  return raw.flatMap((item: unknown, index) => {
    const parsed = ruleSchema.safeParse(item);
    return parsed.success ? [{ index, rule: parsed.data }] : [];
  });
}

/** Keys of a map as written, or of one of its members; `undefined` where the file is too broken to tell. */
function namesIn(raw: unknown, member?: string): readonly string[] | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const entries = new Map<string, unknown>(Object.entries(raw));
  return member === undefined ? [...entries.keys()] : namesIn(entries.get(member) ?? {});
}

/** A path stays right wherever the node is started from. */
function withAbsolutePaths(node: NodeConfig, folder: string): NodeConfig {
  const absolute = (path: string): string => resolve(folder, path);
  const { weights } = node.model;
  const { uidKeyFile } = node.log;
  return {
    ...node,
    spool: { ...node.spool, folder: absolute(node.spool.folder) },
    ledger: { ...node.ledger, file: absolute(node.ledger.file) },
    audit: { ...node.audit, file: absolute(node.audit.file) },
    model: { ...node.model, weights: weights.endsWith('.safetensors') ? absolute(weights) : weights },
    log: { ...node.log, uidKeyFile: uidKeyFile === null ? null : absolute(uidKeyFile) },
  };
}

const fileOrder: readonly ConfigFile[] = ['node.yaml', 'destinations.yaml', 'rules.yaml'];

function inOrder(faults: readonly Fault[]): readonly Fault[] {
  return faults.toSorted(
    (a, b) => fileOrder.indexOf(a.file) - fileOrder.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

/** SHA-256 of what the files say once comments, spelling and order of keys are out of the way. */
function digestOf(settings: unknown): string {
  const sorted = JSON.stringify(settings, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('hex');
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
