import type { Config, Destination } from '../config/schema.ts';
import { parseAeTitle } from '../dicom/ae-title.ts';
import type { EchoTarget } from '../sender/echo.ts';
import { CliError } from './errors.ts';

/** A peer that a person named on the command line. */
export interface NamedDestination {
  readonly name: string;
  readonly destination: Destination;
}

const addressForm = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:\s]+)):(?<port>\d{1,5})(?::(?<aeTitle>.+))?$/;
const largestPort = 65_535;

/**
 * A destination of `destinations.yaml` by its name, or any peer as HOST:PORT or HOST:PORT:AE.
 * @throws CliError CLI_USAGE · DicomError DICOM_BAD_AE_TITLE
 */
export function destinationOf(word: string, destinations: Config['destinations']): NamedDestination {
  const known = destinations[word];
  if (known !== undefined && Object.hasOwn(destinations, word)) return { name: word, destination: known };
  const { v6, host = v6, port, aeTitle = 'ANY-SCP' } = addressForm.exec(word)?.groups ?? {};
  const number = Number(port);
  if (host === undefined || !(number >= 1 && number <= largestPort)) {
    const names = Object.keys(destinations).join(', ') || 'none';
    throw new CliError('CLI_USAGE', `no destination is called '${word}' (known: ${names}); or say HOST:PORT:AE`);
  }
  const peer = { aeTitle: parseAeTitle(aeTitle), host, port: number, associations: 1, offer: [], enabled: true };
  return { name: 'peer', destination: peer };
}

/** Whom to call, and as whom. */
export function targetOf({ destination }: NamedDestination, { scp }: Pick<Config, 'scp'>): EchoTarget {
  const { host, port, aeTitle, callingAeTitle = scp.aeTitle } = destination;
  return { host, port, calledAeTitle: aeTitle, callingAeTitle };
}
