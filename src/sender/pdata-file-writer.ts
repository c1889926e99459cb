import { pDataHeaderBytes, pdvCapacityBytes, writePDataHeader } from '../dimse/pdu-writer.ts';
import type { DataSetSource, Slice } from './outgoing-file.ts';

/** Bytes of a file that one read, and one `writev`, take (dicom-io.md 4.2). */
const largestSliceBytes = 262_144;

/** The largest slice that is whole PDVs of this peer, so that a slice's end makes no short PDU. */
export function sliceBytesFor(maxPduLengthBytes: number): number {
  const capacityBytes = pdvCapacityBytes(maxPduLengthBytes);
  return Math.max(1, Math.floor(largestSliceBytes / capacityBytes)) * capacityBytes;
}

/**
 * Writes a data set as P-DATA-TFs behind its command: a header view and a value view for each PDU, one `writev` for each
 * slice, the command together with the first. The next slice is read meanwhile; a slice leaves before the one after it.
 */
export async function writeDataSet(
  write: (chunks: readonly Buffer[]) => Promise<void>,
  source: DataSetSource,
  target: { readonly contextId: number; readonly maxPduLengthBytes: number },
  commandPdus: Buffer,
): Promise<void> {
  const capacityBytes = pdvCapacityBytes(target.maxPduLengthBytes);
  for (let first = [commandPdus]; ; first = []) {
    const slice = await source.next();
    await write([...first, ...pdusOf(slice, target.contextId, capacityBytes)]);
    slice.release();
    if (slice.isLast) return;
  }
}

/** One header and one value for each PDU; an empty data set still has its last, empty, PDV. */
function pdusOf({ bytes, isLast }: Slice, contextId: number, capacityBytes: number): readonly Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / capacityBytes));
  const headers = Buffer.allocUnsafe(count * pDataHeaderBytes);
  const chunks: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const value = bytes.subarray(index * capacityBytes, (index + 1) * capacityBytes);
    const at = index * pDataHeaderBytes;
    const part = { contextId, isCommand: false, isLast: isLast && index === count - 1 };
    writePDataHeader(headers, at, part, value.length);
    chunks.push(headers.subarray(at, at + pDataHeaderBytes), value);
  }
  return chunks;
}
