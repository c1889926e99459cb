/** What an error means: its text, alone or beside what a peer hears of it. */
type Entry = string | { readonly text: string };

/** `docs/reference/errors.md`: every error code, by room. */
export function errorsPage(tables: Readonly<Record<string, Readonly<Record<string, Entry>>>>): string {
  const sections = Object.entries(tables).map(([room, entries]) => {
    const rows = Object.entries(entries).map(
      ([code, entry]) => `| \`${code}\` | ${textOf(entry).replaceAll('|', '\\|')} |`,
    );
    return [`## ${room}`, '', '| code | means |', '|---|---|', ...rows].join('\n');
  });
  return `${generated}\n# Errors\n\n${introduction}\n\n${sections.join('\n\n')}\n`;
}

const generated = '<!-- Generated from src/*/errors.ts by `npx tsx scripts/reference.ts`; change it there. -->';

const introduction = `Every error has a code that begins with its room. Match on the code: it is stable, the text is not. An error names
what happened and where, in tags, lengths, limits and our own file names; it never holds a value of an object or a path
of yours.`;

function textOf(entry: Entry): string {
  return typeof entry === 'string' ? entry : entry.text;
}
