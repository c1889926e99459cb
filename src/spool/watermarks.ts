import { SpoolError } from './errors.ts';

/** Fractions of the disk that is used, between 0 and 1. Above `highMark` new work is refused until below `lowMark`. */
export interface Watermarks {
  readonly highMark: number;
  readonly lowMark: number;
}

export type SpaceVerdict = 'ok' | 'above-high-mark';

export interface Space {
  readonly freeBytes: number;
  /** How much more may be written before the high mark is reached; 0 above it. */
  readonly bytesToHighMark: number;
  readonly verdict: SpaceVerdict;
}

/** What `statfs` says of a volume, in blocks of `bsize` bytes; `bavail` leaves out what only root may use. */
export interface VolumeStats {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
}

/** @throws SpoolError SPOOL_BAD_MARKS */
export function checkWatermarks(marks: Watermarks): void {
  const { highMark, lowMark } = marks;
  if (!(lowMark > 0 && lowMark < highMark && highMark <= 1))
    throw new SpoolError('SPOOL_BAD_MARKS', { highMark, lowMark });
}

/**
 * Space of a volume, with hysteresis: once above the high mark the verdict stays until use falls below the low mark,
 * so that a node at its limit does not accept one association and refuse the next.
 */
export function spaceOf(volume: VolumeStats, marks: Watermarks, before: SpaceVerdict): Space {
  const usedBlocks = volume.blocks - volume.bfree;
  const totalBlocks = usedBlocks + volume.bavail;
  const used = totalBlocks === 0 ? 1 : usedBlocks / totalBlocks;
  const limit = before === 'ok' ? marks.highMark : marks.lowMark;
  const blocksToHighMark = Math.floor(marks.highMark * totalBlocks) - usedBlocks;
  return {
    freeBytes: volume.bavail * volume.bsize,
    bytesToHighMark: Math.max(0, blocksToHighMark * volume.bsize),
    verdict: used >= limit ? 'above-high-mark' : 'ok',
  };
}
