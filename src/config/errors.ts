/** Every way in which the configuration can be wrong; `docs/reference/errors.md` is generated from this table. */
export const configErrors = {
  CONFIG_FAULTY: 'the configuration has faults; nothing of it is in force',
  CONFIG_FILE_MISSING: 'a configuration file can’t be read',
  CONFIG_SYNTAX: 'the text is not YAML',
  CONFIG_UNKNOWN_KEY: 'a key that the node does not know',
  CONFIG_BAD_VALUE: 'a value of the wrong kind or out of range, or a key that is missing',
  CONFIG_UNKNOWN_DESTINATION: 'a rule names a destination that destinations.yaml does not have',
  CONFIG_UNKNOWN_WINDOW: 'a rule or destination names a time window that node.yaml does not have',
  CONFIG_DOUBLE_RULE: 'two rules have one name',
  CONFIG_UNKNOWN_KEYWORD: 'a rule matches on something that is no DICOM keyword',
  CONFIG_BAD_EXPRESSION: 'a CEL expression that can’t be understood',
} as const;

type ConfigErrorCode = keyof typeof configErrors;
export type FaultCode = Exclude<ConfigErrorCode, 'CONFIG_FAULTY'>;

/** The three files of a configuration folder. */
export type ConfigFile = 'node.yaml' | 'destinations.yaml' | 'rules.yaml';

/** One thing to mend, with its place. Lines and columns count from 1. */
export interface Fault {
  readonly code: FaultCode;
  readonly file: ConfigFile;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Everything that is wrong with a configuration, at once; the message has one line for each fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_FAULTY';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], options?: ErrorOptions) {
    super([`CONFIG_FAULTY: ${configErrors.CONFIG_FAULTY}`, ...faults.map(faultLine)].join('\n'), options);
    this.faults = faults;
  }
}

/** A fault as an editor or a terminal can jump to it: `rules.yaml:3:14: message`. */
export function faultLine({ file, line, column, message }: Fault): string {
  return `${file}:${line}:${column}: ${message}`;
}
