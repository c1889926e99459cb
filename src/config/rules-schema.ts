import { z } from 'zod';

/** What the model can do; one codebook each. */
export const tasks = ['ct-denoising', 'mri-super-resolution', 'pet-synthesis'] as const;

/** Refusals of derived-objects.md 4 that a rule may allow. */
export const acceptKeys = [
  'no-image-type',
  'secondary',
  'derived',
  'multi-energy',
  'lossy',
  'quality-control',
] as const;

const scalar = z.union([z.string(), z.number()]);
const values = z.union([scalar, z.array(scalar).min(1)]);
const has = z.strictObject({ has: values.meta({ description: 'One token of a multi-value, or one of several.' }) });
const range = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, {
    error: 'a range needs min, max or both',
    when: ({ issues }) => issues.length === 0,
  });

const forms = 'a value, a list of values, { has: token }, { min, max }, { not: … } or { absent: true }';
const matcher = z
  .union(
    [
      values,
      has,
      range,
      z.strictObject({ not: z.union([values, has, range]).meta({ description: 'Present, and not this.' }) }),
      z.strictObject({ absent: z.literal(true) }),
    ],
    { error: `a matcher is ${forms}` },
  )
  .meta({
    description: 'A DICOM keyword, callingAeTitle, calledAeTitle or instances, and what it must be; all must hold.',
  });

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of letters, digits, dots, dashes');
const originals = z.array(z.string()).default([]).meta({ description: 'Destinations of the received objects.' });

const condition = {
  name: name.meta({ description: 'Unique name; the ledger keeps it beside each decision.' }),
  match: z
    .record(z.string(), matcher)
    .default({})
    .meta({ description: 'Keywords and what they must be; all must hold.' }),
  cel: z.string().min(1).optional().meta({ description: 'One CEL expression over `series` that must be true.' }),
};

const deed = <D extends string>(word: D) => z.literal(word).meta({ description: 'What becomes of what matches.' });

const restore = z.strictObject({
  ...condition,
  do: deed('restore'),
  task: z.enum(tasks).meta({ description: 'What the model shall do.' }),
  originals,
  restored: z.array(z.string()).min(1).meta({ description: 'Destinations of the restored objects.' }),
  window: z.string().min(1).optional().meta({ description: 'Delays the restoration, never the originals.' }),
  priority: z.int().min(-1000).max(1000).default(0).meta({ description: 'Higher goes first; then the oldest.' }),
  accept: z.array(z.enum(acceptKeys)).default([]).meta({ description: 'Refusals that this rule allows.' }),
  applicability: z.enum(['refuse', 'warn', 'off']).default('refuse').meta({
    description: 'What happens where the weights’ card says that there is nothing to restore.',
  }),
});

const forward = z.strictObject({
  ...condition,
  when: z
    .literal('instance')
    .optional()
    .meta({ description: 'On arrival of each object, beside the series’ decision.' }),
  do: deed('forward'),
  originals,
});

const exclude = z.strictObject({ ...condition, do: deed('exclude'), originals });
const quarantine = z.strictObject({ ...condition, do: deed('quarantine') });

export const ruleSchema = z.discriminatedUnion('do', [restore, forward, exclude, quarantine]);

/** `rules.yaml`: the first rule that matches decides the series; every matching `when: instance` rule forwards too. */
export const rulesFile = z.array(ruleSchema);
