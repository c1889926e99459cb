import { DicomError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { countCharacters } from './character-count.ts';
import { derivations, type Task } from './codes.ts';
import { contextJson, type Recipe } from './recipe.ts';

/** Longest values in characters, not bytes (PS3.5 6.2). */
export const maxCharacters = { LO: 64, ST: 1024, LT: 10_240 } as const;

/** A text of the source as it stands there: its bytes are copied, never decoded. derived-objects.md 8.3. */
export interface SourceText {
  readonly bytes: Buffer;
  /** Values of Specific Character Set, under which `bytes` are counted. */
  readonly characterSets: readonly string[];
}

/** What Derivation Description says of a derived series. */
export interface DerivationFacts {
  readonly recipe: Recipe;
  readonly preset: string;
  readonly nodeVersion: string;
  readonly seed: number;
  /** Limits that configuration widened, as `key=value`; empty: the defaults were in force. */
  readonly widenedLimits: readonly string[];
  /** Why a series was restored outside the trained range, where a rule warns; absent otherwise. */
  readonly applicability?: string;
}

/** The notice of derived-objects.md P6. No configuration switches it off. */
export function notice(task: Task): string {
  return `AI-RESTORED IMAGE (DiffCode ${task}). RESEARCH USE ONLY - NOT FOR DIAGNOSIS.`;
}

/** `AI-DN`, or `AI-DN r2` for the second derived series of one source series and task. */
export function seriesMark(task: Task, ordinal: number): string {
  const { mark } = derivations[task];
  return ordinal > 1 ? `${mark} r${ordinal}` : mark;
}

/**
 * Series Description: the mark, then the source's text; `<mark> of series <n>` where 64 characters are too few or no
 * text would read alike in all instances (`undefined`).
 */
export function seriesDescription(mark: string, source: SourceText | undefined, sourceSeriesNumber: number): Buffer {
  const byNumber = ascii(`${mark} of series ${sourceSeriesNumber}`);
  if (source === undefined) return byNumber;
  const text = withoutPadding(source.bytes);
  if (text.length === 0) return ascii(mark);
  const room = maxCharacters.LO - mark.length - 1;
  if (countCharacters(text, source.characterSets) > room) return byNumber;
  return Buffer.concat([ascii(`${mark} `), text]);
}

/**
 * Derivation Description: what was done, then the source's text where 1024 characters are enough.
 * @throws DicomError DICOM_BAD_VALUE when our own part is too long or holds a character that must not stand there
 */
export function derivationDescription(facts: DerivationFacts, source: SourceText | undefined): Buffer {
  const own = ascii(ownDerivation(facts));
  if (own.length > maxCharacters.ST) throw new DicomError('DICOM_BAD_VALUE', { vr: 'ST', length: own.length });
  return withSource(own, ascii(' Source: '), source, maxCharacters.ST);
}

/** Image Comments: the notice, a line for a superseded series, then the source's text where 10240 are enough. */
export function imageComments(task: Task, supersedes: string | undefined, source: SourceText): Buffer {
  const lines = [ascii(notice(task)), ...(supersedes === undefined ? [] : [ascii(`Supersedes series ${supersedes}`)])];
  return withSource(joined(lines), lineEnd, source, maxCharacters.LT);
}

/**
 * Our own text as bytes: printable ASCII without `\` and `~` (derived-objects.md P10), right in every character set.
 * @throws DicomError DICOM_BAD_VALUE
 */
export function ascii(text: string): Buffer {
  if (!isPlainText(text))
    throw new DicomError('DICOM_BAD_VALUE', { reason: 'text that is inserted must be plain ASCII' });
  return Buffer.from(text, 'latin1');
}

/** Whether text may be inserted in any object; configuration checks its texts with it when it is loaded. */
export function isPlainText(text: string): boolean {
  return /^[\x20-\x5b\x5d-\x7d]*$/.test(text);
}

/** A text without the padding that even length asks for. */
export function withoutPadding(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end -= 1;
  return bytes.subarray(0, end);
}

const lineEnd = Buffer.from('\r\n', 'latin1');

function ownDerivation({ recipe, preset, nodeVersion, seed, widenedLimits, applicability }: DerivationFacts): string {
  const facts = [
    `model=${preset}/${recipe.weights.slice(0, 12)}`,
    `node=${nodeVersion}`,
    `seed=${seed}`,
    `issue=${recipe.issue}`,
    `context=${canonicalJson(contextJson(recipe))}`,
    `gate=${widenedLimits.length === 0 ? 'default' : widenedLimits.join(',')}`,
    ...(applicability === undefined ? [] : [`applicability=${applicability}`]),
  ];
  return `AI restoration DiffCode: ${recipe.task}. Research use only, not for diagnosis. ${facts.join('; ')}`;
}

function withSource(own: Buffer, separator: Buffer, source: SourceText | undefined, limit: number): Buffer {
  const text = source === undefined ? undefined : withoutPadding(source.bytes);
  if (source === undefined || text === undefined || text.length === 0) return own;
  const characters = own.length + separator.length + countCharacters(text, source.characterSets);
  return characters > limit ? own : Buffer.concat([own, separator, text]);
}

function joined(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [lineEnd, line])));
}
