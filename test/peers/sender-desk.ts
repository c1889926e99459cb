import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFile } from '../../src/config/node-schema.ts';
import type { Destination } from '../../src/config/schema.ts';
import { parseAeTitle } from '../../src/dicom/ae-title.ts';
import { type Codecs, openCodecs } from '../../src/dicom/codecs/codecs.ts';
import { readString } from '../../src/dicom/element-values.ts';
import { encodeFileMeta, parsePart10 } from '../../src/dicom/part10.ts';
import { tags } from '../../src/dicom/tags.ts';
import { transcode } from '../../src/dicom/transcode.ts';
import { type AnyUid, parseUid, type SopClassUid, type TransferSyntaxUid } from '../../src/dicom/uid.ts';
import {
  destinationNameOf,
  digestOf,
  type InstanceRow,
  type Ledger,
  type NewInstance,
} from '../../src/ledger/ledger.ts';
import { openForReading } from '../../src/ledger/sqlite/open.ts';
import { integerOrNull, text } from '../../src/ledger/sqlite/rows.ts';
import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { LedgerSums } from '../../src/ledger/sums.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import type { SenderSettings } from '../../src/sender/attempt.ts';
import { Sender } from '../../src/sender/sender.ts';
import { Spool } from '../../src/spool/spool.ts';
import { dataSetOf } from '../builders/data-set.ts';
import { ct } from '../builders/images.ts';
import { instanceOf, verdictOf } from '../contract/ledger-rows.ts';
import { until } from './receiver.ts';

const explicitLittle = '1.2.840.10008.1.2.1';
const limits = { maxInflatedBytes: 1 << 28 };

interface StoredAttempt {
  readonly outcome: string;
  readonly dimseStatus: number | null;
  readonly reason: string;
}

/** A stored object as the tests make it. */
export interface TestObject {
  readonly series?: number;
  readonly number: number;
  readonly dataSet?: Buffer;
  readonly transferSyntaxUid?: string;
  readonly sopClassUid?: string;
}

/** A whole Part 10 file; it is stored with a meta of ours, as the receiver does. */
export interface TestFile {
  readonly file: Buffer;
}

/** A CT slice of 64 × 64 with a UID and pixels of its own, explicit little endian. */
export function ctSlice(series: number, number: number): Buffer {
  const pixels = Buffer.alloc(64 * 64 * 2);
  for (let at = 0; at < pixels.length; at += 2) pixels.writeUInt16LE((at * number + series) % 4_096, at);
  return dataSetOf({
    ...ct,
    SOPInstanceUID: instanceOf(series, number).sopInstanceUid,
    SeriesInstanceUID: instanceOf(series, number).seriesInstanceUid,
    StudyInstanceUID: instanceOf(series, number).studyInstanceUid,
    PatientID: 'TEST',
    InstanceNumber: number,
    PixelData: pixels,
  }).bytes;
}

export function destinationAt(port: number, change: Partial<Destination> = {}): Destination {
  const aeTitle = parseAeTitle('PEER');
  return { aeTitle, host: '127.0.0.1', port, associations: 1, offer: [], enabled: true, ...change };
}

/** A real sender over a real spool and ledger in a temporary folder, with a clock that can be put forward. */
export class SenderDesk implements AsyncDisposable {
  readonly folder: string;
  readonly spool: Spool;
  readonly settings: SenderSettings;
  readonly destinations: Record<string, Destination>;
  ledger: Ledger;
  #sender: Sender | undefined;
  #codecs: Codecs | undefined;
  #clockAheadMs = 0;
  /** Names of windows that are closed. */
  readonly closedWindows = new Set<string>();

  private constructor(
    folder: string,
    spool: Spool,
    ledger: Ledger,
    destinations: Record<string, Destination>,
    settings: SenderSettings,
  ) {
    this.folder = folder;
    this.spool = spool;
    this.ledger = ledger;
    this.destinations = destinations;
    this.settings = settings;
  }

  static async open(
    destinations: Record<string, Destination>,
    settings: Partial<SenderSettings> = {},
  ): Promise<SenderDesk> {
    const folder = await mkdtemp(join(tmpdir(), 'sender-'));
    const spool = await Spool.open({ folder: join(folder, 'spool'), highMark: 0.999, lowMark: 0.99 });
    const ledger = await openLedger({ file: join(folder, 'ledger.db') });
    const { sender } = nodeFile.parse({ sender: settings });
    return new SenderDesk(folder, spool, ledger, destinations, sender);
  }

  now = (): number => Date.now() + this.#clockAheadMs;

  /** Puts the clock forward, so that what waits is due. */
  passTime(ms: number): void {
    this.#clockAheadMs += ms;
    this.#sender?.wake();
  }

