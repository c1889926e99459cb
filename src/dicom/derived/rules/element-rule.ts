/** What becomes of an element of the source. */
export type Treatment =
  /** Byte for byte as in the source; never added. */
  | 'keep'
  /** Always there, with our value. */
  | 'set'
  /** The items of the source, then one of ours. */
  | 'append'
  /** Never there. */
  | 'drop'
  /** Our value where the source has the element, else absent. */
  | 'recompute'
  /** Kept where the source says `YES`, else absent. */
  | 'keep if YES'
  /** Our value where a slope was recomputed, else kept. */
  | 'set with a new slope'
  /** Absent where a slope was recomputed, else kept. */
  | 'drop with a new slope'
  /** Kept or dropped, as `content` says. */
  | 'by content';

/** Classic single-frame objects; enhanced and legacy converted multi-frame objects. */
export type ObjectFamily = 'classic' | 'multi-frame';

/** One row of the table in derived-objects.md 2 and 3. */
export interface ElementRule {
  readonly tag: number;
  /** Bits of the tag that count: `0xffffffff` for one element, less for repeating groups. */
  readonly mask: number;
  readonly treatment: Readonly<Record<ObjectFamily, Treatment>>;
  /** Our value, or why. */
  readonly content: string;
  /** Section of PS3.3, unless another part is named. */
  readonly section: string;
}
