import type { ConfigFile } from '../../src/config/errors.ts';
import { type JsonSchema, jsonSchemaOf } from '../../src/config/json-schema.ts';

export const configFiles: readonly ConfigFile[] = ['node.yaml', 'destinations.yaml', 'rules.yaml'];

interface Key {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** `docs/reference/configuration.md`: every key with what it may hold, its default and its sentence. */
export function configurationPage(): string {
  const sections = configFiles.map((file) => section(file, jsonSchemaOf(file)));
  return `${generated}\n# Configuration\n\n${introduction}\n\n${sections.join('\n\n')}\n`;
}

const generated = '<!-- Generated from src/config by `npx tsx scripts/reference.ts`; change it there. -->';

const introduction = `Three files in one folder. JSON text works too. An unknown key, an unknown destination or window, two rules of one
name: errors with line and column, and the node keeps the configuration that is in force. Relative paths are relative to
the folder of \`node.yaml\`. A change of \`node.yaml\` needs a restart; rules and destinations are read again by
\`diffcode-node reload\`. \`*\` stands for a name that you choose; keys without a default must be there.`;

function section(file: ConfigFile, schema: JsonSchema): string {
  const rows = keysOf(schema, '', true).map(row);
  return [`## ${file}`, '', '| key | holds | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function row({ path, schema, required }: Key): string {
  const byDefault = schema.default === undefined ? (required ? 'required' : '') : code(JSON.stringify(schema.default));
  return `| ${code(path)} | ${escaped(kindOf(schema))} | ${byDefault} | ${escaped(schema.description ?? '')} |`;
}

/** Leaves of the tree, in the order of the schema. */
function keysOf(schema: JsonSchema, path: string, required: boolean): readonly Key[] {
  const children = childrenOf(schema);
  if (children.length === 0) return [{ path, schema, required }];
  return children.flatMap(({ name, schema: child, required: needed }) => keysOf(child, joined(path, name), needed));
}

interface Child {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

function childrenOf(schema: JsonSchema): readonly Child[] {
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    isSchema(child) ? [{ name, schema: child, required: schema.required?.includes(name) ?? false }] : [],
  );
  const any = isSchema(schema.additionalProperties) ? [optional('*', schema.additionalProperties)] : [];
  const items = isSchema(schema.items) && hasKeys(schema.items) ? [optional('[]', schema.items)] : [];
  return [...named, ...any, ...items, ...mergedForms((schema.oneOf ?? []).filter(isSchema))];
}

function optional(name: string, schema: JsonSchema): Child {
  return { name, schema, required: false };
}

/** Keys of the four kinds of rules, each once; a key that not all of them have says which do. */
function mergedForms(forms: readonly JsonSchema[]): readonly Child[] {
  const children = forms.map((form) => ({ kind: formOf(form), children: childrenOf(form) }));
  const names = new Set(children.flatMap((form) => form.children.map(({ name }) => name)));
  return [...names].map((name) => {
    const having = children.flatMap((form) =>
      form.children.filter((child) => child.name === name).map((child) => ({ ...child, kind: form.kind })),
    );
    const [first] = having;
    const kinds = having.map(({ kind }) => `\`${kind}\``).join(', ');
    const only = having.length < forms.length ? ` Only with \`do\`: ${kinds}.` : '';
    const constants = having.flatMap(({ schema }) => (schema.const === undefined ? [] : [schema.const]));
    const schema: JsonSchema = constants.length === forms.length ? { enum: constants } : { ...first?.schema };
    const description = `${first?.schema.description ?? ''}${only}`;
    return { name, schema: { ...schema, description }, required: having.every(({ required }) => required) };
  });
}

function formOf({ properties }: JsonSchema): string {
  const kind = properties?.['do'];
  return isSchema(kind) ? String(kind.const) : '';
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasKeys(schema: JsonSchema): boolean {
  return schema.properties !== undefined || schema.oneOf !== undefined;
}

function joined(path: string, name: string): string {
  if (path === '' || name === '[]') return path + name;
  return `${path}.${name}`;
}

function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(isSchema);
  if (forms.length > 0) return [...new Set(forms.map(kindOf))].join(' or ');
  const types = [schema.type ?? 'anything'].flat();
  return types.map((type) => kindOfType(type, schema)).join(' or ');
}

function kindOfType(type: string, schema: JsonSchema): string {
  if (type === 'array') return isSchema(schema.items) ? `list of ${kindOf(schema.items)}` : 'list';
  if (type === 'object') return `{ ${Object.keys(schema.properties ?? {}).join(', ')} }`;
  if (type === 'string') return schema.format ?? 'text';
  return [type, rangeOf(schema)].filter(Boolean).join(' ');
}

/** Bounds that somebody chose; the largest whole number is none. */
function rangeOf({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const low = minimum === undefined || minimum < -1e15 ? '' : `from ${minimum}`;
  const above = exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`;
  const high = maximum === undefined || maximum > 1e15 ? '' : `to ${maximum}`;
  return [low, above, high].filter(Boolean).join(' ');
}

function code(text: string): string {
  return `\`${escaped(text)}\``;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