  /** Stores objects as received and decides their series: they go to every destination. */
  async send(
    objects: readonly (TestObject | TestFile)[],
    to: readonly string[] = Object.keys(this.destinations),
  ): Promise<void> {
    const rows = await Promise.all(objects.map((object) => this.#store(object)));
    await Promise.all(rows.map((row) => this.ledger.recordInstance(row)));
    const originals = to.map(destinationNameOf);
    for (const { seriesInstanceUid, revision, instances } of await this.ledger.collectingSeries()) {
      const verdict = verdictOf('forwarded', { originals, decidedAt: this.now() });
      await this.ledger.decideSeries({ seriesInstanceUid, revision }, instances, verdict);
    }
    this.#sender?.wake();
  }

  /** Every attempt in the order of their ends, as the ledger's file has them. */
  async attempts(): Promise<readonly StoredAttempt[]> {
    const db = openForReading(join(this.folder, 'ledger.db'));
    try {
      return db
        .all('SELECT outcome, dimse_status, reason FROM attempt ORDER BY ended_at, delivery_id', {})
        .map((row) => ({
          outcome: text(row, 'outcome'),
          dimseStatus: integerOrNull(row, 'dimse_status'),
          reason: text(row, 'reason'),
        }));
    } finally {
      db.close();
    }
  }

  start(): Sender {
    const sender = new Sender(this.destinations, {
      ledger: this.ledger,
      settings: this.settings,
      callingAeTitle: parseAeTitle('DIFFCODE'),
      owner: `desk-${performance.now()}`,
      path: ({ origin, digest }) => this.spool.path(origin, digest),
      transcode: (path, target) => this.#transcode(path, target),
      isWindowOpen: (window) => !this.closedWindows.has(window),
      logger: silentLogger,
      now: this.now,
      random: () => 1,
    });
    sender.start();
    this.#sender = sender;
    return sender;
  }

  async instance(series: number, number: number): Promise<InstanceRow> {
    const row = await this.ledger.findInstance(instanceOf(series, number).sopInstanceUid);
    if (row === undefined) throw new Error('no such instance');
    return row;
  }

  /** Waits until the ledger's sums say so. */
  async untilSums(sums: Partial<LedgerSums>): Promise<void> {
    await until(async () => {
      const found = await this.ledger.sums();
      return Object.entries(sums).every(([name, value]) =>
        Object.entries(found).some((n) => n[0] === name && n[1] === value),
      );
    });
  }

  /** Waits until so many attempts have ended and nothing is on its way. */
  async untilAttempts(count: number): Promise<void> {
    await until(async () => (await this.attempts()).length === count && (await this.ledger.sums()).sending === 0);
  }

  /** How long until the first delivery is due. */
  async waitMs(): Promise<number> {
    const { oldestDueAt } = await this.ledger.sums();
    return (oldestDueAt ?? 0) - this.now();
  }

  /** Lets the sender look for work and find none: polls have been answered, and nothing is being sent. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      this.#sender?.wake();
      await this.ledger.sums();
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }

  /** Another node claims everything and is never heard of again. */
  async claimAsDeadNode(destination: string, leaseMs: number): Promise<void> {
    const lease = { owner: 'dead', until: this.now() + leaseMs };
    await this.ledger.claimDeliveries(destinationNameOf(destination), 1_000, lease, this.now());
  }

  /** The sender ends in order, and another one starts on the same ledger. */
  async restart(): Promise<void> {
    await this.#sender?.stop(1_000);
    await this.ledger.close();
    this.ledger = await openLedger({ file: join(this.folder, 'ledger.db') });
    this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sender?.stop(0);
    await this.ledger.close();
    await this.spool.close();
    await rm(this.folder, { recursive: true });
  }

  async #store(object: TestObject | TestFile): Promise<NewInstance> {
    const { row, dataSet } = 'file' in object ? fromFile(object.file) : fromObject(object);
    const digest = digestOf(createHash('sha256').update(dataSet).digest('hex'));
    const meta = encodeFileMeta(row);
    const incoming = this.spool.createIncoming();
    incoming.write([meta, dataSet]);
    await incoming.place(digest).sync();
    return { ...row, digest, sizeBytes: meta.length + dataSet.length, dataSetOffsetBytes: meta.length };
  }

  async #transcode(path: string, target: Parameters<typeof transcode>[1]): Promise<readonly Buffer[]> {
    this.#codecs ??= await openCodecs();
    const { ranges } = await transcode(parsePart10(await readFile(path), limits), target, this.#codecs);
    return ranges;
  }
}

interface StoredRow {
  readonly row: NewInstance;
  readonly dataSet: Buffer;
}

function fromObject({ series = 1, number, ...object }: TestObject): StoredRow {
  const { transferSyntaxUid = explicitLittle, sopClassUid = instanceOf(series, number).sopClassUid } = object;
  const change = {
    transferSyntaxUid: parseUid<TransferSyntaxUid>(transferSyntaxUid),
    sopClassUid: parseUid<SopClassUid>(sopClassUid),
  };
  return { row: instanceOf(series, number, change), dataSet: object.dataSet ?? ctSlice(series, number) };
}

function fromFile(file: Buffer): StoredRow {
  const { dataSet, dataSetOffsetBytes, transferSyntaxUid } = parsePart10(file, limits);
  const uid = <U extends AnyUid>(tag: number): U => parseUid<U>(readString(dataSet, tag) ?? '');
  const row = instanceOf(1, 1, {
    transferSyntaxUid,
    sopClassUid: uid(tags.SopClassUid),
    sopInstanceUid: uid(tags.SopInstanceUid),
    seriesInstanceUid: uid(tags.SeriesInstanceUid),
    studyInstanceUid: uid(tags.StudyInstanceUid),
  });
  return { row, dataSet: file.subarray(dataSetOffsetBytes) };
}
