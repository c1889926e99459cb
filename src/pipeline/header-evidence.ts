import type { DataSet } from '../dicom/data-set.ts';
import { readNumber, readString } from '../dicom/element-values.ts';
import { type CountFacts, expectedCount, readCountFacts } from '../dicom/expected-count.ts';
import { isCompleteByPosition, orderSlices, type Slice } from '../dicom/series-order.ts';
import { readFramePlanes, readSlicePlane } from '../dicom/slice-plane.ts';
import { tags } from '../dicom/tags.ts';
import type { CollectingSeries, Ledger } from '../ledger/ledger.ts';
import type { Spool } from '../spool/spool.ts';
import type { HeaderEvidence } from './completeness.ts';
import { readHeader } from './read-header.ts';

/** What one instance contributes to the evidence. */
interface InstanceFacts {
  readonly count: CountFacts;
  readonly slices: readonly Slice[];
}

/**
 * Reads what the headers of a series say about its end (derived-objects.md 5.1, E2 and E6). The answer for a number of
 * instances is kept until the series grows or is decided: it can be made again from the spool at any time.
 */
export class HeaderEvidenceReader {
  readonly #ledger: Pick<Ledger, 'seriesInstances'>;
  readonly #spool: Spool;
  readonly #known = new Map<string, { readonly instances: number; readonly evidence: HeaderEvidence }>();

  constructor(ledger: Pick<Ledger, 'seriesInstances'>, spool: Spool) {
    this.#ledger = ledger;
    this.#spool = spool;
  }

  async of({ seriesInstanceUid, instances }: CollectingSeries): Promise<HeaderEvidence> {
    const known = this.#known.get(seriesInstanceUid);
    if (known?.instances === instances) return known.evidence;
    const facts: InstanceFacts[] = [];
    for (const row of await this.#ledger.seriesInstances(seriesInstanceUid)) {
      facts.push(factsOf(await readHeader({ ...row, path: this.#spool.path('instance', row.digest) })));
    }
    const evidence = evidenceOf(facts);
    this.#known.set(seriesInstanceUid, { instances, evidence });
    return evidence;
  }

  forget({ seriesInstanceUid }: CollectingSeries): void {
    this.#known.delete(seriesInstanceUid);
  }
}

function evidenceOf(facts: readonly InstanceFacts[]): HeaderEvidence {
  const order = orderSlices(facts.flatMap(({ slices }) => slices));
  const expected = expectedCount(
    facts.map(({ count }) => count),
    order.positions,
  );
  return {
    countReached: expected !== undefined && facts.length >= expected.instances,
    positionsEven: isCompleteByPosition(order),
  };
}

function factsOf(dataSet: DataSet): InstanceFacts {
  const id = readString(dataSet, tags.SopInstanceUid) ?? '';
  const instanceNumber = readNumber(dataSet, tags.InstanceNumber);
  const planes = readFramePlanes(dataSet);
  const slices = (planes.length > 0 ? planes : [readSlicePlane(dataSet)]).map((plane, frame) => ({
    plane,
    instanceNumber,
    id: `${id}#${frame}`,
  }));
  return { count: readCountFacts(dataSet), slices };
}
