import type { StoredImage } from '../model/normalise.ts';
import type { Task } from '../model/tasks.ts';

/** One slice or frame of a series, ready for measuring. */
export interface Slice {
  readonly sopInstanceUid: string;
  /** From 1. */
  readonly frame: number;
  readonly image: StoredImage;
  /** Mean of row and column spacing, mm; 1 where the header is silent. */
  readonly pixelMm: number;
  /** Along the normal; `undefined` where the header is silent. */
  readonly positionMm: number | undefined;
}

/** Slices of one series and one matrix size, in the order of their positions. */
export interface Series {
  readonly task: Task;
  /** Folder of its files, relative to the folder that was given. */
  readonly name: string;
  readonly seriesInstanceUid: string;
  readonly kernel: 'soft' | 'sharp';
  readonly slices: readonly Slice[];
}
