import { cliErrors } from '../../src/cli/errors.ts';
import { configErrors } from '../../src/config/errors.ts';
import { jsonSchemaOf } from '../../src/config/json-schema.ts';
import { dicomErrors } from '../../src/dicom/errors.ts';
import { dimseErrors } from '../../src/dimse/errors.ts';
import { evaluateErrors } from '../../src/evaluate/errors.ts';
import { ledgerErrors } from '../../src/ledger/errors.ts';
import { modelErrors } from '../../src/model/errors.ts';
import { pipelineErrors } from '../../src/pipeline/errors.ts';
import { scpErrors } from '../../src/scp/errors.ts';
import { senderErrors } from '../../src/sender/errors.ts';
import { spoolErrors } from '../../src/spool/errors.ts';
import { configFiles, configurationPage } from './configuration-page.ts';
import { conformancePage } from './conformance-page.ts';
import { errorsPage } from './errors-page.ts';
import { logEventsPage } from './log-events-page.ts';

/** The tables of every room's `errors.ts`. */
export const errorTables = {
  cli: cliErrors,
  config: configErrors,
  dicom: dicomErrors,
  dimse: dimseErrors,
  evaluate: evaluateErrors,
  ledger: ledgerErrors,
  model: modelErrors,
  pipeline: pipelineErrors,
  scp: scpErrors,
  sender: senderErrors,
  spool: spoolErrors,
} as const;

/** Everything that is generated from tables in the source, by its path from the root of the repository. */
export function references(): ReadonlyMap<string, string> {
  const schemas = configFiles.map((file): [string, string] => [
    `config/schema/${file.replace('.yaml', '.schema.json')}`,
    `${JSON.stringify(jsonSchemaOf(file), null, 2)}\n`,
  ]);
  return new Map([
    ...schemas,
    ['docs/conformance.md', conformancePage()],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/errors.md', errorsPage(errorTables)],
    ['docs/reference/log-events.md', logEventsPage()],
  ]);
}
