/** What a command's exit tells a script. Printed in README and `docs/operations.md`. */
export const exitCodes = {
  /** Everything asked for was done, or excluded with a printed reason. */
  done: 0,
  /** Some of the work failed, was gated or was refused; each is named on standard error. */
  partly: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration has a fault. */
  configuration: 3,
  /** A peer can't be reached, or refuses. */
  peer: 4,
  /** This machine: disk, engine, weights, ledger. */
  machine: 5,
  /** A defect of ours (EX_SOFTWARE of sysexits). */
  defect: 70,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byRoom: readonly (readonly [prefix: string, code: ExitCode])[] = [
  ['CONFIG_', exitCodes.configuration],
  ['SPOOL_', exitCodes.machine],
  ['LEDGER_', exitCodes.machine],
  ['MODEL_', exitCodes.machine],
  ['SENDER_', exitCodes.peer],
  ['DIMSE_', exitCodes.peer],
  ['SCP_', exitCodes.machine],
  ['PIPELINE_', exitCodes.partly],
  ['DICOM_', exitCodes.partly],
  ['EVALUATE_', exitCodes.partly],
  ['CLI_DEMO', exitCodes.partly],
  ['CLI_', exitCodes.usage],
];

const bySystem: ReadonlySet<string> = new Set(['EADDRINUSE', 'EACCES', 'ENOSPC', 'EROFS', 'EDQUOT', 'EADDRNOTAVAIL']);

/** The exit code of an error that ended a command; anything without a known code is a defect. */
export function exitCodeOf(error: unknown): ExitCode {
  const code = codeOf(error);
  if (code === undefined) return exitCodes.defect;
  if (bySystem.has(code)) return exitCodes.machine;
  return byRoom.find(([prefix]) => code.startsWith(prefix))?.[1] ?? exitCodes.defect;
}

/** The `code` of an error of any room or of the system. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
