/**
 * Number of characters, not bytes, of a text value (PS3.5 6.2) under the values of Specific Character Set. Escape
 * sequences count nothing. Broken text gives the count of what can be told, at least one per unknown byte.
 */
export function countCharacters(bytes: Buffer, characterSets: readonly string[]): number {
  if (characterSets.includes('ISO_IR 192')) return bytes.filter((byte) => (byte & 0xc0) !== 0x80).length;
  if (characterSets.includes('GB18030') || characterSets.includes('GBK')) return countSteps(bytes, stepOfGb);
  return countIso2022(bytes);
}

function countSteps(bytes: Buffer, step: (bytes: Buffer, at: number) => number): number {
  let characters = 0;
  for (let at = 0; at < bytes.length; at += step(bytes, at)) characters += 1;
  return characters;
}

/** GBK has two bytes per ideograph; GB18030 four where the second is a digit. */
function stepOfGb(bytes: Buffer, at: number): number {
  if ((bytes[at] ?? 0) < 0x81) return 1;
  const second = bytes[at + 1] ?? 0;
  return second >= 0x30 && second <= 0x39 ? 4 : 2;
}

const escape = 0x1b;

/** Code extension of PS3.5 6.1.2.5: G0 holds bytes below 0x80, G1 those above; either may take two per character. */
function countIso2022(bytes: Buffer): number {
  let characters = 0;
  let wideG0 = false;
  let wideG1 = false;
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === escape) {
      const sequence = readEscape(bytes, at);
      if (sequence.into === 'G0') wideG0 = sequence.wide;
      else wideG1 = sequence.wide;
      at = sequence.end;
      continue;
    }
    characters += 1;
    at += (byte >= 0x80 ? wideG1 : wideG0 && byte > 0x20) ? 2 : 1;
  }
  return characters;
}

/** `ESC $ B`, `ESC $ ) C`, `ESC ( J`, `ESC - A` …: intermediate bytes 20H to 2FH, then a final one (PS3.3 C.12.1.1.2). */
function readEscape(bytes: Buffer, at: number): { into: 'G0' | 'G1'; wide: boolean; end: number } {
  let end = at + 1;
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xf0) === 0x20) end += 1;
  const intermediates = bytes.toString('latin1', at + 1, end);
  return {
    into: /[)-]/.test(intermediates) ? 'G1' : 'G0',
    wide: intermediates.startsWith('$'),
    end: Math.min(end + 1, bytes.length),
  };
}
