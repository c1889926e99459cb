import { cac } from 'cac';
import { commands } from './commands.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { version } from './version.ts';

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());

process.exitCode = await main(process.argv);

async function main(argv: readonly string[]): Promise<number> {
  const cli = cac('diffcode-node');
  for (const { usage, description, options } of commands) {
    const command = cli.command(usage, description);
    for (const [flags, text] of options) command.option(flags, text);
    command.action(() => undefined);
  }
  cli.help();
  cli.version(version);
  try {
    cli.parse([...argv], { run: false });
    if (cli.options['help'] === true || cli.options['version'] === true) return exitCodes.done;
    return await runMatched(cli);
  } catch (error) {
    const isUsage = error instanceof Error && error.name === 'CACError';
    console.error(`diffcode-node: ${textOf(error)}`);
    return isUsage ? exitCodes.usage : exitCodeOf(error);
  }
}

async function runMatched(cli: ReturnType<typeof cac>): Promise<number> {
  const matched = cli.matchedCommand;
  const entry = commands.find(({ usage }) => usage.split(' ')[0] === matched?.name);
  if (matched === undefined || entry === undefined) {
    if (cli.args.length > 0) console.error(`diffcode-node: no command is called '${String(cli.args[0])}'`);
    cli.outputHelp();
    return exitCodes.usage;
  }
  matched.checkUnknownOptions();
  matched.checkOptionValue();
  matched.checkRequiredArgs();
  const module = await entry.load();
  return module.run({
    words: cli.args.map(String),
    options: cli.options,
    print: (line) => console.log(line),
    complain: (line) => console.error(line),
    signal: interrupt.signal,
  });
}

/** The message alone for what a person can mend; the stack as well for a defect. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return exitCodeOf(error) === exitCodes.defect && error.name !== 'CACError'
    ? (error.stack ?? error.message)
    : error.message;
}
