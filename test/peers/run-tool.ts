import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';

/** What a program of a peer printed, both streams, and how it ended. */
export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a peer's program to its end. Messages are the same everywhere (`LC_ALL`), and no packet waits for another. */
export function runTool(program: string, args: readonly string[], input = ''): Promise<ToolResult> {
  const options = {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, LC_ALL: 'C.UTF-8', TCP_NODELAY: '1' },
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

/** Whether a program can be started at all. */
export function hasTool(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** The Python of the system, which has pydicom where Debian's package is installed; `undefined` otherwise. */
export function findPydicom(): string | undefined {
  const python = '/usr/bin/python3';
  return spawnSync(python, ['-c', 'import pydicom'], { stdio: 'ignore' }).status === 0 ? python : undefined;
}

/** What `read_with_pydicom.py` says of each line: of a file, or of two files with a tab between. */
export async function readWithPydicom(python: string, lines: readonly string[]): Promise<readonly unknown[]> {
  const script = path.join(import.meta.dirname, 'read_with_pydicom.py');
  const { stdout, stderr, exitCode } = await runTool(python, [script], lines.map((line) => `${line}\n`).join(''));
  if (exitCode !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}
