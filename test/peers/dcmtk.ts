import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, untilListening } from './free-port.ts';
import { hasTool } from './run-tool.ts';

/** Why the tests against DCMTK can't run here; `undefined` when they can. */
export const dcmtkMissing = hasTool('storescp') ? undefined : 'DCMTK is not installed: its tests were not run';
if (dcmtkMissing !== undefined) console.warn(dcmtkMissing);

/** DCMTK's `storescp` on a port of its own, which keeps what it gets bit for bit (`+B`). */
export class Storescp implements AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string, process: ChildProcess) {
    this.port = port;
    this.folder = folder;
    this.#process = process;
  }

  /** `parameters` are storescp's own; `+xa`, for one, takes every transfer syntax. Nagle's algorithm is off. */
  static async start(...parameters: readonly string[]): Promise<Storescp> {
    const folder = await mkdtemp(join(tmpdir(), 'storescp-'));
    const port = await freePort();
    const child = spawn('storescp', [...parameters, '+B', '-od', folder, String(port)], {
      stdio: 'ignore',
      env: { ...process.env, TCP_NODELAY: '1' },
    });
    await untilListening(port);
    return new Storescp(port, folder, child);
  }

  /** Received files by their SOP instance UID. */
  async received(): Promise<ReadonlyMap<string, Buffer>> {
    const received = new Map<string, Buffer>();
    for (const name of await readdir(this.folder)) {
      received.set(name.replace(/^[A-Z]+\./, ''), await readFile(join(this.folder, name)));
    }
    return received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit');
    await rm(this.folder, { recursive: true });
  }
}
