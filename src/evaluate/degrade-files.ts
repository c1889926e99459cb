import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Codecs } from '../dicom/codecs/codecs.ts';
import { readString } from '../dicom/element-values.ts';
import { parsePart10 } from '../dicom/part10.ts';
import { withReplacedPixels } from '../dicom/replaced-pixels.ts';
import { tags } from '../dicom/tags.ts';
import { evaluationSeed, nominalDegradation } from '../model/degrade/degradation.ts';
import { findScans, readScan, type ScanFolder } from './read-series.ts';
import { simulateSeries } from './simulation.ts';

/**
 * Writes low-quality versions of the single-frame series in a folder with CT/, MR/ and PT/ subfolders, as `evaluate`
 * simulates them, as DICOM files of their own: something to restore. Resolves to the files, in order.
 */
export async function degradeFiles(dataFolder: string, outFolder: string, codecs: Codecs): Promise<readonly string[]> {
  const written: string[] = [];
  for (const scan of await findScans(dataFolder)) {
    const sources = await sourcesOf(scan);
    for (const series of (await readScan(scan, codecs)).series) {
      for (const simulated of simulateSeries(series).slices) {
        const { slice } = simulated;
        const source = sources.get(slice.sopInstanceUid);
        if (source === undefined) continue;
        const image = simulated.degrade(nominalDegradation(series.task), evaluationSeed);
        const file = withReplacedPixels(parsePart10(source), image, 'low quality');
        await mkdir(join(outFolder, scan.name), { recursive: true });
        const path = join(outFolder, scan.name, `${String(written.length + 1).padStart(4, '0')}.dcm`);
        await writeFile(path, file);
        written.push(path);
      }
    }
  }
  return written;
}

async function sourcesOf({ path, files }: ScanFolder): Promise<ReadonlyMap<string, Buffer>> {
  const sources = new Map<string, Buffer>();
  for (const file of files) {
    const bytes = await readFile(join(path, file));
    sources.set(readString(parsePart10(bytes).dataSet, tags.SopInstanceUid) ?? '', bytes);
  }
  return sources;
}
