import { z } from 'zod';
import { CliError } from './errors.ts';
import type { ExitCode } from './exit-codes.ts';

/** One call of a command: its words, its options as typed, and where its output goes. */
export interface Invocation {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Results, for people and pipes. */
  readonly print: (line: string) => void;
  /** Progress and complaints. */
  readonly complain: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A command's module: `run` does the work and says how it went. */
export interface CommandModule {
  run(invocation: Invocation): Promise<ExitCode>;
}

/** An option that may be given once or many times, or as a comma-separated list. */
export const listOption = z
  .union([z.coerce.string(), z.array(z.coerce.string())])
  .default([])
  .transform((value) => [value].flat().flatMap((text) => text.split(',').filter((part) => part !== '')));

export const textOption = z.coerce.string();

/**
 * The options of one command, checked. Options that the command line library adds itself are dropped.
 * @throws CliError CLI_USAGE
 */
export function parseOptions<S extends z.ZodRawShape>(invocation: Invocation, shape: S): z.output<z.ZodObject<S>> {
  const parsed = z.object(shape).safeParse(invocation.options);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`);
  throw new CliError('CLI_USAGE', `${issues.join('; ')}; see --help`);
}

/** @throws CliError CLI_USAGE when a command that needs words got none */
export function requireWords(invocation: Invocation, what: string): readonly string[] {
  if (invocation.words.length === 0) throw new CliError('CLI_USAGE', `name ${what}; see --help`);
  return invocation.words;
}
