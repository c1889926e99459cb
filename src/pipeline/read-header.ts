import { open } from 'node:fs/promises';
import { constants, inflateRawSync } from 'node:zlib';
import { type DataSet, type Element, walkDataSet } from '../dicom/data-set.ts';
import { readElementHeader, undefinedLength } from '../dicom/element-header.ts';
import { tags } from '../dicom/tags.ts';
import { deflatedUid, encodingOf } from '../dicom/transfer-syntax.ts';
import type { TransferSyntaxUid } from '../dicom/uid.ts';
import { PipelineError } from './errors.ts';

/** Where a stored object's data set lies. */
export interface DataSetFile {
  readonly path: string;
  readonly dataSetOffsetBytes: number;
  readonly transferSyntaxUid: TransferSyntaxUid;
}

const firstReadBytes = 64 * 1024;
/** As much header as the receive path reads (dicom-io.md 3.4); enhanced objects of a thousand frames stay below. */
const maxHeaderBytes = 64 * 1024 * 1024;
const maxInflatedBytes = 2 ** 31;

/**
 * The elements of a stored object up to its pixels, without reading those. The pixel data element is listed with its
 * declared length; its bytes are not there.
 * @throws PipelineError PIPELINE_SOURCE_UNREADABLE
 */
export async function readHeader(file: DataSetFile): Promise<DataSet> {
  await using handle = await openFile(file.path);
  const { size } = await handle.stat();
  const wanted = size - file.dataSetOffsetBytes;
  const encoding = encodingOf(file.transferSyntaxUid);
  const isDeflated = file.transferSyntaxUid === deflatedUid;
  let lengthBytes = Math.min(firstReadBytes, wanted);
  for (;;) {
    const bytes = Buffer.alloc(lengthBytes);
    const { bytesRead } = await handle.read(bytes, 0, lengthBytes, file.dataSetOffsetBytes);
    const read = bytes.subarray(0, bytesRead);
    const walked = walkDataSet(isDeflated ? inflate(read) : read, encoding);
    // A read that ends between two elements looks like a whole data set: only its pixels, or the file's end, prove it.
    const whole = hasPixels(walked) ? walked : withPixelElement(walked, isDeflated ? Number.POSITIVE_INFINITY : wanted);
    if (whole !== undefined || lengthBytes >= wanted || lengthBytes >= maxHeaderBytes) return whole ?? walked;
    lengthBytes = Math.min(lengthBytes * 4, wanted, maxHeaderBytes);
  }
}

async function openFile(path: string) {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new PipelineError('PIPELINE_SOURCE_UNREADABLE', {}, { cause });
  }
}

/** As much as a part of a deflated stream holds: 64 KiB grow to 64 MiB at most. */
function inflate(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxInflatedBytes, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new PipelineError('PIPELINE_SOURCE_UNREADABLE', { sizeBytes: bytes.length }, { cause });
  }
}

function hasPixels({ elements, fault }: DataSet): boolean {
  return fault === undefined && elements.some(({ tag }) => tag >= tags.PixelData);
}

/** The data set as if its pixels were read; as it is where the file lacks them, `undefined` before they are reached. */
function withPixelElement(walked: DataSet, fileBytes: number): DataSet | undefined {
  if (walked.fault === undefined) return undefined;
  const at = walked.elements.at(-1)?.end ?? 0;
  const header = readElementHeader(walked.bytes, at, walked.bytes.length, walked.encoding);
  if (header?.tag !== tags.PixelData) return undefined;
  const valueOffset = at + header.headerBytes;
  const isOpen = header.declaredBytes === undefinedLength;
  const lengthBytes = isOpen ? walked.bytes.length - valueOffset : header.declaredBytes;
  if (!isOpen && valueOffset + lengthBytes > fileBytes) return walked;
  const pixels: Element = {
    tag: header.tag,
    vr: header.vr,
    headerOffset: at,
    valueOffset,
    lengthBytes,
    end: valueOffset + lengthBytes,
    undefinedLength: isOpen,
  };
  return { ...walked, elements: [...walked.elements, pixels], fault: undefined };
}
