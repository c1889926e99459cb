import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { weightsFolder } from '../../src/pipeline/installed-weights.ts';

/** Why nothing can be restored here; `undefined` when the package has its weights. */
export const weightsMissing = hasIndex() ? undefined : 'no weights are installed: what restores was not tested';
if (weightsMissing !== undefined) console.warn(weightsMissing);

function hasIndex(): boolean {
  try {
    return readFileSync(join(weightsFolder, 'index.json'), 'utf8').includes('"default": true');
  } catch {
    return false;
  }
}
