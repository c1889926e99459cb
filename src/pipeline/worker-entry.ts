import { fileURLToPath } from 'node:url';

/** Files of this room that are started rather than imported. */
export type WorkerName = 'series-thread' | 'model-child' | 'transcode-thread';

/**
 * Where a worker's compiled file lies. Workers start from `dist`, also when a test runs the sources: Node 20 can't
 * start one from TypeScript.
 */
export function workerEntry(name: WorkerName): string {
  const here = import.meta.url.endsWith('.ts') ? '../../dist/pipeline/' : './';
  return fileURLToPath(new URL(`${here}${name}.js`, import.meta.url));
}
