import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { z } from 'zod';
import { nodeFile } from '../../src/config/node-schema.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { openAudit } from '../../src/observe/audit.ts';
import { createLogger, plainUid } from '../../src/observe/logger.ts';
import { ScpServer } from '../../src/scp/server.ts';
import { Spool } from '../../src/spool/spool.ts';

type NodeInput = z.input<typeof nodeFile>;

export interface ReceiverOptions {
  readonly limits?: NonNullable<NodeInput['scp']>['limits'];
  readonly callers?: NodeInput['callers'];
  readonly alsoAccept?: string[];
  readonly aeTitle?: string;
  /** Where the spool lies, instead of a folder of its own. */
  readonly spoolFolder?: string;
  /** Puts a fault between the server and its ledger. */
  readonly faultyLedger?: (ledger: Ledger) => Ledger;
  readonly marks?: { readonly highMark: number; readonly lowMark: number };
}

/** A log line as the node writes it. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string };

/** A real server on a port of its own, with a real spool and ledger in a temporary folder. */
export class Receiver implements AsyncDisposable {
  readonly server: ScpServer;
  readonly ledger: Ledger;
  readonly spool: Spool;
  readonly folder: string;
  readonly spoolFolder: string;
  readonly log: readonly LogLine[];

  private constructor(parts: Pick<Receiver, 'server' | 'ledger' | 'spool' | 'folder' | 'spoolFolder' | 'log'>) {
    this.server = parts.server;
    this.ledger = parts.ledger;
    this.spool = parts.spool;
    this.folder = parts.folder;
    this.spoolFolder = parts.spoolFolder;
    this.log = parts.log;
  }

  static async start(options: ReceiverOptions = {}): Promise<Receiver> {
    const folder = await mkdtemp(join(tmpdir(), 'diffcode-scp-'));
    const spoolFolder = options.spoolFolder ?? join(folder, 'spool');
    const { limits = {}, callers = [{ aeTitle: '*', addresses: ['127.0.0.1/32'] }], aeTitle = 'DIFFCODE' } = options;
    const alsoAccept = options.alsoAccept === undefined ? {} : { alsoAccept: options.alsoAccept };
    const config = nodeFile.parse({ scp: { aeTitle, port: 0, limits, ...alsoAccept }, callers });
    const log: LogLine[] = [];
    const logger = createLogger({ level: 'debug', uidForLog: plainUid, stream: collector(log) });
    const spool = await Spool.open({ folder: spoolFolder, highMark: 0.999, lowMark: 0.998, ...options.marks });
    const ledger = await openLedger({ file: join(folder, 'ledger.db') });
    const audit = openAudit({ file: join(folder, 'audit.jsonl'), logger });
    const server = new ScpServer({ config, spool, logger, audit, ledger: options.faultyLedger?.(ledger) ?? ledger });
    await server.start();
    return new Receiver({ server, ledger, spool, folder, spoolFolder, log });
  }

  get port(): number {
    return this.server.port;
  }

  /** Data sets in the spool, by the digest that names them. */
  async stored(): Promise<ReadonlyMap<string, Buffer>> {
    const stored = new Map<string, Buffer>();
    for await (const digest of this.spool.digests('instance')) {
      stored.set(digest, await readFile(this.spool.path('instance', digest)));
    }
    return stored;
  }

  /** Objects that are not whole. */
  async parts(): Promise<readonly string[]> {
    return readdir(join(this.spoolFolder, 'incoming'));
  }

  events(event: string): readonly LogLine[] {
    return this.log.filter((line) => line.event === event);
  }

  /** Waits for a log line. */
  async logged(event: string, count = 1): Promise<readonly LogLine[]> {
    await until(() => this.events(event).length >= count);
    return this.events(event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(0);
    await this.ledger.close();
    await this.spool.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function collector(log: LogLine[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trim().split('\n')) log.push(JSON.parse(line) as LogLine);
      done();
    },
  });
}

/** Waits for a condition, looking often; fails after `deadlineMs`. */
export async function until(condition: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so within ${deadlineMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
