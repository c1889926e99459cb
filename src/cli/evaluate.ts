import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { nodeFile } from '../config/node-schema.ts';
import { openCodecs } from '../dicom/codecs/codecs.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { EvaluationReport, TaskReport } from '../evaluate/report.ts';
import { isTask, tasks } from '../model/tasks.ts';
import { openInstalledWeights } from '../pipeline/installed-weights.ts';
import { ModelProcess } from '../pipeline/model-process.ts';
import { modelSourceOf } from '../pipeline/model-source.ts';
import { CliError } from './errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, listOption, parseOptions, requireWords, textOption } from './invocation.ts';
import { createProgress } from './progress.ts';

const model = nodeFile.parse({}).model;

const options = {
  json: textOption.optional(),
  weights: textOption.default('default'),
  engine: nodeFile.shape.model.unwrap().shape.engine,
  threads: nodeFile.shape.model.unwrap().shape.threads,
  tasks: listOption,
  baselines: z.boolean().default(true),
  reference: z.enum(['own', 'zero', 'swap']).default('own'),
};

/** `evaluate`: high-quality images in, low quality simulated from them, restored, and compared; baselines beside. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const asked = parseOptions(invocation, options);
  const [dataFolder = ''] = requireWords(invocation, 'a folder with CT/, MR/ and PT/');
  const wanted = asked.tasks.length === 0 ? tasks : asked.tasks.filter(isTask);
  if (wanted.length === 0) throw new CliError('CLI_USAGE', `--tasks takes ${tasks.join(', ')}`);
  const weights = await openInstalledWeights(asked.weights);
  const { engine, threads } = asked;
  const process = new ModelProcess(modelSourceOf({ weights, model: { ...model, engine, threads } }));
  const progress = createProgress(invocation.complain);
  try {
    const report = await evaluate({
      dataFolder,
      tasks: wanted,
      restorer: { restoreSlice: (request) => process.restore(request) },
      reference: asked.reference,
      withBaselines: asked.baselines,
      codecs: await openCodecs(),
      onProgress: ({ scans, scansDone, slices, name }) =>
        progress.update(scansDone, scans, `${name}, ${slices} slices`),
    });
    progress.stop();
    if (asked.json !== undefined)
      await writeReport(asked.json, { weights: weights.name, digest: weights.digest }, report);
    for (const line of reportLines(report)) invocation.print(line);
    return exitCodes.done;
  } finally {
    progress.stop();
    process.close();
  }
}

/** One key per task, then what made the figures. */
async function writeReport(path: string, made: object, { tasks: byTask, ...rest }: EvaluationReport): Promise<void> {
  await writeFile(`${path}.part`, `${JSON.stringify({ ...byTask, ...made, ...rest }, undefined, 2)}\n`);
  await rename(`${path}.part`, path);
}

function reportLines({ tasks: byTask, skipped }: EvaluationReport): string[] {
  return [
    ...Object.entries(byTask).flatMap(([task, report]) => ['', `${task}, ${report.n} slices`, ...taskLines(report)]),
    ...skipped.map(({ name, reason }) => `skipped ${name}: ${reason}`),
  ];
}

function taskLines({ input, restored, baselines, gain, series }: TaskReport): string[] {
  const rows = { input, ...baselines, ...(restored === undefined ? {} : { restored }) };
  const figures = Object.entries(rows).map(
    ([name, { psnr, ssim, rmse }]) =>
      `  ${name.padEnd(16)} PSNR ${psnr.toFixed(2).padStart(6)} dB   SSIM ${ssim.toFixed(4)}   RMSE ${rmse.toPrecision(4)}`,
  );
  const interval = gain?.interval;
  const over =
    interval === undefined ? '' : ` (95 % over series: ${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`;
  const gained = gain?.psnr === undefined ? [] : [`  gain ${gain.psnr.mean.toFixed(2)} dB${over}`];
  return [...figures, ...gained, ...series.map(seriesLine)];
}

function seriesLine({ name, n, gainDb, ceilingDb }: TaskReport['series'][number]): string {
  const ceiling = ceilingDb === undefined ? '' : `, ceiling ${ceilingDb.toFixed(2)} dB`;
  return `    ${name}: ${n} slices, gain ${gainDb === undefined ? 'not measured' : `${gainDb.toFixed(2)} dB`}${ceiling}`;
}
