import { allKeywords, isKeyword } from '../dicom/tags.ts';
import type { Fault } from './errors.ts';
import { nearest } from './nearest.ts';
import type { Rule } from './schema.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** Where and why an expression can't be understood; `index` counts characters from 0. */
export interface ExpressionFault {
  readonly index: number;
  readonly message: string;
}

/** The router's reader of CEL, which this room may not import: `undefined` when the expression is sound. */
export type CheckExpression = (expression: string) => ExpressionFault | undefined;

/** A rule with its place in the file. */
export interface PlacedRule {
  readonly index: number;
  readonly rule: Rule;
}

/** Names that are defined; `undefined` where their file is too broken to tell. */
export interface DefinedNames {
  readonly destinations: readonly string[] | undefined;
  readonly windows: readonly string[] | undefined;
}

/** What the schema of one file can't see in rules: names of other files, doubles, keywords and expressions. */
export function checkRules(
  source: YamlSource,
  rules: readonly PlacedRule[],
  names: DefinedNames,
  checkExpression: CheckExpression,
): Fault[] {
  return [
    ...checkNames(source, rules),
    ...rules.flatMap(({ index, rule }) => [
      ...destinationsOf(rule).flatMap((use) => checkDestination(source, [index, ...use.path], use.name, names)),
      ...('window' in rule ? checkWindow(source, [index, 'window'], rule.window, names.windows) : []),
      ...Object.keys(rule.match).flatMap((keyword) => checkKeyword(source, [index, 'match', keyword], keyword)),
      ...(rule.cel === undefined ? [] : checkCel(source, [index, 'cel'], rule.cel, checkExpression)),
    ]),
  ];
}

/** A window that is named must be defined in `node.yaml`. */
export function checkWindow(
  source: YamlSource,
  path: Path,
  name: string | undefined,
  windows: readonly string[] | undefined,
): Fault[] {
  if (name === undefined || windows === undefined || windows.includes(name)) return [];
  const message = `unknown time window \`${name}\`; ${advice(name, windows, 'windows of node.yaml')}`;
  return [source.faultAtValue('CONFIG_UNKNOWN_WINDOW', path, message)];
}

function checkNames(source: YamlSource, rules: readonly PlacedRule[]): Fault[] {
  const seen = new Set<string>();
  return rules.flatMap(({ index, rule: { name } }) => {
    const double = seen.has(name);
    seen.add(name);
    const message = `a second rule is called \`${name}\`; the ledger keeps names, so each must be unique`;
    return double ? [source.faultAtValue('CONFIG_DOUBLE_RULE', [index, 'name'], message)] : [];
  });
}

function destinationsOf(rule: Rule): { readonly path: Path; readonly name: string }[] {
  const originals = 'originals' in rule ? rule.originals : [];
  const restored = 'restored' in rule ? rule.restored : [];
  return [
    ...originals.map((name, index) => ({ path: ['originals', index], name })),
    ...restored.map((name, index) => ({ path: ['restored', index], name })),
  ];
}

function checkDestination(source: YamlSource, path: Path, name: string, { destinations }: DefinedNames): Fault[] {
  if (destinations === undefined || destinations.includes(name)) return [];
  const message = `unknown destination \`${name}\`; ${advice(name, destinations, 'destinations.yaml')}`;
  return [source.faultAtValue('CONFIG_UNKNOWN_DESTINATION', path, message)];
}

/** What a rule may match on beside the keywords of PS3.6. */
export const seriesKeywords = ['callingAeTitle', 'calledAeTitle', 'instances'] as const;

function checkKeyword(source: YamlSource, path: Path, keyword: string): Fault[] {
  if (isKeyword(keyword) || seriesKeywords.some((known) => known === keyword)) return [];
  const meant = nearest(keyword, [...seriesKeywords, ...allKeywords()]);
  const hint = meant === undefined ? 'spell it as PS3.6 does, such as SliceThickness' : `did you mean \`${meant}\`?`;
  return [source.faultAtKey('CONFIG_UNKNOWN_KEYWORD', path, `\`${keyword}\` is no DICOM keyword; ${hint}`)];
}

function checkCel(source: YamlSource, path: Path, expression: string, check: CheckExpression): Fault[] {
  const fault = check(expression);
  if (fault === undefined) return [];
  const line = expression.slice(expression.lastIndexOf('\n', fault.index - 1) + 1).split('\n')[0] ?? '';
  const column = fault.index - (expression.lastIndexOf('\n', fault.index - 1) + 1);
  const excerpt = `\n    ${line}\n    ${' '.repeat(column)}^`;
  return [source.faultInText('CONFIG_BAD_EXPRESSION', path, fault.index, `${fault.message}${excerpt}`)];
}

function advice(name: string, names: readonly string[], where: string): string {
  const meant = nearest(name, names);
  if (meant !== undefined) return `did you mean \`${meant}\`?`;
  return names.length === 0 ? `add it to ${where}` : `${where} has: ${names.join(', ')}`;
}
