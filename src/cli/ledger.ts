import { z } from 'zod';
import { parseUid, type SeriesInstanceUid, type StudyInstanceUid } from '../dicom/uid.ts';
import type { SeriesStory } from '../ledger/ledger.ts';
import { openLedgerReader } from '../ledger/sqlite/sqlite-ledger.ts';
import type { DeliveryCounts, LedgerSums } from '../ledger/sums.ts';
import { openConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions, textOption } from './invocation.ts';

const options = {
  config: textOption.optional(),
  json: z.boolean().default(false),
  series: textOption.optional(),
  study: textOption.optional(),
  limit: z.coerce.number().int().positive().default(20),
};

/** `ledger`: reads beside a running node or after its death, and writes nothing. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { config: folder, json, series, study, limit } = parseOptions(invocation, options);
  const config = await openConfig(folder);
  const ledger = await openLedgerReader({ file: config.ledger.file });
  try {
    const sums = await ledger.sums();
    const stories = await ledger.stories({
      limit,
      ...(series === undefined ? {} : { seriesInstanceUid: parseUid<SeriesInstanceUid>(series) }),
      ...(study === undefined ? {} : { studyInstanceUid: parseUid<StudyInstanceUid>(study) }),
    });
    if (json) invocation.print(JSON.stringify({ ...sums, series: stories }, undefined, 2));
    else for (const line of [...sumLines(sums), ...stories.flatMap(storyLines)]) invocation.print(line);
    return exitCodes.done;
  } finally {
    await ledger.close();
  }
}

function sumLines(sums: LedgerSums): string[] {
  const { received, restored, forwarded, excluded, quarantined, inProgress, gated, failed, conflicts } = sums;
  const { due, acknowledged, warned, refused, cancelled, waiting, sending } = sums;
  return [
    `instances   received ${received} = restored ${restored} + forwarded ${forwarded} + excluded ${excluded} + quarantined ${quarantined} + in progress ${inProgress}`,
    `            of the forwarded: gated ${gated}, failed ${failed}; of the quarantined: conflicts ${conflicts}`,
    `deliveries  due ${due} = acknowledged ${acknowledged} + warned ${warned} + refused ${refused} + cancelled ${cancelled} + waiting ${waiting} + sending ${sending}`,
  ];
}

function storyLines(story: SeriesStory): string[] {
  const task = story.task === null ? '' : `, task ${story.task}`;
  return [
    '',
    `${story.modality} series ${story.seriesInstanceUid}, revision ${story.revision}: ${story.state}, ${story.instances} instances`,
    `  rule ${story.rule ?? 'none yet'}${task}`,
    ...story.reasons.map((reason) => `  because ${reason}`),
    ...story.gate.map(({ measure, value, lower, upper, passed }) => {
      const limits = [lower === null ? '' : `at least ${lower}`, upper === null ? '' : `at most ${upper}`];
      return `  gate ${passed ? 'yes' : 'NO '} ${measure} = ${Number(value.toPrecision(4))} (${limits.filter((limit) => limit !== '').join(', ')})`;
    }),
    ...(story.derivedSeriesInstanceUid === null ? [] : [`  derived series ${story.derivedSeriesInstanceUid}`]),
    ...deliveryLines('originals', story.deliveries),
    ...deliveryLines('restored', story.derivedDeliveries),
  ];
}

function deliveryLines(what: string, counts: DeliveryCounts): string[] {
  return Object.entries(counts).map(([destination, states]) => {
    const parts = Object.entries(states).map(([state, count]) => `${state} ${count}`);
    return `  ${what} to ${destination}: ${parts.join(', ')}`;
  });
}
