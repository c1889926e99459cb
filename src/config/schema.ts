import type { z } from 'zod';
import type { destinationsFile } from './destinations-schema.ts';
import type { nodeFile } from './node-schema.ts';
import type { acceptKeys, rulesFile, tasks } from './rules-schema.ts';

type Frozen<T> = T extends string | number | boolean | null | undefined ? T : { readonly [K in keyof T]: Frozen<T[K]> };

/** Settings of `node.yaml`, defaults filled in, paths absolute. */
export type NodeConfig = Frozen<z.output<typeof nodeFile>>;
export type Destination = Frozen<z.output<typeof destinationsFile>>[string];
export type Rule = Frozen<z.output<typeof rulesFile>>[number];
export type RestoreRule = Extract<Rule, { readonly do: 'restore' }>;
export type Matcher = Rule['match'][string];
export type Task = (typeof tasks)[number];
export type AcceptKey = (typeof acceptKeys)[number];
export type TimeWindow = NodeConfig['windows'][string];

/** Everything that the three files say; frozen, and handed to each part in slices. */
export interface Config extends NodeConfig {
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly rules: readonly Rule[];
  /** SHA-256 of all that the files say, in hexadecimal; kept in the ledger as the configuration in force. */
  readonly digest: string;
}
