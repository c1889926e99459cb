import { createHash } from 'node:crypto';
import type { DerivedInstance } from '../dicom/derived/derive-instance.ts';
import { digestOf, type NewDerived } from '../ledger/ledger.ts';
import type { Spool } from '../spool/spool.ts';

/** Makes derived instances durable in a spool, under the digest of their data set. */
export function derivedWriter(spool: Spool): (instance: DerivedInstance) => Promise<NewDerived> {
  return async (instance) => {
    const digest = dataSetDigest(instance);
    const part = spool.createDerived();
    try {
      part.write(instance.parts);
      await part.place(digest).sync();
    } finally {
      part.discard();
    }
    return derivedRow(instance);
  };
}

/** The instance as the ledger keeps it. */
export function derivedRow(instance: DerivedInstance): NewDerived {
  const { parts: _, ...row } = instance;
  return { ...row, digest: digestOf(dataSetDigest(instance)), pixelDigest: digestOf(instance.pixelDigest) };
}

function dataSetDigest({ parts, dataSetOffsetBytes }: DerivedInstance): string {
  const file = parts.length === 1 ? parts[0] : Buffer.concat(parts);
  return createHash('sha256')
    .update(file?.subarray(dataSetOffsetBytes) ?? Buffer.alloc(0))
    .digest('hex');
}
