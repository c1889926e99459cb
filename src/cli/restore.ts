import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { nodeFile } from '../config/node-schema.ts';
import { acceptKeys, rulesFile } from '../config/rules-schema.ts';
import type { Config } from '../config/schema.ts';
import { widenedTexts } from '../config/widened-limits.ts';
import { openCodecs } from '../dicom/codecs/codecs.ts';
import type { DerivedInstance } from '../dicom/derived/derive-instance.ts';
import { openInstalledWeights } from '../pipeline/installed-weights.ts';
import { ModelProcess } from '../pipeline/model-process.ts';
import { modelSourceOf } from '../pipeline/model-source.ts';
import { restoreSeries } from '../pipeline/restore-series.ts';
import type { SeriesWork } from '../pipeline/series-work.ts';
import { verdictOf } from '../pipeline/verdict.ts';
import { derivedRow } from '../pipeline/write-derived.ts';
import { compileRules, type RuleSet } from '../router/rules.ts';
import { openConfig } from './config.ts';
import { CliError } from './errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, listOption, parseOptions, requireWords, textOption } from './invocation.ts';
import { createProgress } from './progress.ts';
import { type FoundSeries, findSeries } from './series-folders.ts';
import { version } from './version.ts';

const options = {
  out: textOption.optional(),
  config: textOption.optional(),
  weights: textOption.optional(),
  engine: nodeFile.shape.model.unwrap().shape.engine,
  threads: nodeFile.shape.model.unwrap().shape.threads,
  accept: listOption.pipe(z.array(z.enum(acceptKeys))),
  json: z.boolean().default(false),
};

/** What became of one series, as `--json` prints it. */
interface SeriesReport {
  readonly seriesInstanceUid: string;
  readonly instances: number;
  readonly outcome: 'restored' | 'excluded' | 'gated' | 'failed';
  readonly task: string | null;
  readonly reasons: readonly string[];
  readonly files: readonly string[];
}

/** `restore`: the node's own pixels, on files; needs no configuration and no network. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const asked = parseOptions(invocation, options);
  const paths = requireWords(invocation, 'files or folders to restore');
  if (asked.out === undefined) throw new CliError('CLI_USAGE', 'name a folder for the restored files: --out DIR');
  const config = asked.config === undefined ? undefined : await openConfig(asked.config);
  const weights = await openInstalledWeights(asked.weights ?? config?.model.weights ?? 'default');
  const model = { ...(config?.model ?? nodeFile.parse({}).model), engine: asked.engine, threads: asked.threads };
  const gate = (config ?? nodeFile.parse({})).gate;
  const { series, others } = await findSeries(paths);
  for (const { path, reason } of others) invocation.complain(`${path}: not a DICOM object of a series (${reason})`);
  const process = new ModelProcess(modelSourceOf({ weights, model }));
  const kit: Kit = {
    config,
    weights,
    model,
    gate,
    process,
    codecs: await openCodecs(),
    out: asked.out,
    rules: rulesFor(asked.accept),
  };
  const reports: SeriesReport[] = [];
  try {
    for (const found of series) reports.push(await restoreOne(found, kit, invocation));
  } finally {
    process.close();
  }
  if (asked.json) invocation.print(JSON.stringify({ series: reports, others }, undefined, 2));
  else for (const report of reports) for (const line of reportLines(report)) invocation.print(line);
  const isDone = reports.every(({ outcome }) => outcome === 'restored' || outcome === 'excluded');
  if (reports.length === 0) invocation.complain('no DICOM series found');
  return isDone && others.length === 0 && reports.length > 0 ? exitCodes.done : exitCodes.partly;
}

interface Kit {
  readonly config: Config | undefined;
  readonly weights: Awaited<ReturnType<typeof openInstalledWeights>>;
  readonly model: SeriesWork['model'];
  readonly gate: SeriesWork['gate'];
  readonly process: ModelProcess;
  readonly codecs: Awaited<ReturnType<typeof openCodecs>>;
  readonly out: string;
  readonly rules: RuleSet;
}

/** A person asked: every CT, MR and PET series is tried, and one outside the trained range is restored with a note. */
function rulesFor(accept: readonly string[]): RuleSet {
  const rule = (Modality: string, task: string) => ({
    name: Modality,
    match: { Modality },
    do: 'restore',
    task,
    restored: ['out'],
    accept,
    applicability: 'warn',
  });
  return compileRules(
    rulesFile.parse([
      rule('CT', 'ct-denoising'),
      rule('MR', 'mri-super-resolution'),
      rule('PT', 'pet-synthesis'),
      { name: 'other-modalities', do: 'exclude' },
    ]),
  );
}

