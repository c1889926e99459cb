import { parentPort } from 'node:worker_threads';
import { openCodecs } from '../dicom/codecs/codecs.ts';
import { Spool } from '../spool/spool.ts';
import { ModelProcess } from './model-process.ts';
import { modelSourceOf } from './model-source.ts';
import { restoreSeries } from './restore-series.ts';
import type { SeriesOutcome, SeriesWork } from './series-work.ts';
import { failureOf, type ThreadReply, type ThreadRequest } from './thread-messages.ts';
import { derivedWriter } from './write-derived.ts';

// The series thread: decodes, measures and writes; owns the model process. The node ends it to stop its work.
const codecs = await openCodecs();
let model: { readonly key: string; readonly process: ModelProcess } | undefined;
let turn: Promise<void> = Promise.resolve();

parentPort?.on('message', (request: ThreadRequest) => {
  turn = turn.then(() => serve(request));
});

async function serve({ work, spoolFolder }: ThreadRequest): Promise<void> {
  try {
    const process = modelFor(work);
    const startedAt = performance.now();
    const { engine } = await process.load();
    reply({ kind: 'model-loaded', executor: engine, durationMs: performance.now() - startedAt });
    const outcome = await restoreInto(spoolFolder, work, process);
    process.renewIfLarge();
    reply({ kind: 'ended', outcome });
  } catch (error) {
    reply({ kind: 'failed', ...failureOf(error) });
  }
}

async function restoreInto(folder: string, work: SeriesWork, child: ModelProcess): Promise<SeriesOutcome> {
  const spool = await Spool.open({ folder, highMark: 1, lowMark: 0.99 });
  try {
    const onProgress = (done: number, total: number) => reply({ kind: 'progress', done, total });
    return await restoreSeries(work, { model: child, codecs, write: derivedWriter(spool), onProgress });
  } finally {
    await spool.close();
  }
}

/** One process at a time; other weights or another engine take its place. */
function modelFor(work: SeriesWork): ModelProcess {
  const key = JSON.stringify([work.weights, work.model.engine, work.model.threads]);
  if (model?.key !== key) {
    model?.process.close();
    model = { key, process: new ModelProcess(modelSourceOf(work)) };
  }
  return model.process;
}

function reply(message: ThreadReply): void {
  parentPort?.postMessage(message, []);
}
