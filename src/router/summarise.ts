import type { DataSet } from '../dicom/data-set.ts';
import { readStrings } from '../dicom/element-values.ts';
import { findImageSopClass } from '../dicom/sop-classes.ts';
import { keywordOfTag, tags } from '../dicom/tags.ts';
import type { Finding } from './refusals/finding.ts';
import { refusalReasons } from './refusals/finding.ts';
import { type Geometry, readGeometry } from './refusals/geometry.ts';
import { openImage } from './refusals/image.ts';
import { findSeriesRefusals } from './refusals/series.ts';
import { findRefusals } from './refusals/table.ts';
import type { SeriesSummary, Summary, SummaryValue } from './summary.ts';
import { textReaderOf } from './text.ts';

/** One received object: its header, and what only the node knows of it. */
export interface ReceivedInstance {
  /** From the first element; it may end before the pixels (`truncated`). */
  readonly dataSet: DataSet;
  /** Bytes of the whole data set in the file. */
  readonly dataSetBytes: number;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  /** The ledger knows its SOP Instance UID as that of an object made here. */
  readonly isDerived: boolean;
}

/** What `when: instance` rules see. */
export function summariseInstance(instance: ReceivedInstance): Summary {
  return { instances: 1, values: Object.fromEntries(valuesOf(instance)) };
}

/** What the other rules see, and what speaks against restoring. For many instances, add them one by one instead. */
export function summariseSeries(instances: Iterable<ReceivedInstance>): SeriesSummary {
  const summariser = new SeriesSummariser();
  for (const instance of instances) summariser.add(instance);
  return summariser.summary();
}

/** Summarises a series one instance at a time, keeping no data set. */
export class SeriesSummariser {
  #instances = 0;
  readonly #values = new Map<string, { value: SummaryValue; seen: number }>();
  readonly #findings = new Map<string, Finding>();
  readonly #geometry: Geometry[] = [];

  add(instance: ReceivedInstance): void {
    this.#instances += 1;
    for (const [keyword, value] of valuesOf(instance)) this.#addValue(keyword, value);
    const image = openImage(instance.dataSet, instance);
    for (const finding of findRefusals(image)) this.#addFinding(finding);
    this.#geometry.push(readGeometry(image));
  }

  summary(): SeriesSummary {
    const values = [...this.#values].map(([keyword, { value, seen }]): [string, SummaryValue] => [
      keyword,
      seen === this.#instances ? value : 'varies',
    ]);
    const summary = { instances: this.#instances, values: Object.fromEntries(values) };
    for (const finding of findSeriesRefusals(this.#geometry, modalityOf(summary))) this.#addFinding(finding);
    return { ...summary, findings: refusalReasons.flatMap((reason) => this.#findings.get(reason) ?? []) };
  }

  #addValue(keyword: string, value: readonly string[]): void {
    const known = this.#values.get(keyword);
    if (known === undefined) this.#values.set(keyword, { value, seen: 1 });
    else {
      known.seen += 1;
      if (known.value !== 'varies' && known.value.join('\\') !== value.join('\\')) known.value = 'varies';
    }
  }

  /** The first instance that shows a reason is the one that is told. */
  #addFinding(finding: Finding): void {
    if (!this.#findings.has(finding.reason)) this.#findings.set(finding.reason, finding);
  }
}

/** CT, MR or PT by the SOP class; `undefined` where the classes are mixed or others. */
export function modalityOf({ values }: Summary): 'CT' | 'MR' | 'PT' | undefined {
  const sopClass = values['SOPClassUID'];
  return typeof sopClass === 'object' ? findImageSopClass(sopClass[0] ?? '')?.modality : undefined;
}

/** VRs whose values are words and numbers of a line; pixels, bulk text and sequences are nothing to match on. */
const matchableVrs = new Set('AE AS CS DA DS DT FD FL IS LO PN SH SL SS ST SV TM UC UI UL US UV'.split(' '));
const longestValueBytes = 1024;

function* valuesOf({
  dataSet,
  callingAeTitle,
  calledAeTitle,
}: ReceivedInstance): Iterable<[string, readonly string[]]> {
  const readText = textReaderOf(dataSet);
  yield ['callingAeTitle', [callingAeTitle]];
  yield ['calledAeTitle', [calledAeTitle]];
  for (const { tag, vr, lengthBytes } of dataSet.elements) {
    if (tag >= tags.PixelData) return;
    const keyword = keywordOfTag(tag);
    const matchable = (matchableVrs.has(vr) || vr === 'UN') && lengthBytes > 0 && lengthBytes <= longestValueBytes;
    if (keyword === undefined || !matchable) continue;
    const values = readStrings(dataSet, tag).map(readText);
    if (values.length > 0) yield [keyword, values];
  }
}
