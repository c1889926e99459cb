import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { openCodecs } from '../dicom/codecs/codecs.ts';
import { parsePart10 } from '../dicom/part10.ts';
import { transcode } from '../dicom/transcode.ts';
import { failureOf } from './thread-messages.ts';
import type { TranscodeReply, TranscodeRequest } from './transcoder.ts';

// Transcodes objects for peers that refuse their stored syntax; codecs would hold the event loop.
const codecs = openCodecs();

parentPort?.on('message', (request: TranscodeRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply, []));
});

async function answer({ id, path, target }: TranscodeRequest): Promise<TranscodeReply> {
  try {
    const { ranges } = await transcode(parsePart10(await readFile(path)), target, await codecs);
    return { id, kind: 'done', ranges };
  } catch (error) {
    return { id, kind: 'failed', ...failureOf(error) };
  }
}
