import { z } from 'zod';
import { aeTitle, host } from './values.ts';

const destination = z.strictObject({
  aeTitle: aeTitle.meta({ description: 'Called AE title of the peer.' }),
  callingAeTitle: aeTitle.optional().meta({ description: 'AE title that we call with; our own where it is left out.' }),
  host: host.meta({ description: 'Host name or address of the peer.' }),
  port: z.int().min(1).max(65_535).meta({ description: 'TCP port of the peer.' }),
  associations: z.int().min(1).max(8).default(2).meta({ description: 'Associations open to it at one time.' }),
  offer: z
    .array(z.enum(['jpeg-ls', 'j2k-lossless', 'rle']))
    .default([])
    .meta({
      description: 'Compressed transfer syntaxes to offer on a second association to a peer that takes nothing else.',
    }),
  window: z.string().min(1).optional().meta({ description: 'Name of the time window in which we send.' }),
  enabled: z.boolean().default(true).meta({ description: 'Whether we send; deliveries wait meanwhile.' }),
});

/** `destinations.yaml`: peers by name. */
export const destinationsFile = z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), destination);
