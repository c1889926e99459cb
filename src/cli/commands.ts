import type { CommandModule } from './invocation.ts';

/** A command as `--help` prints it; its module is loaded only when it is called. */
export interface CommandEntry {
  readonly usage: string;
  readonly description: string;
  readonly options: readonly (readonly [flags: string, description: string])[];
  readonly load: () => Promise<CommandModule>;
}

const config = [
  '--config <dir>',
  'Folder with node.yaml, destinations.yaml and rules.yaml (default: as shipped)',
] as const;
const json = ['--json', 'Print one JSON object'] as const;

/** Every command of the program, in the order of `--help`. */
export const commands: readonly CommandEntry[] = [
  {
    usage: 'serve',
    description: 'Runs the node in the foreground',
    options: [config],
    load: () => import('./serve.ts'),
  },
  {
    usage: 'demo',
    description: 'A whole day in one command: node, a small PACS, three series, pictures before and after',
    options: [],
    load: () => import('./demo.ts'),
  },
  {
    usage: 'restore [...paths]',
    description: 'Restores DICOM files or folders; one file per restored instance',
    options: [
      ['--out <dir>', 'Folder for the restored files'],
      ['--weights <name>', 'Name in weights/index.json, or a .safetensors file (default: default)'],
      ['--engine <name>', 'What runs the model (default: auto)'],
      ['--threads <n>', 'Threads of the model (default: all cores but one)'],
      ['--accept <keys>', 'Refusals to allow: derived, secondary, lossy, …'],
      config,
      json,
    ],
    load: () => import('./restore.ts'),
  },
  {
    usage: 'ledger',
    description: 'What came, what became of it, and what each destination answered',
    options: [
      config,
      json,
      ['--series <uid>', 'Only this source series'],
      ['--study <uid>', 'Only this study'],
      ['--limit <n>', 'How many series to tell of, newest first (default: 20)'],
    ],
    load: () => import('./ledger.ts'),
  },
  {
    usage: 'evaluate [folder]',
    description: 'Degrades high-quality images, restores them, and compares with baselines',
    options: [
      ['--json <file>', 'Write every figure to this file'],
      ['--weights <name>', 'Name in weights/index.json, or a .safetensors file (default: default)'],
      ['--engine <name>', 'What runs the model (default: auto)'],
      ['--threads <n>', 'Threads of the model (default: all cores but one)'],
      ['--tasks <names>', 'Only these tasks'],
      ['--no-baselines', 'Leave the non-learned methods out'],
      ['--reference <kind>', 'own, zero or swap: what the backbone gets from the codebook (default: own)'],
    ],
    load: () => import('./evaluate.ts'),
  },
  {
    usage: 'prepare [folder]',
    description: 'Makes training shards from high-quality images',
    options: [
      ['--out <dir>', 'Empty folder for the shards'],
      ['--tasks <names>', 'Only these tasks'],
      ['--realisations <n>', 'Low-quality versions of each slice (default: 8)'],
      ['--seed <n>', 'Seed of the simulation (default: 1)'],
      ['--mix <name>', 'training, or nominal degradation only (default: training)'],
    ],
    load: () => import('./prepare.ts'),
  },
  {
    usage: 'export',
    description: 'Writes the graphs and parameters of a model for training',
    options: [
      ['--out <dir>', 'Folder for graphs/ and parameters.json'],
      ['--preset <name>', 'full, base32, small24, tiny16 or micro8'],
      ['--ablation <name>', 'V1, V2, V3 or full (default: full)'],
      ['--weights <name>', 'The model of these weights instead'],
    ],
    load: () => import('./export.ts'),
  },
  {
    usage: 'rules <action> [...paths]',
    description: 'rules test PATHS…: explains the decision for every series of files or folders',
    options: [config, json],
    load: () => import('./rules.ts'),
  },
  {
    usage: 'models',
    description: 'Presets with their parameter counts, and the weights that are installed',
    options: [json],
    load: () => import('./models.ts'),
  },
  {
    usage: 'echo [destination]',
    description: 'C-ECHO to a destination of the configuration, or to HOST:PORT:AE',
    options: [config, json],
    load: () => import('./echo.ts'),
  },
  {
    usage: 'send [destination] [...paths]',
    description: 'C-STORE of files or folders by hand; every file ends in a printed outcome',
    options: [config, json],
    load: () => import('./send.ts'),
  },
  {
    usage: 'doctor',
    description: 'Checks configuration, machine, weights, engines, ledger and destinations; says what to do',
    options: [config, json, ['--rebuild', 'Move a damaged ledger aside and make a new one from the spool']],
    load: () => import('./doctor/doctor.ts'),
  },
  {
    usage: 'deliveries <action>',
    description: 'deliveries retry | cancel: by a person, and audited',
    options: [
      ['--destination <name>', 'Only deliveries to this destination; needed'],
      ['--series <uid>', 'Only of this series'],
      ['--state <state>', 'Only those in this state: waiting, refused or cancelled'],
      config,
      json,
    ],
    load: () => import('./deliveries.ts'),
  },
  {
    usage: 'reload',
    description: 'Checks the configuration, then has the running node take rules and destinations into force',
    options: [config, json],
    load: () => import('./reload.ts'),
  },
];
