import type { ElementRule, Treatment } from './element-rule.ts';

type Row = readonly [tag: number, treatment: Treatment, content: string, section: string];

// biome-ignore format: one row per element
const rows: readonly Row[] = [
  [0x00189329, 'recompute', 'Frame Type: DERIVED\\PRIMARY, values 3 and 4 as in the source', 'C.8.15.3.1'],
  [0x00189226, 'recompute', 'Frame Type: DERIVED\\PRIMARY, values 3 and 4 as in the source', 'C.8.13.5.1'],
  [0x00189751, 'recompute', 'Frame Type: DERIVED\\PRIMARY, values 3 and 4 as in the source', 'C.8.22.5.1'],
  [0x00089124, 'set', 'per frame: what was done, its code, the frame of the source, purpose 121322; never shared', 'C.7.6.16.2.6'],
  [0x00289145, 'set with a new slope', 'per frame; a shared group moves to every frame', 'C.7.6.16.2.9'],
  [0x00409096, 'drop with a new slope', 'maps stored values of the old slope', 'C.7.6.16.2.11'],
];

/** Rules inside the shared and per-frame functional groups (derived-objects.md 3); what no row names is kept. */
export const frameRules: readonly ElementRule[] = rows.map(([tag, treatment, content, section]) => ({
  tag,
  mask: 0xffffffff,
  treatment: { classic: 'keep', 'multi-frame': treatment },
  content,
  section,
}));
