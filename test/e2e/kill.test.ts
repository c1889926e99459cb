import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { demoFiles, Flow, flowMissing, isClosed } from '../peers/flow.ts';
import { readLedger } from '../peers/node-process.ts';

const slices = demoFiles('PT');

/** Where in a run the node is killed: the moment at which it is seen, and how much later. */
interface Moment {
  readonly name: string;
  readonly seen: (flow: Flow) => boolean;
  readonly delayMs?: number;
}

const logged =
  (event: string, times = 1) =>
  ({ node }: Flow) =>
    node.log.split(`"event":"${event}"`).length > times;

const filed =
  (folder: 'stored' | 'derived', files: number) =>
  ({ folder: root }: Flow) =>
    countFiles(join(root, 'spool', folder)) >= files;

// Delays are drawn once, so that a failure can be repeated: they spread over the 0.3 to 1 s that a slice takes.
const moments: readonly Moment[] = [
  { name: 'as the association opens', seen: logged('association.accepted') },
  { name: 'as the first file gets its name, before its row', seen: filed('stored', 1) },
  { name: 'while receiving, after two answers', seen: logged('instance.stored', 2) },
  { name: 'as the fifth file gets its name', seen: filed('stored', 5) },
  { name: 'after the last answer, before the series is decided', seen: logged('association.released') },
  { name: 'as the job starts', seen: logged('job.started') },
  { name: 'as the model is loaded', seen: logged('model.loaded') },
  { name: 'while restoring', seen: logged('model.loaded'), delayMs: 437 },
  { name: 'while restoring, later', seen: logged('model.loaded'), delayMs: 1213 },
  { name: 'as the first derived file gets its name', seen: filed('derived', 1) },
  { name: 'with every derived file and no row of them', seen: filed('derived', slices.length) },
  { name: 'between restored and sent', seen: logged('job.done') },
  { name: 'while sending originals', seen: logged('delivery.acknowledged', 2) },
  { name: 'while sending what was restored', seen: logged('delivery.acknowledged', slices.length + 2) },
];

describe.skipIf(flowMissing !== undefined)('kill -9 of the whole node', () => {
  let undisturbed: readonly string[] = [];

  beforeAll(async () => {
    await using flow = await Flow.open();
    await flow.send(slices);
    await flow.settled(slices.length);
    undisturbed = await instancesOf(flow);
  }, 120_000);

  test.for(moments)('$name loses nothing and doubles nothing', async ({ seen, delayMs = 0 }) => {
    await using flow = await Flow.open({ log: { level: 'debug' } });
    const sending = flow.send(slices);
    await seenIn(flow, seen);
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    await flow.node.kill();
    const { stdout, stderr } = await sending;
    const answers = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('Received C-STORE Response'));
    const acknowledged = answers.filter((line) => line.includes('Success')).length;

    // Where the node had seen the release, the modality had heard every answer.
    if (logged('association.released')(flow)) expect(acknowledged).toBe(slices.length);

    await flow.startNode();
    expect(readLedger(flow.config).received).toBeGreaterThanOrEqual(acknowledged);
    // The modality sends again what it got no answer for; what was answered must come from the node alone.
    if (acknowledged < slices.length) await flow.send(slices.slice(acknowledged));
    const sums = await flow.settled(slices.length);

    expect(sums, flow.node.log).toMatchObject({ restored: slices.length, due: 2 * slices.length, conflicts: 0 });
    expect(isClosed(sums)).toBe(true);
    expect(await instancesOf(flow)).toEqual(undisturbed);
  });
});

async function instancesOf(flow: Flow): Promise<readonly string[]> {
  const files = await flow.orthanc.files();
  const instances = [...(await flow.stored()).keys()].toSorted();
  expect(files).toHaveLength(instances.length);
  return instances;
}

/** Looks at every turn of the event loop: the moments last for milliseconds. */
async function seenIn(flow: Flow, seen: (flow: Flow) => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!seen(flow)) {
    if (performance.now() > deadline) throw new Error(`never seen: ${flow.node.log}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function countFiles(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.dcm')).length;
}
