import { z } from 'zod';
import { gate } from './gate-schema.ts';
import { aeTitle, duration, fraction, host, milliseconds, port, sizeBytes, timezone } from './values.ts';

/** Limits of receiving (dicom-io.md 3.4). They hold for the whole node, however many processes share the socket. */
const scpLimits = z.strictObject({
  maxPduLengthBytes: sizeBytes(131_072).meta({ description: 'Longest P-DATA PDU that we announce to peers.' }),
  pDataBytes: sizeBytes(1_048_576).meta({ description: 'Longest P-DATA PDU that is taken, whatever was announced.' }),
  associateRqBytes: sizeBytes(1_048_576).meta({ description: 'Longest A-ASSOCIATE-RQ PDU that is taken.' }),
  commandSetBytes: sizeBytes(65_536).meta({ description: 'Longest command set of a message.' }),
  otherDataSetBytes: sizeBytes(1_048_576).meta({ description: 'Longest data set of a message that is no C-STORE.' }),
  storeDataSetBytes: sizeBytes(8_589_934_592).meta({ description: 'Longest data set of a C-STORE.' }),
  headerBytes: sizeBytes(4_194_304).meta({ description: 'Elements before the pixels are read up to this size.' }),
  sequenceDepth: z.int().min(1).max(1024).default(64).meta({ description: 'Deepest nesting of sequences.' }),
  associations: z.int().min(1).max(4096).default(64).meta({ description: 'Associations open at one time.' }),
  associationsPerAddress: z.int().min(1).max(4096).default(16).meta({ description: 'The same, from one address.' }),
  sockets: z
    .int()
    .min(1)
    .max(65_536)
    .default(256)
    .meta({ description: 'Connections open at one time, silent ones too.' }),
  silentSocketsPerAddress: z.int().min(1).max(65_536).default(32).meta({
    description: 'Connections of one address that have not asked for an association; the oldest makes room.',
  }),
  storesAwaitingCommit: z.int().min(1).max(1024).default(16).meta({
    description: 'Stores of one association that may wait for the disk; also the window of asynchronous operations.',
  }),
  sinkBytes: sizeBytes(33_554_432).meta({ description: 'Bytes waiting for the disk at which reading pauses.' }),
  sinkResumeBytes: sizeBytes(16_777_216).meta({ description: 'Bytes waiting for the disk at which reading goes on.' }),
  artimMs: milliseconds(10_000).meta({
    description: 'ARTIM timer of PS3.8 9.1.5: connect to request, reject to close.',
  }),
  inactivityMs: milliseconds(30_000).meta({ description: 'Longest silence inside a message.' }),
  slowestBytesPerSecond: z.int().min(0).default(8192).meta({ description: 'Slowest transfer inside a message.' }),
  slowestOverMs: milliseconds(60_000).meta({ description: 'Time over which the slowest transfer is averaged.' }),
  idleMs: milliseconds(600_000).meta({ description: 'Longest pause between two messages of an association.' }),
  commitMs: milliseconds(30_000).meta({ description: 'Longest time for one object to become durable.' }),
});

const scp = z.strictObject({
  aeTitle: aeTitle.prefault('DIFFCODE').meta({ description: 'AE title that peers call.' }),
  host: host.default('127.0.0.1').meta({ description: 'Address to listen on; 0.0.0.0 or :: for every one.' }),
  port: port.default(11_112).meta({ description: 'TCP port to listen on; 0 takes a free one.' }),
  processes: z.int().min(1).max(64).default(1).meta({ description: 'Processes that share the listening socket.' }),
  alsoAccept: z
    .array(
      z.union([
        z.literal('common'),
        z
          .string()
          .regex(/^[0-9]+(\.[0-9]+)*$/)
          .max(64),
      ]),
    )
    .default(['common'])
    .meta({
      description:
        "SOP Classes to store beside CT, MR and PET images: UIDs, such as private classes, and 'common' for every other " +
        'storage class of PS3.4 B.5. What is named nowhere is refused at negotiation.',
    }),
  limits: scpLimits.prefault({}).meta({ description: 'Limits of receiving.' }),
});

const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
  error: 'not an address or network such as 10.0.0.7 or 10.0.0.0/24',
});

