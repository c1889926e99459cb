/** A text without the NULs and spaces that padded it. In linear time, which a regular expression does not keep. */
export function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && isPadding(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function isPadding(code: number): boolean {
  return code === 0x20 || code === 0;
}
