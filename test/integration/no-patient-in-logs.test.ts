import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DataSet } from '../../src/dicom/data-set.ts';
import type { Edit } from '../../src/dicom/element-splicer.ts';
import { encodeText } from '../../src/dicom/value-encoder.ts';
import { changedFile } from '../builders/changed-file.ts';
import { text } from '../builders/source-instance.ts';
import { demoFiles, Flow, flowMissing } from '../peers/flow.ts';
import { runCli } from '../peers/node-process.ts';

const mark = 'ZZQXMARK';
const birthDate = '19010203';
const freeText = new Set(['PN', 'LO', 'SH', 'LT', 'ST', 'UT']);

describe.skipIf(flowMissing !== undefined)('an object with marked patient data in every text element', () => {
  test('leaves no mark in the log, the audit trail, the ledger’s output and the standard output', {
    timeout: 120_000,
  }, async () => {
    await using flow = await Flow.open({ log: { level: 'debug' } });
    const files = markedFiles(join(flow.folder, 'marked'), demoFiles('PT'));

    await flow.send(files);
    await flow.settled(files.length);
    await flow.send([conflictOf(files[0] ?? '')]); // A fault that names objects has its own lines.
    await flow.node.stop();

    const ledger = ['--json', '--limit=5'].map((words) => runCli(['ledger', words, '--config', flow.config]).stdout);
    const audit = readFileSync(join(flow.folder, 'audit.jsonl'), 'utf8');
    const { log, output } = flow.node;
    expect(log).toContain('"event":"delivery.acknowledged"');
    expect(log).toContain('"event":"job.done"');
    for (const written of [log, output, audit, ...ledger]) {
      expect(written).not.toContain(mark);
      expect(written).not.toContain(birthDate);
    }
  });
});

/** Copies whose free text, names, numbers of patients and orders, and birth date are marks. */
function markedFiles(folder: string, files: readonly string[]): readonly string[] {
  mkdirSync(folder);
  return files.map((file) => {
    const target = join(folder, basename(file));
    writeFileSync(target, changedFile(file, marks));
    return target;
  });
}

function marks({ elements }: DataSet): readonly Edit[] {
  const present = elements
    .filter(({ vr, tag }) => freeText.has(vr) && tag < 0x7fe00000)
    .map(({ tag, vr }) => ({ tag, vr, value: encodeText(vr, `${mark}${tag.toString(16).slice(-4)}`) }));
  const known = new Set(present.map(({ tag }) => tag));
  const added = ['PatientName', 'PatientID', 'AccessionNumber', 'ReferringPhysicianName', 'StudyID', 'InstitutionName']
    .map((keyword) => text(keyword, mark))
    .filter(({ tag }) => !known.has(tag));
  return [...present, ...added, text('PatientBirthDate', birthDate)].toSorted((a, b) => a.tag - b.tag);
}

/** The same UID with another name in it. */
function conflictOf(file: string): string {
  const target = `${file}.other.dcm`;
  writeFileSync(
    target,
    changedFile(file, () => [text('PatientName', `${mark}^OTHER`)]),
  );
  return target;
}
