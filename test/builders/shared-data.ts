import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Where real objects lie beside the checkout; they are no part of the product, and a test without them says so. */
export const sharedData: string | undefined = existsSync(join(folder, 'zoo')) ? folder : undefined;

/** Appended to the name of what is skipped, so that the report says why. */
export const withoutSharedData = sharedData === undefined ? ' (skipped: ../shared/data is not there)' : '';
