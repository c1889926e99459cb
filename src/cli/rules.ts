import { z } from 'zod';
import { type Decision, decide, type Forwarding, forwardOnArrival } from '../router/decide.ts';
import { explainSeries } from '../router/explain.ts';
import { compileRules, type RuleSet } from '../router/rules.ts';
import { summariseInstance } from '../router/summarise.ts';
import { openConfig } from './config.ts';
import { CliError } from './errors.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions, textOption } from './invocation.ts';
import { type FoundSeries, findSeries, receivedInstanceOf } from './series-folders.ts';

const options = { config: textOption.optional(), json: z.boolean().default(false) };

/** `rules test`: what the node would do with files and why; sends nothing, writes nothing. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { config: folder, json } = parseOptions(invocation, options);
  const [action, ...paths] = invocation.words;
  if (action !== 'test' || paths.length === 0) {
    throw new CliError('CLI_USAGE', 'rules test PATHS…: name files or folders to explain; see --help');
  }
  const rules = compileRules((await openConfig(folder)).rules);
  const { series, others } = await findSeries(paths);
  for (const { path, reason } of others) invocation.complain(`${path}: not a DICOM object of a series (${reason})`);
  const explained = series.map((found) => explain(found, rules));
  if (json) {
    invocation.print(JSON.stringify({ series: explained.map(({ report }) => report), others }, undefined, 2));
  } else for (const { text } of explained) invocation.print(`${text}\n`);
  if (explained.length === 0) invocation.complain('no DICOM series found');
  const allMatch = explained.length > 0 && explained.every(({ report }) => report.rule !== 'none');
  return allMatch ? exitCodes.done : exitCodes.partly;
}

function explain({ seriesInstanceUid, files, summary }: FoundSeries, rules: RuleSet) {
  const decision = decide(summary, rules);
  const onArrival = distinct(
    files.flatMap((file) => forwardOnArrival(summariseInstance(receivedInstanceOf(file)), rules)),
  );
  const text = explainSeries({ seriesInstanceUid, summary, decision, onArrival });
  const report = {
    seriesInstanceUid,
    instances: files.length,
    decision: decision.kind,
    rule: decision.rule,
    ...outcomeOf(decision),
    originals: decision.originals,
    onArrival,
    explanation: text.split('\n'),
  };
  return { text, report };
}

/** Each rule once, however many of the series' objects it forwards. */
function distinct(forwardings: readonly Forwarding[]): readonly Forwarding[] {
  return [...new Map(forwardings.map((forwarding) => [forwarding.rule, forwarding])).values()];
}

function outcomeOf(decision: Decision) {
  if (decision.kind === 'restore') {
    return { task: decision.settings.task, restored: decision.settings.restored, refusal: null };
  }
  const refusal = decision.kind === 'exclude' ? (decision.finding?.reason ?? null) : null;
  return { task: null, restored: [], refusal };
}