async function restoreOne(found: FoundSeries, kit: Kit, invocation: Invocation): Promise<SeriesReport> {
  const { seriesInstanceUid, files, summary } = found;
  const settings = { digest: kit.weights.digest, tasks: kit.weights.tasks, settingsDigest: '0'.repeat(64) };
  const verdict = verdictOf({ summary, rules: kit.rules, weights: settings, completedBy: 'files', decidedAt: 0 });
  const report = { seriesInstanceUid, instances: files.length, task: verdict.task, files: [] };
  const reasons = verdict.reasons.slice(-1);
  if (verdict.job === null) return { ...report, outcome: 'excluded', reasons };
  const progress = createProgress(invocation.complain);
  const written: string[] = [];
  try {
    const outcome = await restoreSeries(workOf(found, kit, verdict.task), {
      model: kit.process,
      codecs: kit.codecs,
      write: async (instance) => {
        written.push(await writeFileOf(kit.out, instance));
        return derivedRow(instance);
      },
      onProgress: (done, total) => progress.update(done, total, `series ${seriesInstanceUid}`),
    });
    if (outcome.kind !== 'restored') return { ...report, outcome: outcome.kind, reasons: outcome.reasons };
    return { ...report, outcome: 'restored', reasons: outcome.notes, files: written };
  } catch (error) {
    return {
      ...report,
      outcome: 'failed',
      reasons: [error instanceof Error ? error.message : String(error)],
      files: written,
    };
  } finally {
    progress.stop();
  }
}

function workOf({ files }: FoundSeries, kit: Kit, task: string | null): SeriesWork {
  if (task !== 'ct-denoising' && task !== 'mri-super-resolution' && task !== 'pet-synthesis') {
    throw new Error(`no task is called ${task}`);
  }
  return {
    task,
    sources: files.map(({ path, head, sopInstanceUid }) => ({
      path,
      dataSetOffsetBytes: head.dataSetOffsetBytes,
      transferSyntaxUid: head.transferSyntaxUid,
      sopInstanceUid,
    })),
    earlier: [],
    weights: kit.weights,
    model: kit.model,
    gate: kit.gate,
    widenedLimits: widenedTexts(task, kit.gate),
    applicability: 'warn',
    provenance: {
      installationId: kit.config?.installation.id ?? 'command-line',
      nodeVersion: version,
      claimedAt: Date.now(),
      timezone: kit.config?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
  };
}

/** One folder per derived series; a file is complete under its name or not there. */
async function writeFileOf(out: string, instance: DerivedInstance): Promise<string> {
  const folder = join(out, instance.seriesInstanceUid);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${instance.sopInstanceUid}.dcm`);
  await writeFile(`${path}.part`, instance.parts);
  await rename(`${path}.part`, path);
  return path;
}

function reportLines({ seriesInstanceUid, instances, outcome, task, reasons, files }: SeriesReport): string[] {
  const what = task === null ? '' : ` as ${task}`;
  return [
    `${outcome}${what}: series ${seriesInstanceUid}, ${instances} instances, ${files.length} files written`,
    ...reasons.map((reason) => `  ${reason}`),
  ];
}
