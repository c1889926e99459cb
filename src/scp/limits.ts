import type { Config } from '../config/schema.ts';

/** Limits of receiving (dicom-io.md 3.4), for one process. */
export type ScpLimits = Config['scp']['limits'];
