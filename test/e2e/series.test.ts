import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findElement, valueBytes } from '../../src/dicom/data-set.ts';
import { readItems, readString } from '../../src/dicom/element-values.ts';
import { type Part10, parsePart10 } from '../../src/dicom/part10.ts';
import { tagOfKeyword, tags } from '../../src/dicom/tags.ts';
import { sharedData, withoutSharedData } from '../builders/shared-data.ts';
import { byInstance, demoFiles, Flow, filesOf, flowMissing, isClosed } from '../peers/flow.ts';
import { runCli } from '../peers/node-process.ts';

const modalities = ['CT', 'MR', 'PT'] as const;

/**
 * Neighbours from the middle of the real series: a CT slice of 512 × 512 takes seconds, the whole of them minutes. At
 * the edge of the body the gate may say no: the first six MR slices alone are not taken for MR by the classifier.
 */
const slicesOfSeries = { CT: 2, MR: 6, PT: 12 } as const;

const demo = modalities.flatMap(demoFiles);
const series = modalities.flatMap((modality) =>
  sharedData === undefined ? [] : middleOf(filesOf(join(sharedData, 'series', modality)), slicesOfSeries[modality]),
);

describe.skipIf(flowMissing !== undefined)('a CT, an MR and a PET series from the scanner to the PACS', () => {
  test('as short as the demo’s', { timeout: 240_000 }, async () => {
    await expectRestored(demo);
  });

  test.skipIf(series.length === 0)(
    `as they are published, some slices of each${withoutSharedData}`,
    { timeout: 300_000 },
    async () => {
      await expectRestored(series);
    },
  );
});

function middleOf(files: readonly string[], count: number): readonly string[] {
  const start = Math.floor((files.length - count) / 2);
  return files.slice(start, start + count);
}

/** Sends, waits, reads back, and compares with `restore` on the command line. */
async function expectRestored(files: readonly string[]): Promise<void> {
  await using flow = await Flow.open();
  const sent = await flow.send(files);
  expect(sent.exitCode, sent.stderr).toBe(0);
  const sums = await flow.settled(files.length, 200_000);
  expect(sums, flow.node.log).toMatchObject({ restored: files.length, derived: files.length, due: 2 * files.length });
  expect(isClosed(sums)).toBe(true);

  const originals = new Map(files.map((file) => byInstance(parsePart10(readFileSync(file)))));
  const stored = await flow.stored();
  expect(stored.size).toBe(2 * files.length);
  // DCMTK encodes some sequences anew: byte for byte is against what came to us.
  for (const [uid, received] of receivedIn(flow)) expect(dataSetOf(stored.get(uid))).toEqual(dataSetOf(received));
  for (const [uid, original] of originals) expect(pixelsOf(stored.get(uid)).equals(pixelsOf(original))).toBe(true);
  const derived = new Map([...stored].filter(([uid]) => !originals.has(uid)));
  for (const object of derived.values()) expectDerivedFrom(originals, object);
  expectSame(derived, await restoredOnTheCommandLine(files));
}

/** The objects as the spool keeps them. */
function receivedIn({ folder }: Flow): ReadonlyMap<string, Part10> {
  const kept = join(folder, 'spool', 'stored');
  const files = readdirSync(kept, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.dcm'));
  return new Map(files.map((name) => byInstance(parsePart10(readFileSync(join(kept, name))))));
}

/** It names its source, says in its series' description that it is restored, and shares study and patient. */
function expectDerivedFrom(originals: ReadonlyMap<string, Part10>, { dataSet }: Part10): void {
  const [reference] = readItems(dataSet, tagOfKeyword('SourceImageSequence'));
  const uid = reference && readString(reference, tagOfKeyword('ReferencedSOPInstanceUID'));
  const source = originals.get(uid ?? '')?.dataSet;
  expect(source).toBeDefined();
  if (source === undefined) return;
  const same = (tag: number) => expect(readString(dataSet, tag)).toBe(readString(source, tag));
  same(tags.StudyInstanceUid);
  same(tagOfKeyword('PatientID'));
  same(tagOfKeyword('ImagePositionPatient'));
  expect(readString(dataSet, tags.SeriesInstanceUid)).not.toBe(readString(source, tags.SeriesInstanceUid));
  expect(readString(dataSet, tagOfKeyword('SeriesDescription'))).toMatch(/^AI-(DN|SR|PT) /);
}

/** The same instances with the same pixels: identity and content are functions of the source, weights and settings. */
function expectSame(node: ReadonlyMap<string, Part10>, cli: ReadonlyMap<string, Part10>): void {
  expect([...node.keys()].toSorted()).toEqual([...cli.keys()].toSorted());
  for (const [uid, object] of node) expect(pixelsOf(object).equals(pixelsOf(cli.get(uid)))).toBe(true);
}

async function restoredOnTheCommandLine(files: readonly string[]): Promise<ReadonlyMap<string, Part10>> {
  const out = await mkdtemp(join(tmpdir(), 'restored-'));
  const { status, stderr } = runCli(['restore', ...files, '--out', out], { timeoutMs: 200_000 });
  expect(status, stderr).toBe(0);
  const restored = filesOf(out).flatMap((folder) => filesOf(folder));
  const objects = new Map(restored.map((file) => byInstance(parsePart10(readFileSync(file)))));
  await rm(out, { recursive: true });
  return objects;
}

function dataSetOf(object: Part10 | undefined): Buffer | undefined {
  return object?.dataSet.bytes;
}

function pixelsOf(object: Part10 | undefined): Buffer {
  const element = object && findElement(object.dataSet, tagOfKeyword('PixelData'));
  if (object === undefined || element === undefined) throw new Error('an object without pixels');
  return valueBytes(object.dataSet, element);
}