const caller = z.strictObject({
  aeTitle: z.union([z.literal('*'), aeTitle]).meta({ description: "Calling AE title; '*' is any." }),
  addresses: z.array(network).min(1).meta({ description: 'Addresses or networks (CIDR) from which it may call.' }),
  store: z.boolean().default(true).meta({
    description: 'Whether it may store; false lets it only verify the connection (C-ECHO).',
  }),
  onConflict: z
    .enum(['duplicate', 'success'])
    .default('duplicate')
    .meta({
      description:
        'What it hears when an object has a known UID and other bytes: status 0x0111, or 0x0000 for a sender that can ' +
        'not bear that. The object is kept aside in both cases.',
    }),
});

const spool = z
  .strictObject({
    folder: z.string().min(1).default('./data/spool').meta({ description: "Folder of the objects' files." }),
    highMark: fraction(0.9).meta({ description: 'Share of the disk in use at which new associations are rejected.' }),
    lowMark: fraction(0.8).meta({ description: 'Share of the disk in use at which they are accepted again.' }),
  })
  .refine(({ highMark, lowMark }) => lowMark < highMark, { path: ['lowMark'], error: 'must be below highMark' });

const ledger = z.strictObject({
  file: z.string().min(1).default('./data/ledger.db').meta({ description: 'SQLite file of the ledger.' }),
});

const engines = ['auto', 'onnx-cpu', 'onnx-cuda', 'onnx-webgpu', 'tfjs-wasm', 'tfjs-cpu', 'tfjs-node-gpu'] as const;

const model = z.strictObject({
  weights: z.string().min(1).default('default').meta({
    description: "Name in weights/index.json or a .safetensors file; 'default' is the entry that says so.",
  }),
  engine: z
    .enum(engines)
    .default('auto')
    .meta({ description: "What runs the model; 'auto' takes the fastest that passes." }),
  threads: z
    .union([z.literal('auto'), z.int().min(1).max(256)])
    .default('auto')
    .meta({
      description: "Threads of the model process; 'auto' leaves one core to receiving.",
    }),
  seed: z.int().min(0).max(4_294_967_295).default(0).meta({ description: 'Base of every noise seed.' }),
  sliceDeadlineMs: milliseconds(60_000).meta({
    description: 'Shortest deadline of one slice; the measured time of a slice times 20 where that is longer.',
  }),
  seriesDeadlineMs: milliseconds(3_600_000).meta({ description: 'Deadline of one series.' }),
  attempts: z.int().min(1).max(20).default(3).meta({ description: 'Attempts at a series before it has failed.' }),
  memoryMiB: z
    .int()
    .min(256)
    .default(2048)
    .meta({ description: 'Memory at which the model process is renewed between jobs.' }),
  pixelMemoryMiB: z
    .int()
    .min(64)
    .default(1024)
    .meta({ description: 'Pixels of one series held at a time; larger ones go in slabs.' }),
});

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'not a time of day such as 22:00');
const clockOrMidnight = z.string().regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, 'not a time of day such as 06:00');

const window = z.strictObject({
  days: z
    .array(z.enum(days))
    .min(1)
    .default([...days])
    .meta({ description: 'Days on which the window opens.' }),
  from: clock.meta({ description: 'Wall clock at which it opens.' }),
  to: clockOrMidnight.meta({ description: 'Wall clock at which it closes; not after `from` means the next day.' }),
  timezone: timezone.meta({ description: 'IANA name of the zone, such as Europe/Berlin.' }),
});

const retention = z
  .strictObject({
    after: duration
      .prefault('7d')
      .meta({ description: 'How long files stay after their last delivery: 30m, 12h, 7d.' }),
    need: z.enum(['acknowledged', 'committed']).default('acknowledged').meta({
      description: 'What every destination must have said before a file may go.',
    }),
  })
  .transform(({ after, need }) => ({ afterMs: after, need }));

const installation = z.strictObject({
  id: z
    .uuid()
    .nullable()
    .default(null)
    .meta({ description: 'Identity of this installation, a UUID; null: made at first start and kept in the ledger.' }),
});

