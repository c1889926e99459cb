/** What can be wrong with a command line. */
export const cliErrors = {
  CLI_USAGE: 'the command line is wrong',
  CLI_DEMO: 'the demonstration could not be carried out',
} as const;

export type CliErrorCode = keyof typeof cliErrors;

/** A command line that can't be run. Its message goes to the terminal of the person who typed it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
