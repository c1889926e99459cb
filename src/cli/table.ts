/** Rows under each other in columns; numbers to the right, everything else to the left. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function padded(cell: string, width: number): string {
  return /^[\d,.]+$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
}
