import { z } from 'zod';
import { type EchoResult, echo } from '../sender/echo.ts';
import { openConfig } from './config.ts';
import { destinationOf, targetOf } from './destination-target.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Invocation, parseOptions, requireWords, textOption } from './invocation.ts';

const options = { config: textOption.optional(), json: z.boolean().default(false) };

/** `echo`: asks a peer by C-ECHO whether it is there and knows us. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { config: folder, json } = parseOptions(invocation, options);
  const [word = ''] = requireWords(invocation, 'a destination, or HOST:PORT:AE');
  const config = await openConfig(folder);
  const target = targetOf(destinationOf(word, config.destinations), config);
  const startedAt = performance.now();
  const result = await echo(target, config.sender, invocation.signal);
  const durationMs = Math.round(performance.now() - startedAt);
  const isAnswered = echoIsGood(result);
  const { calledAeTitle, host, port } = target;
  if (json) invocation.print(JSON.stringify({ ...target, isAnswered, answer: echoText(result), durationMs }));
  else invocation.print(`${calledAeTitle} at ${host}:${port}: ${echoText(result)} (${durationMs} ms)`);
  return isAnswered ? exitCodes.done : exitCodes.peer;
}

/** Whether the peer took the association and answered with success. */
export function echoIsGood(result: EchoResult): boolean {
  return result.kind === 'answered' && result.status === 0;
}

/** What the peer said, in one line, with the advice where there is one. */
export function echoText(result: EchoResult): string {
  switch (result.kind) {
    case 'answered':
      return result.status === 0 ? 'answers' : `answers with status 0x${result.status.toString(16).padStart(4, '0')}`;
    case 'refused':
      return 'accepts associations, but not the Verification class: let it accept C-ECHO from us';
    case 'failed':
      return result.error.message;
  }
}
