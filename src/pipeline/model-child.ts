import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { createRestorer, distributionLimits, type Restorer } from '../model/restorer.ts';
import { trainedRanges } from '../model/trained-ranges.ts';
import { readWeights } from '../model/weights.ts';
import type { LoadedModel, ModelAnswer, ModelQuestion, ModelReply, ModelSource } from './model-messages.ts';
import { failureOf } from './thread-messages.ts';

// The model process (engines.md 3): it runs the network and nothing else, and may be killed at any moment.
setPriority(10);
process.on('disconnect', () => process.exit(0));
// A Ctrl-C at the terminal reaches the whole group: the parent decides when this process ends.
process.on('SIGINT', () => undefined);

let restorer: Restorer | undefined;
let turn: Promise<void> = Promise.resolve();

process.on('message', (question: ModelQuestion) => {
  turn = turn.then(async () => reply(await answer(question)));
});

async function answer(question: ModelQuestion): Promise<ModelReply> {
  const { id } = question;
  try {
    return { id, kind: 'answer', answer: await work(question), rssBytes: process.memoryUsage.rss() };
  } catch (error) {
    return { id, kind: 'failure', ...failureOf(error) };
  }
}

async function work(question: ModelQuestion): Promise<ModelAnswer> {
  const { call } = question;
  switch (call) {
    case 'load':
      return { call, answered: await load(question.asked) };
    case 'classify':
      return { call, answered: await loaded().classify(question.asked) };
    case 'restore':
      return { call, answered: await loaded().restoreSlice(question.asked) };
  }
}

async function load({ weightsPath, digest, engine, threads }: ModelSource): Promise<LoadedModel> {
  const weights = readWeights(await readFile(weightsPath), digest);
  restorer = await createRestorer({ weights, engine, threads });
  return {
    engine: restorer.engine,
    findings: restorer.findings,
    preset: weights.model.preset.name,
    tasks: weights.tasks,
    limits: Object.fromEntries(weights.tasks.map((task) => [task, distributionLimits(weights, task)])),
    trainedRanges: trainedRanges(weights),
  };
}

function loaded(): Restorer {
  if (restorer === undefined) throw new Error('asked before it was loaded');
  return restorer;
}

function reply(message: ModelReply): void {
  process.send?.(message);
}
