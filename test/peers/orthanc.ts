import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, untilListening } from './free-port.ts';
import { hasTool } from './run-tool.ts';

/** Why the tests against Orthanc can't run here; `undefined` when they can. */
export const orthancMissing = hasTool('Orthanc') ? undefined : 'Orthanc is not installed: its tests were not run';
if (orthancMissing !== undefined) console.warn(orthancMissing);

/** Orthanc without plugins in a folder of its own, loopback only. */
export class Orthanc implements AsyncDisposable {
  readonly port: number;
  readonly #httpPort: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, httpPort: number, folder: string, process: ChildProcess) {
    this.port = port;
    this.#httpPort = httpPort;
    this.#folder = folder;
    this.#process = process;
  }

  static async start(): Promise<Orthanc> {
    const folder = await mkdtemp(join(tmpdir(), 'orthanc-'));
    const port = await freePort();
    const httpPort = await freePort();
    const configuration = {
      Name: 'test',
      DicomAet: 'PEER',
      DicomPort: port,
      HttpPort: httpPort,
      KeepAlive: false,
      StorageDirectory: join(folder, 'storage'),
      IndexDirectory: join(folder, 'storage'),
      Plugins: [],
      DicomAlwaysAllowStore: true,
      DicomAlwaysAllowEcho: true,
      DicomAlwaysAllowFind: true,
      DicomCheckCalledAet: false,
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
    };
    const file = join(folder, 'configuration.json');
    await writeFile(file, JSON.stringify(configuration));
    const child = spawn('Orthanc', [file], { stdio: 'ignore', env: { ...process.env, TCP_NODELAY: '1' } });
    await untilListening(port);
    await untilListening(httpPort);
    return new Orthanc(port, httpPort, folder, child);
  }

  /** What its REST interface answers, as JSON. */
  async get(path: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#httpPort}${path}`);
    return response.json();
  }

  /** Every instance as the file that Orthanc keeps; one at a time, a busy Orthanc drops connections. */
  async files(): Promise<readonly Buffer[]> {
    const instances = (await this.get('/instances')) as readonly string[];
    const files: Buffer[] = [];
    for (const id of instances) {
      const response = await fetch(`http://127.0.0.1:${this.#httpPort}/instances/${id}/file`);
      files.push(Buffer.from(await response.arrayBuffer()));
    }
    return files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit');
    await rm(this.#folder, { recursive: true });
  }
}
