/** A rule of derived-objects.md 2 or 3 that a file does not keep. */
export interface Violation {
  readonly tag: number;
  /** What is wrong, without any value of the file. */
  readonly rule: string;
}
