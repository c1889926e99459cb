import { type ASTNode, Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { type ExpressionFault, seriesKeywords } from '../config/cross-checks.ts';
import { isKeyword, tagOfKeyword, vrOfTag } from '../dicom/tags.ts';
import type { Condition } from './match.ts';
import type { Mismatch } from './reason.ts';
import { type Summary, summaryValue } from './summary.ts';

const limits = { maxAstNodes: 1000, maxDepth: 50, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 16 };
const environment = new Environment({ limits }).registerVariable('series', 'map');

/** What is wrong with an expression over `series`: its syntax, its types, a keyword that there is not. */
export function checkCel(expression: string): ExpressionFault | undefined {
  try {
    const parsed = environment.parse(expression);
    const { valid, type, error } = parsed.check();
    if (!valid) return { index: error?.range?.start ?? 0, message: error?.summary ?? 'not a sound expression' };
    if (type !== 'bool' && type !== 'dyn') return { index: 0, message: `it gives ${type}, not true or false` };
    return unknownMember(parsed.ast);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { index: error.range?.start ?? 0, message: error.summary };
  }
}

/** The expression as a condition; what can't be evaluated does not match, and the reason says why. */
export function compileCel(expression: string): Condition {
  const evaluate = environment.parse(expression);
  return (summary) => {
    try {
      const result: unknown = evaluate({ series: variablesOf(summary) });
      return result === true ? undefined : { test: 'cel', wanted: 'true', found: `is ${String(result)}` };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return runTimeFault(error, summary);
    }
  };
}

function runTimeFault({ code, summary: message, node }: EvaluationError, summary: Summary): Mismatch {
  const key = code === 'no_such_key' && node?.op === '.' ? node.args[1] : undefined;
  if (key === undefined) return { test: 'cel', wanted: 'true', found: `can’t be evaluated (${message})` };
  const why = summaryValue(summary, key) === 'varies' ? 'varies within the series' : 'is absent';
  return { test: 'cel', wanted: 'true', found: `can’t be evaluated (${key} ${why})` };
}

type CelValue = string | number | bigint;

/** Keywords that all instances share, by name: one value as itself, several as a list. */
function variablesOf(summary: Summary): ReadonlyMap<string, CelValue | readonly CelValue[]> {
  const variables = new Map<string, CelValue | readonly CelValue[]>([['instances', BigInt(summary.instances)]]);
  for (const [keyword, value] of Object.entries(summary.values)) {
    if (value === 'varies') continue;
    const typed = value.map((text) => celValue(keyword, text));
    variables.set(keyword, typed.length === 1 ? (typed[0] ?? '') : typed);
  }
  return variables;
}

const integerVrs = new Set(['IS', 'US', 'SS', 'UL', 'SL', 'UV', 'SV']);
const decimalVrs = new Set(['DS', 'FL', 'FD']);

/** By the VR of the dictionary; text that is no number of its VR stays text. */
function celValue(keyword: string, text: string): CelValue {
  if (!isKeyword(keyword)) return text;
  const vr = vrOfTag(tagOfKeyword(keyword));
  if (integerVrs.has(vr) && /^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', ''));
  return decimalVrs.has(vr) && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** The first `series.Something` that is no keyword. */
function unknownMember(ast: ASTNode): ExpressionFault | undefined {
  for (const node of nodesOf(ast)) {
    if (node.op !== '.' || node.args[0].op !== 'id' || node.args[0].args !== 'series') continue;
    const name = node.args[1];
    if (isKeyword(name) || seriesKeywords.some((known) => known === name)) continue;
    return { index: node.range.end - name.length, message: `\`${name}\` is no DICOM keyword` };
  }
  return undefined;
}

function* nodesOf(value: unknown): Iterable<ASTNode> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item);
  else if (isNode(value)) {
    yield value;
    yield* nodesOf(value.args);
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
