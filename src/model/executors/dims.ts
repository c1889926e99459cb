import type { Dim } from '../ops.ts';

const multiple = /^(\d*)([a-z]+)$/;

/** ⌈dim / 2⌉: `8h` → `4h`, `H` → `ceil(H/2)`, 5 → 3. */
export function halve(dim: Dim): Dim {
  if (typeof dim === 'number') return Math.ceil(dim / 2);
  const [, factor = '', symbol = ''] = multiple.exec(dim) ?? [];
  const half = Number(factor) / 2;
  if (factor === '' || !Number.isInteger(half)) return `ceil(${dim}/2)`;
  return half === 1 ? symbol : `${half}${symbol}`;
}

/** 2 · dim: `h` → `2h`, 3 → 6. */
export function double(dim: Dim): Dim {
  if (typeof dim === 'number') return 2 * dim;
  const [, factor, symbol] = multiple.exec(dim) ?? [];
  if (symbol === undefined) return `2*${dim}`;
  return `${2 * Number(factor === '' ? 1 : factor)}${symbol}`;
}