/** Completion of series (derived-objects.md 5.1). */
const assembler = z.strictObject({
  quietMs: milliseconds(60_000).meta({ description: 'Without evidence: quiet time that closes a series.' }),
  quietWithCountMs: milliseconds(5000).meta({ description: 'Quiet time when the expected count is reached.' }),
  quietWithPositionsMs: milliseconds(15_000).meta({ description: 'Quiet time when the slice positions have no gap.' }),
  maxAgeMs: milliseconds(1_800_000).meta({
    description: 'Age at which a series that keeps receiving is closed anyway.',
  }),
});

/** Sending (dicom-io.md 4.3). */
const sender = z.strictObject({
  connectTimeoutMs: milliseconds(10_000).meta({ description: 'Longest time to a TCP connection.' }),
  acceptTimeoutMs: milliseconds(30_000).meta({ description: 'Longest time to the answer to an association request.' }),
  responseTimeoutMs: milliseconds(60_000).meta({ description: 'Longest time from the last byte to the response.' }),
  drainTimeoutMs: milliseconds(30_000).meta({ description: 'Longest time in which a peer takes no byte.' }),
  releaseTimeoutMs: milliseconds(10_000).meta({ description: 'Longest time to the answer to a release.' }),
  backoffFirstMs: milliseconds(5000).meta({
    description: 'First wait after a failure; doubles each time, with jitter.',
  }),
  backoffMaxMs: milliseconds(900_000).meta({ description: 'Longest wait between two attempts.' }),
  rejectedRetryMs: milliseconds(900_000).meta({ description: 'Wait after a permanent rejection of the association.' }),
  failedAttempts: z
    .int()
    .min(1)
    .max(100)
    .default(8)
    .meta({ description: "Attempts that end 'failed' before a refusal." }),
  busyInARow: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .meta({ description: "Answers 'busy' in a row that end an association." }),
  circuitFailures: z.int().min(1).max(100).default(3).meta({
    description: 'Associations that fail in a row before a destination is only asked by C-ECHO.',
  }),
  batchInstances: z.int().min(1).max(5000).default(500).meta({ description: 'Most objects of one association.' }),
  batchBytes: sizeBytes(2_147_483_648).meta({ description: 'Most bytes of one association.' }),
  leaseMs: milliseconds(120_000).meta({ description: 'How long a claim of the ledger holds without being renewed.' }),
});

const log = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .meta({ description: 'Least level that is written.' }),
    uids: z
      .enum(['plain', 'hashed'])
      .default('plain')
      .meta({ description: 'How UIDs of patients’ objects are shown.' }),
    uidKeyFile: z.string().min(1).nullable().default(null).meta({ description: "File with the key of 'hashed'." }),
  })
  .refine(({ uids, uidKeyFile }) => uids === 'plain' || uidKeyFile !== null, {
    path: ['uidKeyFile'],
    error: 'needed where uids are hashed',
  });

const audit = z.strictObject({
  file: z.string().min(1).default('./data/audit.jsonl').meta({ description: 'File of the audit trail.' }),
});

/** `node.yaml`: what a restart is needed for. */
export const nodeFile = z.strictObject({
  scp: scp.prefault({}).meta({ description: 'Receiving.' }),
  callers: z.array(caller).default([]).meta({ description: 'Who may call; an empty list accepts nobody.' }),
  spool: spool.prefault({}).meta({ description: 'Files.' }),
  ledger: ledger.prefault({}).meta({ description: 'Memory.' }),
  model: model.prefault({}).meta({ description: 'Restoring.' }),
  windows: z.record(z.string().min(1), window).default({}).meta({ description: 'Time windows by name.' }),
  retention: retention.prefault({}).meta({ description: 'When delivered files are removed.' }),
  installation: installation.prefault({}).meta({ description: 'Identity.' }),
  assembler: assembler.prefault({}).meta({ description: 'When a series counts as complete.' }),
  sender: sender.prefault({}).meta({ description: 'Sending.' }),
  gate: gate.prefault({}).meta({ description: 'Limits that a restored series must hold, by task.' }),
  log: log.prefault({}).meta({ description: 'Log.' }),
  audit: audit.prefault({}).meta({ description: 'Audit trail.' }),
  timezone: timezone.nullable().default(null).meta({
    description: 'IANA zone of dates that we write into objects without a zone of their own; null: the machine’s.',
  }),
});
