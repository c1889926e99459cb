/** Every way in which the server itself can fail; what is said to peers stands in `status.ts`. */
export const scpErrors = {
  SCP_LISTEN_FAILED: 'cannot listen on scp.host and scp.port: see whether the port is free and the address is ours',
} as const;

export type ScpErrorCode = keyof typeof scpErrors;

/** The server could not start. */
export class ScpError extends Error {
  override readonly name = 'ScpError';
  readonly code: ScpErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: ScpErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    const facts = Object.entries(details).map(([key, value]) => `${key}=${value}`);
    super([`${code}: ${scpErrors[code]}`, ...facts].join(', '), options);
    this.code = code;
    this.details = details;
  }
}
