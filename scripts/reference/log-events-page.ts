import { logEvents } from '../../src/observe/log-events.ts';

/** `docs/reference/log-events.md`: every event with its sentence and the fields that it may carry. */
export function logEventsPage(): string {
  const rows = Object.entries(logEvents).map(([event, { text, fields }]) => {
    const named = fields.map((field) => `\`${field}\``).join(' ');
    return `| \`${event}\` | ${text} | ${named} |`;
  });
  const table = ['| event | says | fields |', '|---|---|---|', ...rows].join('\n');
  return `${generated}\n# Log events\n\n${introduction}\n\n${table}\n`;
}

const generated =
  '<!-- Generated from src/observe/log-events.ts by `npx tsx scripts/reference.ts`; change it there. -->';

const introduction = `The log is one JSON object a line on standard error. Every line has \`at\` (UTC), \`level\`, \`event\` and \`message\`;
beside them it carries no field but those named here. UIDs of patients’ objects are plain, or a keyed hash where
\`log.uids\` is \`hashed\`. No line holds a name, an ID, a birth date or an accession number.`;
