declare module 'dcmjs' {
  interface DictionaryEntry {
    /** `(0018,0050)` */
    readonly tag: string;
    /** A VR, or `ox` (OB or OW), `xs` (US or SS), `lt` (US or OW), `up` (UL offset), `na` (item). */
    readonly vr: string;
    readonly name: string;
  }
  const dcmjs: {
    readonly log: { setLevel(level: 'silent' | 'error'): void };
    readonly data: {
      readonly DicomMetaDictionary: { readonly nameMap: Readonly<Record<string, DictionaryEntry>> };
    };
  };
  export default dcmjs;
}
