import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Codecs } from '../dicom/codecs/codecs.ts';
import { DicomError } from '../dicom/errors.ts';
import { byPosition, type FrameImage, frameImages } from '../dicom/frame-images.ts';
import { type ImageFacts, readImageFacts } from '../dicom/image-facts.ts';
import { parsePart10 } from '../dicom/part10.ts';
import { type PetFacts, readPetFacts } from '../dicom/pet-facts.ts';
import { decodePixels } from '../dicom/pixels.ts';
import { seriesSuvFactor } from '../dicom/suv.ts';
import { isSharpKernel } from '../model/degrade/low-dose-ct.ts';
import type { Task } from '../model/tasks.ts';
import type { Series, Slice } from './slice.ts';

/** Subfolders of a data folder, and the task that their series serve. */
const taskFolders: readonly { readonly folder: string; readonly task: Task }[] = [
  { folder: 'CT', task: 'ct-denoising' },
  { folder: 'MR', task: 'mri-super-resolution' },
  { folder: 'PT', task: 'pet-synthesis' },
];

/** One folder of files that may hold series of one task. */
export interface ScanFolder {
  readonly task: Task;
  /** Relative to the data folder. */
  readonly name: string;
  readonly path: string;
  readonly files: readonly string[];
}

/** Why a file or a series is not used. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/** Every folder with files below CT, MR and PT, in the order of their names; no routing rule is asked. */
export async function findScans(dataFolder: string, tasks?: readonly Task[]): Promise<readonly ScanFolder[]> {
  const scans: ScanFolder[] = [];
  for (const { folder, task } of taskFolders) {
    if (tasks !== undefined && !tasks.includes(task)) continue;
    await collectScans(join(dataFolder, folder), folder, task, scans);
  }
  return scans;
}

async function collectScans(path: string, name: string, task: Task, scans: ScanFolder[]): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files = sorted.filter((entry) => entry.isFile()).map((entry) => entry.name);
  if (files.length > 0) scans.push({ task, name, path, files });
  for (const entry of sorted) {
    if (entry.isDirectory()) await collectScans(join(path, entry.name), join(name, entry.name), task, scans);
  }
}

/** The series of one folder. What can't be read or has no SUV is named in `skipped`, never guessed. */
export async function readScan(
  scan: ScanFolder,
  codecs: Codecs,
): Promise<{ readonly series: readonly Series[]; readonly skipped: readonly Skipped[] }> {
  const groups = new Map<string, Instance[]>();
  const skipped: Skipped[] = [];
  for (const file of scan.files) {
    try {
      const instance = await readInstance(join(scan.path, file), codecs);
      const [first] = instance.images;
      const key = [instance.facts.seriesInstanceUid, first?.rows, first?.columns].join(' ');
      groups.set(key, [...(groups.get(key) ?? []), instance]);
    } catch (error) {
      if (!(error instanceof DicomError)) throw error;
      skipped.push({ name: join(scan.name, file), reason: error.code });
    }
  }
  const series: Series[] = [];
  for (const instances of groups.values()) {
    const built = buildSeries(scan, instances);
    if ('reason' in built) skipped.push(built);
    else series.push(built);
  }
  return { series, skipped };
}

interface Instance {
  readonly facts: ImageFacts;
  readonly pet: PetFacts;
  readonly images: readonly FrameImage[];
}

async function readInstance(path: string, codecs: Codecs): Promise<Instance> {
  const part10 = parsePart10(await readFile(path));
  const { dataSet } = part10;
  const images = frameImages(part10, await decodePixels(part10, codecs));
  return { facts: readImageFacts(dataSet), pet: readPetFacts(dataSet), images };
}

function buildSeries(scan: ScanFolder, instances: readonly Instance[]): Series | Skipped {
  const [first] = instances;
  if (first === undefined) return { name: scan.name, reason: 'empty' };
  const suv = scan.task === 'pet-synthesis' ? seriesSuvFactor(instances.map(({ pet }) => pet)) : undefined;
  if (suv?.kind === 'refused') return { name: scan.name, reason: `${suv.reason}: ${suv.why}` };
  const images = instances.flatMap((instance) => instance.images).toSorted(byPosition);
  return {
    task: scan.task,
    name: scan.name,
    seriesInstanceUid: first.facts.seriesInstanceUid,
    kernel: isSharpKernel(first.facts.convolutionKernel.split('\\')[0] ?? '') ? 'sharp' : 'soft',
    slices: images.map((image) => toSlice(image, suv?.suvPerUnit ?? 1)),
  };
}

function toSlice(image: FrameImage, factor: number): Slice {
  const { sopInstanceUid, frame, positionMm } = image;
  const [down, across] = image.pixelSpacingMm ?? [1, 1];
  return { sopInstanceUid, frame, positionMm, image: { ...image, factor }, pixelMm: (down + across) / 2 };
}
