import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readString } from '../dicom/element-values.ts';
import type { Part10 } from '../dicom/part10.ts';
import { tags } from '../dicom/tags.ts';
import { isUid, type SeriesInstanceUid, type SopInstanceUid } from '../dicom/uid.ts';
import { readFileHeader } from '../pipeline/read-stored.ts';
import { type ReceivedInstance, SeriesSummariser } from '../router/summarise.ts';
import { type SeriesSummary } from '../router/summary.ts';
import { codeOf } from './exit-codes.ts';

/** One file of a series on disk. */
export interface SeriesFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly head: Part10;
  readonly sopInstanceUid: SopInstanceUid;
}

export interface FoundSeries {
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly files: readonly SeriesFile[];
  readonly summary: SeriesSummary;
}

export interface Found {
  readonly series: readonly FoundSeries[];
  /** Files that are no DICOM image object, with the reason. */
  readonly others: readonly { readonly path: string; readonly reason: string }[];
}

/** Every DICOM file below the given paths, grouped by series, in the order of their paths. Reads headers only. */
export async function findSeries(paths: readonly string[]): Promise<Found> {
  const groups = new Map<SeriesInstanceUid, SeriesFile[]>();
  const others: { path: string; reason: string }[] = [];
  for (const path of await filesBelow(paths)) {
    const file = await readSeriesFile(path);
    if ('reason' in file) others.push(file);
    else groups.set(file.series, [...(groups.get(file.series) ?? []), file.file]);
  }
  const series = [...groups].map(([seriesInstanceUid, files]) => ({
    seriesInstanceUid,
    files,
    summary: summarise(files),
  }));
  return { series, others };
}

async function filesBelow(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await isFolder(path))) files.push(path);
    else {
      const entries = await readdir(path, { withFileTypes: true, recursive: true });
      files.push(...entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
    }
  }
  return files.toSorted();
}

/** A path that is not there is a file that can't be read, and named as such. */
function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function readSeriesFile(
  path: string,
): Promise<
  { readonly series: SeriesInstanceUid; readonly file: SeriesFile } | { readonly path: string; readonly reason: string }
> {
  try {
    const head = await readFileHeader({ path });
    const { size: sizeBytes } = await stat(path);
    const series = readString(head.dataSet, tags.SeriesInstanceUid) ?? '';
    const sopInstanceUid = readString(head.dataSet, tags.SopInstanceUid) ?? '';
    if (!isUid<SeriesInstanceUid>(series) || !isUid<SopInstanceUid>(sopInstanceUid)) {
      return { path, reason: 'no Series or SOP Instance UID' };
    }
    return { series, file: { path, sizeBytes, head, sopInstanceUid } };
  } catch (error) {
    return { path, reason: codeOf(error) ?? String(error) };
  }
}

function summarise(files: readonly SeriesFile[]): SeriesSummary {
  const summariser = new SeriesSummariser();
  for (const file of files) summariser.add(receivedInstanceOf(file));
  return summariser.summary();
}

/** A file as if it had just been received; nobody called, so that rules on AE titles see empty ones. */
export function receivedInstanceOf({ head, sizeBytes }: SeriesFile): ReceivedInstance {
  return {
    dataSet: head.dataSet,
    dataSetBytes: sizeBytes - head.dataSetOffsetBytes,
    callingAeTitle: '',
    calledAeTitle: '',
    isDerived: false,
  };
}
