import { createServer } from 'node:net';
import type { Config } from '../../config/schema.ts';
import { echo } from '../../sender/echo.ts';
import { targetOf } from '../destination-target.ts';
import { echoIsGood, echoText } from '../echo.ts';
import { codeOf } from '../exit-codes.ts';
import { runningNode } from '../pid-file.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Our own port, who may call, and each destination by C-ECHO, all at once. */
export async function checkNetwork(config: Config, signal: AbortSignal): Promise<readonly Check[]> {
  const destinations = Object.keys(config.destinations).map((name) => checkDestination(name, config, signal));
  return [await checkPort(config), checkCallers(config), ...(await Promise.all(destinations))];
}

async function checkPort(config: Config): Promise<Check> {
  const { host, port } = config.scp;
  const where = `${host}:${port}`;
  const pid = await runningNode(config);
  if (pid !== undefined) return ok('port', `the node runs as process ${pid}`);
  const fault = await listenFault(host, port);
  if (fault === undefined) return ok('port', `${where} is free; no node runs`);
  return fail(
    'port',
    `${where} can't be listened on: ${fault}`,
    'end what has the port, or change scp.host or scp.port',
  );
}

function listenFault(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error) ?? error.name));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

function checkCallers({ callers }: Config): Check {
  if (callers.length === 0) return warn('callers', 'nobody may call', 'name each modality under callers in node.yaml');
  return ok('callers', callers.map(({ aeTitle, addresses }) => `${aeTitle} from ${addresses.join(' ')}`).join(', '));
}

async function checkDestination(key: string, config: Config, signal: AbortSignal): Promise<Check> {
  const name = `destination ${key}`;
  const destination = config.destinations[key];
  if (destination === undefined) throw new Error(`no destination is called ${key}`);
  if (!destination.enabled) return ok(name, 'not enabled: its deliveries wait');
  const result = await echo(targetOf({ name: key, destination }, config), config.sender, signal);
  if (echoIsGood(result)) return ok(name, `${destination.aeTitle} answers`);
  return fail(name, echoText(result), 'mend it, or set enabled: false; deliveries to it wait meanwhile', 'peer');
}
