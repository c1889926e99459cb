import { open } from 'node:fs/promises';
import { type AeTitle, parseAeTitle } from '../dicom/ae-title.ts';
import { readDerivation } from '../dicom/derived/read-derivation.ts';
import { readString } from '../dicom/element-values.ts';
import { type Part10, parseFileMeta } from '../dicom/part10.ts';
import { tags } from '../dicom/tags.ts';
import { parseUid } from '../dicom/uid.ts';
import { type DerivedRow, digestOf, type NewInstance } from '../ledger/ledger.ts';
import type { ReadDerived } from '../ledger/rebuild.ts';
import type { ReadInstance, SpoolFile } from '../ledger/recovery.ts';
import { readHeader } from './read-header.ts';

const metaBytes = 4096;

/** Makes a received file's row from its headers, for files that have none (dicom-io.md 3.6.6). */
export function storedInstanceReader(ownAeTitle: AeTitle): ReadInstance {
  return (file) => unlessUnreadable(() => readInstance(file, ownAeTitle));
}

/** Makes a derived file's row from its headers (architecture.md, "Faults": `doctor --rebuild`). */
export const readStoredDerived: ReadDerived = (file) => unlessUnreadable(() => readDerivedRow(file));

async function readInstance(file: SpoolFile, ownAeTitle: AeTitle): Promise<NewInstance> {
  const { dataSet, meta, dataSetOffsetBytes, transferSyntaxUid } = await readFileHeader(file);
  return {
    sopInstanceUid: parseUid(readString(dataSet, tags.SopInstanceUid) ?? ''),
    sopClassUid: parseUid(readString(dataSet, tags.SopClassUid) ?? ''),
    studyInstanceUid: parseUid(readString(dataSet, tags.StudyInstanceUid) ?? ''),
    seriesInstanceUid: parseUid(readString(dataSet, tags.SeriesInstanceUid) ?? ''),
    transferSyntaxUid,
    digest: digestOf(file.digest),
    sizeBytes: file.sizeBytes,
    dataSetOffsetBytes,
    modality: readString(dataSet, tags.Modality) ?? '',
    callingAeTitle: parseAeTitle(readString(meta, tags.SourceApplicationEntityTitle) ?? 'UNKNOWN'),
    calledAeTitle: ownAeTitle,
    peerAddress: '',
    associationId: `recovered-${file.digest.slice(0, 16)}`,
    receivedAt: file.modifiedAt,
  };
}

async function readDerivedRow(file: SpoolFile): Promise<DerivedRow | undefined> {
  const { dataSet, dataSetOffsetBytes, transferSyntaxUid } = await readFileHeader(file);
  const derivation = readDerivation(dataSet);
  if (derivation === undefined) return undefined;
  return {
    sopInstanceUid: parseUid(readString(dataSet, tags.SopInstanceUid) ?? ''),
    sopClassUid: parseUid(readString(dataSet, tags.SopClassUid) ?? ''),
    studyInstanceUid: parseUid(readString(dataSet, tags.StudyInstanceUid) ?? ''),
    seriesInstanceUid: parseUid(readString(dataSet, tags.SeriesInstanceUid) ?? ''),
    transferSyntaxUid,
    sourceSopInstanceUid: derivation.sourceSopInstanceUid,
    digest: digestOf(file.digest),
    pixelDigest: digestOf(derivation.pixelDigest),
    sizeBytes: file.sizeBytes,
    dataSetOffsetBytes,
    task: derivation.task,
    contextJson: derivation.contextJson,
    revision: 1,
  };
}

/** The meta from the first bytes, the data set's elements up to the pixels. */
export async function readFileHeader(file: { readonly path: string }): Promise<Part10> {
  await using handle = await open(file.path, 'r');
  const bytes = Buffer.alloc(metaBytes);
  const { bytesRead } = await handle.read(bytes, 0, metaBytes, 0);
  const head = parseFileMeta(bytes.subarray(0, bytesRead));
  return { ...head, dataSet: await readHeader({ path: file.path, ...head }) };
}

/** A file that can't be read as an instance is set aside by whoever asked, not a failure of the start. */
async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
