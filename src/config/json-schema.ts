import { z } from 'zod';
import { destinationsFile } from './destinations-schema.ts';
import type { ConfigFile } from './errors.ts';
import { nodeFile } from './node-schema.ts';
import { rulesFile } from './rules-schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

const files = { 'node.yaml': nodeFile, 'destinations.yaml': destinationsFile, 'rules.yaml': rulesFile };

/** What an editor needs to complete and check a configuration file: JSON Schema 2020-12 of what may be written. */
export function jsonSchemaOf(file: ConfigFile): JsonSchema {
  return { ...z.toJSONSchema(files[file], { io: 'input' }), title: `${file} of diffcode-node` };
}

/** Keys that may stand at a path, for telling what was probably meant. */
export function knownKeys(file: ConfigFile, path: readonly PropertyKey[]): readonly string[] {
  let schemas = alternatives(jsonSchemaOf(file));
  for (const key of path) schemas = schemas.flatMap((schema) => alternatives(childOf(schema, key)));
  return [...new Set(schemas.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

type Child = JsonSchema | boolean | undefined;

function childOf(schema: JsonSchema, key: PropertyKey): Child {
  if (typeof key === 'number') return Array.isArray(schema.items) ? undefined : schema.items;
  return schema.properties?.[String(key)] ?? schema.additionalProperties;
}

function alternatives(schema: Child): readonly JsonSchema[] {
  if (typeof schema !== 'object') return [];
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return inner.length === 0 ? [schema] : inner.flatMap(alternatives);
}
