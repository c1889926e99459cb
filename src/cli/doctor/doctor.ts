import { z } from 'zod';
import { ConfigError, faultLine } from '../../config/errors.ts';
import type { Config } from '../../config/schema.ts';
import { openConfig } from '../config.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type Invocation, parseOptions, textOption } from '../invocation.ts';
import { version } from '../version.ts';
import { type Check, type Concern, fail, guarded, ok } from './check.ts';
import { checkModel } from './model.ts';
import { checkNetwork } from './network.ts';
import { rebuildLedger } from './rebuild.ts';
import { checkStorage } from './storage.ts';

const options = {
  config: textOption.optional(),
  json: z.boolean().default(false),
  rebuild: z.boolean().default(false),
};

const notice = 'research use only, not for diagnosis';
const oldestNode = { major: 20, minor: 19 };

/** `doctor`: looks at everything that the node needs, changes nothing unless it is told to rebuild. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { config: folder, json, rebuild: mustRebuild } = parseOptions(invocation, options);
  const checks: Check[] = [];
  const report = (found: readonly Check[]): void => {
    checks.push(...found);
    if (!json) for (const check of found) for (const line of lines(check)) invocation.print(line);
  };
  if (!json) invocation.print(`diffcode-node ${version}: ${notice}`);
  report([checkNodeVersion()]);
  const config = await readConfig(folder);
  if (config instanceof ConfigError) report(config.faults.map((fault) => configFault(faultLine(fault))));
  else {
    report([ok('configuration', 'node.yaml, destinations.yaml and rules.yaml are valid')]);
    if (mustRebuild)
      report(await guarded('rebuild', 'mend what it names, then try again', () => rebuildLedger(config, Date.now())));
    report(await checkStorage(config, Date.now()));
    report(await checkNetwork(config, invocation.signal));
    report(await checkModel(config));
  }
  if (json) invocation.print(JSON.stringify({ version, notice, isHealthy: isHealthy(checks), checks }, undefined, 2));
  return exitOf(checks);
}

function checkNodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor);
  const found = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
  return isNew ? ok('node', found) : fail('node', found, 'install Node 20.19 or later');
}

async function readConfig(folder: string | undefined): Promise<Config | ConfigError> {
  try {
    return await openConfig(folder);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function configFault(line: string): Check {
  return fail('configuration', line, 'mend this line; nothing else can be checked before', 'configuration');
}

function isHealthy(checks: readonly Check[]): boolean {
  return checks.every(({ verdict }) => verdict !== 'fail');
}

/** The gravest concern that has a fault: a destination that is away is no fault of this machine. */
function exitOf(checks: readonly Check[]): ExitCode {
  const has = (concern: Concern): boolean =>
    checks.some((check) => check.verdict === 'fail' && check.concern === concern);
  if (has('configuration')) return exitCodes.configuration;
  if (has('machine')) return exitCodes.machine;
  return has('peer') ? exitCodes.peer : exitCodes.done;
}

function lines({ verdict, name, found, todo }: Check): string[] {
  const first = `${verdict.padEnd(4)}  ${name}: ${found}`;
  return todo === null ? [first] : [first, `      do: ${todo}`];
}
