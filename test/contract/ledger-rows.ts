import { parseAeTitle } from '../../src/dicom/ae-title.ts';
import { parseUid } from '../../src/dicom/uid.ts';
import type { NewJob, SeriesVerdict } from '../../src/ledger/ledger.ts';
import { destinationNameOf, digestOf, type NewDerived, type NewInstance } from '../../src/ledger/ledger.ts';

export const pacs = destinationNameOf('pacs');
export const archive = destinationNameOf('archive');

/** A digest that says which bytes it stands for. */
export function digestFor(value: number): ReturnType<typeof digestOf> {
  return digestOf(value.toString(16).padStart(64, '0'));
}

/** Instance `n` of series `series`, received at `n`. */
export function instanceOf(series: number, n: number, change: Partial<NewInstance> = {}): NewInstance {
  return {
    sopInstanceUid: parseUid(`1.2.${series}.${n}`),
    sopClassUid: parseUid('1.2.840.10008.5.1.4.1.1.2'),
    studyInstanceUid: parseUid('1.2.99'),
    seriesInstanceUid: parseUid(`1.2.${series}`),
    transferSyntaxUid: parseUid('1.2.840.10008.1.2.1'),
    digest: digestFor(series * 1_000_000 + n),
    sizeBytes: 525_000,
    dataSetOffsetBytes: 330,
    modality: 'CT',
    callingAeTitle: parseAeTitle('SCANNER'),
    calledAeTitle: parseAeTitle('DIFFCODE'),
    peerAddress: '127.0.0.1',
    associationId: `a-${series}`,
    receivedAt: n,
    ...change,
  };
}

export function derivedOf(source: NewInstance, change: Partial<NewDerived> = {}): NewDerived {
  const tail = source.sopInstanceUid.slice('1.2.'.length);
  return {
    sopInstanceUid: parseUid(`2.25.1.${tail}`),
    sopClassUid: source.sopClassUid,
    studyInstanceUid: source.studyInstanceUid,
    seriesInstanceUid: parseUid(`2.25.2.${source.seriesInstanceUid.slice('1.2.'.length)}`),
    transferSyntaxUid: source.transferSyntaxUid,
    sourceSopInstanceUid: source.sopInstanceUid,
    digest: source.digest,
    pixelDigest: source.digest,
    sizeBytes: source.sizeBytes,
    dataSetOffsetBytes: source.dataSetOffsetBytes,
    ...change,
  };
}

export const job: NewJob = {
  task: 'ct-denoising',
  weightsDigest: digestFor(1),
  settingsDigest: digestFor(2),
  priority: 0,
  window: null,
  restored: [pacs],
  settingsJson: '{}',
};

/** A verdict of the given state; `decided` brings the job above. */
export function verdictOf(state: SeriesVerdict['state'], change: Partial<SeriesVerdict> = {}): SeriesVerdict {
  return {
    state,
    rule: 'ct-low-dose',
    task: state === 'decided' ? job.task : null,
    reasons: [],
    completedBy: 'quiet',
    summaryJson: '{}',
    originals: [pacs],
    job: state === 'decided' ? job : null,
    decidedAt: 1_000,
    ...change,
  };
}
