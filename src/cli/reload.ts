import { z } from 'zod';
import { openConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions, textOption } from './invocation.ts';
import { runningNode } from './pid-file.ts';

const options = { config: textOption.optional(), json: z.boolean().default(false) };

/** `reload`: a faulty configuration ends the command before the node hears of it. @throws ConfigError */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { config: folder, json } = parseOptions(invocation, options);
  const config = await openConfig(folder);
  const pid = await runningNode(config);
  if (pid !== undefined) process.kill(pid, 'SIGHUP');
  if (json) invocation.print(JSON.stringify({ isValid: true, pid: pid ?? null }));
  else if (pid === undefined) invocation.print('the configuration is valid; no node runs on its ledger');
  else invocation.print(`the configuration is valid; node ${pid} was told to take rules and destinations into force`);
  return pid === undefined ? exitCodes.partly : exitCodes.done;
}
