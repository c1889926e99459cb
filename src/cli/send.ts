import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import { readString } from '../dicom/element-values.ts';
import { tags } from '../dicom/tags.ts';
import { parseUid } from '../dicom/uid.ts';
import { destinationNameOf, digestOf } from '../ledger/ledger.ts';
import { Transcoder } from '../pipeline/transcoder.ts';
import { type FileToSend, type SentFile, sendOnce } from '../sender/send-once.ts';
import { openConfig } from './config.ts';
import { destinationOf, type NamedDestination, targetOf } from './destination-target.ts';
import { CliError } from './errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions, textOption } from './invocation.ts';
import { createProgress } from './progress.ts';
import { type FoundSeries, findSeries, type SeriesFile } from './series-folders.ts';
import { tableLines } from './table.ts';

const options = { config: textOption.optional(), json: z.boolean().default(false) };

/** `send`: C-STORE by hand, past the ledger; every file ends in an outcome that is printed. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { config: folder, json } = parseOptions(invocation, options);
  const [word, ...paths] = invocation.words;
  if (word === undefined || paths.length === 0) {
    throw new CliError('CLI_USAGE', 'send DESTINATION PATHS…: name a destination and files or folders; see --help');
  }
  const config = await openConfig(folder);
  const named = destinationOf(word, config.destinations);
  const { series, others } = await findSeries(paths);
  for (const { path, reason } of others) invocation.complain(`${path}: not a DICOM object of a series (${reason})`);
  const files = (await Promise.all(series.map(filesToSend))).flat();
  const sent = await sendAll(named, files, config, invocation);
  if (json) invocation.print(JSON.stringify({ files: sent.map(reportOf), others }, undefined, 2));
  else for (const line of lines(sent)) invocation.print(line);
  if (files.length === 0) invocation.complain('no DICOM object found');
  if (sent.some(({ isAcknowledged }) => !isAcknowledged)) return exitCodes.peer;
  return files.length > 0 && others.length === 0 ? exitCodes.done : exitCodes.partly;
}

async function sendAll(
  named: NamedDestination,
  files: readonly FileToSend[],
  config: Config,
  { complain, signal }: Invocation,
): Promise<readonly SentFile[]> {
  const transcoder = new Transcoder();
  const progress = createProgress(complain);
  try {
    return await sendOnce({
      name: destinationNameOf(named.name),
      destination: named.destination,
      target: targetOf(named, config),
      settings: config.sender,
      files,
      transcode: (path, target) => transcoder.transcode(path, target),
      signal,
      onEnd: (done) => progress.update(done, files.length, `to ${named.name}`),
    });
  } finally {
    progress.stop();
    await transcoder.close();
  }
}

async function filesToSend({ seriesInstanceUid, files }: FoundSeries): Promise<readonly FileToSend[]> {
  const found: FileToSend[] = [];
  for (const file of files) found.push({ ...(await fileToSend(file)), seriesInstanceUid });
  return found;
}

async function fileToSend({ path, sizeBytes, sopInstanceUid, head }: SeriesFile) {
  const { dataSetOffsetBytes, transferSyntaxUid, dataSet } = head;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { start: dataSetOffsetBytes })) hash.update(chunk);
  return {
    path,
    sizeBytes,
    sopInstanceUid,
    dataSetOffsetBytes,
    transferSyntaxUid,
    sopClassUid: parseUid<FileToSend['sopClassUid']>(readString(dataSet, tags.SopClassUid) ?? ''),
    studyInstanceUid: parseUid<FileToSend['studyInstanceUid']>(readString(dataSet, tags.StudyInstanceUid) ?? ''),
    digest: digestOf(hash.digest('hex')),
  };
}

function reportOf({ file, outcome, dimseStatus, reason, isAcknowledged }: SentFile) {
  const { path, sopInstanceUid } = file;
  return { path, sopInstanceUid, outcome, dimseStatus, reason, isAcknowledged };
}

/** The sum, and a row for each file that was not simply acknowledged. */
function lines(sent: readonly SentFile[]): string[] {
  const acknowledged = sent.filter(({ isAcknowledged }) => isAcknowledged).length;
  const notable = sent.filter(({ outcome }) => outcome !== 'acknowledged');
  const rows = notable.map(({ file, outcome, reason }) => [outcome, reason, file.path]);
  const sum = `${acknowledged} of ${sent.length} files acknowledged`;
  return rows.length === 0 ? [sum] : [sum, ...tableLines([['outcome', 'reason', 'file'], ...rows])];
}
