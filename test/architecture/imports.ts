import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** One import of one file of `src`. */
export interface Import {
  /** From `src`: `router/decide.ts`. */
  readonly file: string;
  /** As written: `../dicom/uid.ts`, `node:fs`, `zod`. */
  readonly specifier: string;
  /** From `src`, where the specifier is a path; else `undefined`. */
  readonly target: string | undefined;
  readonly typesOnly: boolean;
}

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** Files of `src` that are shipped, from `src`. */
export function sourceFiles(): readonly string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|d)\.ts$/.test(file))
    .toSorted();
}

/** Every import of a file, dynamic ones and re-exports too. */
export function importsOf(file: string): readonly Import[] {
  const tree = ts.createSourceFile(file, readFileSync(join(source, file), 'utf8'), ts.ScriptTarget.ESNext, true);
  const found: Import[] = [];
  const add = (specifier: string, typesOnly: boolean): void => {
    const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined;
    found.push({ file, specifier, target, typesOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(textOf(node.moduleSpecifier), onlyTypes(node.importClause));
    if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(textOf(node.moduleSpecifier), node.isTypeOnly);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteral(argument)) add(argument.text, false);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(textOf(node.argument.literal), true);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteral(node) ? node.text : '';
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name || names === undefined || ts.isNamespaceImport(names)) return false;
  return names.elements.every(({ isTypeOnly }) => isTypeOnly);
}
