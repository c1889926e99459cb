import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { ConfigFile, Fault, FaultCode } from './errors.ts';

export type Path = readonly PropertyKey[];

/** Text of one configuration file, parsed, with a way back from each value to its line and column. */
export class YamlSource {
  readonly file: ConfigFile;
  /** The plain value; `undefined` when the text is not YAML or empty. */
  readonly value: unknown;
  /** Faults of the syntax, in the order of the text. */
  readonly faults: readonly Fault[];
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(file: ConfigFile, text: string) {
    this.file = file;
    this.#text = text;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const { errors, warnings } = this.#document;
    const faults = [...errors, ...warnings].map(({ pos, message }) => this.#faultAt('CONFIG_SYNTAX', pos[0], message));
    const plain = faults.length === 0 ? plainValue(this.#document) : {};
    this.value = plain.value;
    this.faults = plain.fault === undefined ? faults : [this.#faultAt('CONFIG_SYNTAX', 0, plain.fault)];
  }

  /** A fault at the value of a path, or where the nearest thing around it stands. */
  faultAtValue(code: FaultCode, path: Path, message: string): Fault {
    return this.#faultAt(code, this.#valueOffset(path), message);
  }

  /** A fault at the key that ends the path. */
  faultAtKey(code: FaultCode, path: Path, message: string): Fault {
    return this.#faultAt(code, this.#keyOffset(path) ?? this.#valueOffset(path), message);
  }

  /** A fault inside the text of a value, `index` characters behind its start. */
  faultInText(code: FaultCode, path: Path, index: number, message: string): Fault {
    const node = nodeAt(this.#document.contents, path);
    const offset = node === undefined ? undefined : this.#offsetInText(node, index);
    return this.#faultAt(code, offset ?? this.#valueOffset(path), message);
  }

  /** Only where the text stands in the file as it is: folded or escaped text is pointed at by its start. */
  #offsetInText(node: Node, index: number): number | undefined {
    if (!isScalar(node) || typeof node.value !== 'string') return undefined;
    const start = (node.range?.[0] ?? 0) + (node.type === 'PLAIN' ? 0 : 1);
    return this.#text.startsWith(node.value, start) ? start + index : undefined;
  }

  #valueOffset(path: Path): number {
    const node = nodeAt(this.#document.contents, path);
    if (node?.range) return node.range[0];
    if (path.length === 0) return 0;
    return this.#keyOffset(path) ?? this.#valueOffset(path.slice(0, -1));
  }

  #keyOffset(path: Path): number | undefined {
    const parent = nodeAt(this.#document.contents, path.slice(0, -1));
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }

  #faultAt(code: FaultCode, offset: number, message: string): Fault {
    const { line, col } = this.#lines.linePos(offset);
    return { code, file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), message };
  }
}

/** Aliases are resolved here, and a bomb made of them is a fault like any other. */
function plainValue(document: Document.Parsed): { readonly value?: unknown; readonly fault?: string } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { value: value ?? undefined };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function nodeAt(root: Node | null, path: Path): Node | undefined {
  let node: unknown = root;
  for (const key of path) {
    if (isMap(node))
      node = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))?.value;
    else if (isSeq(node)) node = node.items[Number(key)];
    else return undefined;
  }
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node : undefined;
}
