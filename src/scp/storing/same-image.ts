import { HeaderScanner, type ScannedHeader } from '../../dicom/header-scanner.ts';
import { parsePart10 } from '../../dicom/part10.ts';
import type { Digest } from '../../ledger/ledger.ts';
import type { Spool } from '../../spool/spool.ts';

/** Enough of a file for every element before the pixels of an ordinary object. */
const headBytes = 1024 * 1024;

/**
 * Whether two headers describe one image: same UIDs, same pixel description. With other bytes and another transfer
 * syntax they are one object sent twice (dicom-io.md 3.6.8).
 */
export function isSameImage(a: ScannedHeader, b: ScannedHeader): boolean {
  return identityOf(a) === identityOf(b);
}

function identityOf(header: ScannedHeader): string {
  return JSON.stringify([
    header.sopClassUid,
    header.sopInstanceUid,
    header.studyInstanceUid,
    header.seriesInstanceUid,
    header.rows,
    header.columns,
    header.numberOfFrames ?? 1,
    header.samplesPerPixel,
    header.bitsAllocated,
    header.bitsStored,
    header.highBit,
    header.pixelRepresentation,
    header.pixelData?.tag,
  ]);
}

/** Reads the header of an object in the spool; `undefined` when the file is gone or can't be read. */
export async function scanStored(spool: Spool, digest: Digest): Promise<ScannedHeader | undefined> {
  try {
    const head = await spool.head('instance', digest, headBytes);
    const { transferSyntaxUid, dataSetOffsetBytes } = parsePart10(head);
    const scanner = new HeaderScanner(transferSyntaxUid);
    scanner.push(head.subarray(dataSetOffsetBytes));
    return scanner.finish();
  } catch {
    return undefined;
  }
}
