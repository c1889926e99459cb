import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readString } from '../../src/dicom/element-values.ts';
import { type Part10, parsePart10 } from '../../src/dicom/part10.ts';
import { tags } from '../../src/dicom/tags.ts';
import { dcmtkMissing } from './dcmtk.ts';
import { weightsMissing } from './installed-weights.ts';
import { freePort, NodeProcess, type Sums, waitForLedger, writeConfig } from './node-process.ts';
import { Orthanc, orthancMissing } from './orthanc.ts';
import { runTool, type ToolResult } from './run-tool.ts';

/** Why the whole flow can't run here; `undefined` when it can. */
export const flowMissing = orthancMissing ?? dcmtkMissing ?? weightsMissing;

const demoFolder = fileURLToPath(new URL('../fixtures/demo', import.meta.url));

/** Files of one of the short series in `test/fixtures/demo`. */
export function demoFiles(modality: 'CT' | 'MR' | 'PT'): readonly string[] {
  return filesOf(join(demoFolder, modality));
}

/** Every file of a folder, by name. */
export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name));
}

/** Restores CT, MR and PET; their quality is full, so that `warn` is what lets them be restored. */
const restoreAll = [
  { Modality: 'CT', task: 'ct-denoising' },
  { Modality: 'MR', task: 'mri-super-resolution' },
  { Modality: 'PT', task: 'pet-synthesis' },
].map(({ Modality, task }) => ({
  name: `restore-${Modality}`,
  match: { Modality },
  do: 'restore',
  task,
  originals: ['pacs'],
  restored: ['pacs'],
  applicability: 'warn',
}));

/** A modality (DCMTK), a node of ours and a PACS (Orthanc), each a process of its own, in one temporary folder. */
export class Flow implements AsyncDisposable {
  readonly folder: string;
  readonly config: string;
  readonly orthanc: Orthanc;
  readonly #port: number;
  #node: NodeProcess | undefined;

  private constructor(folder: string, config: string, orthanc: Orthanc, port: number) {
    this.folder = folder;
    this.config = config;
    this.orthanc = orthanc;
    this.#port = port;
  }

  /** Everything runs when it resolves. `node` is added to node.yaml. */
  static async open(node: Readonly<Record<string, unknown>> = {}): Promise<Flow> {
    const folder = await mkdtemp(join(tmpdir(), 'flow-'));
    const orthanc = await Orthanc.start();
    const port = await freePort();
    const config = writeConfig(folder, port, {
      node,
      destinations: { pacs: { aeTitle: 'PEER', host: '127.0.0.1', port: orthanc.port } },
      rules: restoreAll,
    });
    const flow = new Flow(folder, config, orthanc, port);
    await flow.startNode();
    return flow;
  }

  get node(): NodeProcess {
    if (this.#node === undefined) throw new Error('the node does not run');
    return this.#node;
  }

  async startNode(): Promise<void> {
    this.#node = await NodeProcess.start(this.config);
  }

  /** Sends files over one association, in their order; a modality that hears of every answer. */
  async send(files: readonly string[]): Promise<ToolResult> {
    const target = ['-aec', 'DIFFCODE', '127.0.0.1', String(this.#port)];
    return runTool('dcmsend', ['-v', ...target, ...files]);
  }

  /** Waits until so many were received and nothing is left to do. */
  async settled(received: number, timeoutMs = 100_000): Promise<Sums> {
    const isSettled = (sums: Sums) =>
      sums.received === received && sums.inProgress === 0 && sums.waiting === 0 && sums.sending === 0;
    return waitForLedger(this.config, isSettled, timeoutMs);
  }

  /** What the PACS has, by SOP instance. */
  async stored(): Promise<ReadonlyMap<string, Part10>> {
    const files = await this.orthanc.files();
    return new Map(files.map((file) => byInstance(parsePart10(file))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node?.kill();
    await this.orthanc[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true });
  }
}

/** An object with its SOP Instance UID before it. */
export function byInstance(object: Part10): [string, Part10] {
  return [readString(object.dataSet, tags.SopInstanceUid) ?? '', object];
}

/** The two sums of the ledger hold, and all that was due was taken. */
export function isClosed(sums: Sums): boolean {
  const instances = sums.restored + sums.forwarded + sums.excluded + sums.quarantined + sums.inProgress;
  const deliveries = sums.acknowledged + sums.warned + sums.refused + sums.cancelled + sums.waiting + sums.sending;
  return sums.received === instances && sums.due === deliveries && sums.due === sums.acknowledged;
}
