import { z } from 'zod';
import { openCodecs } from '../dicom/codecs/codecs.ts';
import { prepareShards } from '../evaluate/prepare.ts';
import { isTask, tasks } from '../model/tasks.ts';
import { CliError } from './errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, listOption, parseOptions, requireWords, textOption } from './invocation.ts';
import { createProgress } from './progress.ts';

const options = {
  out: textOption.optional(),
  tasks: listOption,
  realisations: z.coerce.number().int().min(1).max(64).default(8),
  seed: z.coerce.number().int().min(0).default(1),
  mix: z.enum(['training', 'nominal']).default('training'),
};

/** `prepare`: high-quality DICOM to training shards, with the simulated low quality beside it. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const asked = parseOptions(invocation, options);
  const [dataFolder = ''] = requireWords(invocation, 'a folder with CT/, MR/ and PT/');
  if (asked.out === undefined) throw new CliError('CLI_USAGE', 'name an empty folder for the shards: --out DIR');
  const progress = createProgress(invocation.complain);
  const manifest = await prepareShards({
    dataFolder,
    shardFolder: asked.out,
    tasks: asked.tasks.length === 0 ? tasks : asked.tasks.filter(isTask),
    realisations: asked.realisations,
    seed: asked.seed,
    mix: asked.mix,
    codecs: await openCodecs(),
    onProgress: ({ done, scans, name }) => progress.update(done, scans, name),
  });
  progress.stop();
  for (const { name, reason } of manifest.skipped) invocation.complain(`skipped ${name}: ${reason}`);
  invocation.print(`${manifest.shards.length} shards, digest ${manifest.digest}`);
  return exitCodes.done;
}
