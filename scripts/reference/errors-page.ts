/** The table of one room's `errors.ts`. */
export interface ErrorTable {
  readonly room: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** `docs/reference/errors.md`: every error code of every room. */
export function errorsPage(tables: readonly ErrorTable[]): string {
  const sections = tables.map(({ room, texts }) => {
    const rows = Object.entries(texts).map(([code, text]) => `| \`${code}\` | ${text.replaceAll('|', '\\|')} |`);
    return [`## ${room}`, '', '| code | means |', '|---|---|', ...rows].join('\n');
  });
  return `${generated}\n# Errors\n\n${introduction}\n\n${sections.join('\n\n')}\n`;
}

const generated = '<!-- Generated from src/*/errors.ts by `npx tsx scripts/reference.ts`; change it there. -->';

const introduction = `Every error has a code that begins with its room. Match on the code: it is stable, the text is not. An error names
what happened and where, in tags, lengths, limits and our own file names; it never holds a value of an object or a path
of yours.`;

/** The tables that a module of a room exports: `dicomErrors`, `dimseErrors` … with text, or with text among others. */
export function errorTablesOf(room: string, module: object): readonly ErrorTable[] {
  return Object.entries(module)
    .filter(([name]) => name.endsWith('Errors'))
    .map(([, table]) => ({ room, texts: textsOf(table) }));
}

function textsOf(table: unknown): Readonly<Record<string, string>> {
  if (typeof table !== 'object' || table === null) return {};
  const entries = Object.entries(table).map(([code, entry]): [string, string] => [code, textOf(entry)]);
  return Object.fromEntries(entries);
}

function textOf(entry: unknown): string {
  if (typeof entry === 'string') return entry;
  const hasText = typeof entry === 'object' && entry !== null && 'text' in entry;
  return hasText && typeof entry.text === 'string' ? entry.text : '';
}
