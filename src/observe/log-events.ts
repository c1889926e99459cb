/** Every field that a log line may carry (style.md 9). UIDs pass through `uidForLog`; no field holds patient data. */
interface LogFields {
  readonly associationId: string;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly peerAddress: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly modality: string;
  readonly revision: number;
  readonly instances: number;
  readonly sizeBytes: number;
  readonly durationMs: number;
  readonly rule: string;
  readonly decision: string;
  readonly reason: string;
  readonly task: string;
  readonly preset: string;
  readonly weightsDigest: string;
  readonly executor: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly gateMeasure: string;
  readonly value: number;
  readonly limit: number;
  readonly destination: string;
  readonly dimseStatus: number;
  readonly errorCode: string;
  readonly spoolFreeBytes: number;
}

type FieldName = keyof LogFields;
type Entry = { readonly text: string; readonly fields: readonly FieldName[] };

/**
 * What the node says, and which fields each event may carry; `docs/reference/log-events.md` is generated from it.
 * The text is fixed. Events are named `noun.verb` and stand grouped by the room that logs them.
 */
// biome-ignore format: one row per event
export const logEvents = {
  // node
  'node.started': { text: 'The node accepts associations.', fields: ['calledAeTitle', 'durationMs'] },
  'node.stopping': { text: 'The node was asked to stop.', fields: ['reason'] },
  'node.stopped': { text: 'The node has stopped; everything accepted is on disk.', fields: ['durationMs'] },
  'node.defect': { text: 'A defect in the node ends the process; starting again is the recovery.', fields: ['errorCode', 'reason'] },
  'configuration.changed': { text: 'Rules and destinations were read again and are in force.', fields: ['reason'] },
  'configuration.refused': { text: 'A changed configuration has faults; the one in force stays.', fields: ['errorCode', 'reason'] },
  // scp
  'association.accepted': { text: 'An association was accepted.', fields: ['associationId', 'callingAeTitle', 'calledAeTitle', 'peerAddress'] },
  'association.rejected': { text: 'An association was rejected.', fields: ['associationId', 'callingAeTitle', 'calledAeTitle', 'peerAddress', 'reason'] },
  'association.released': { text: 'An association ended in order.', fields: ['associationId', 'callingAeTitle', 'instances', 'sizeBytes', 'durationMs'] },
  'association.aborted': { text: 'An association ended without a release.', fields: ['associationId', 'callingAeTitle', 'peerAddress', 'instances', 'durationMs', 'errorCode', 'reason'] },
  'instance.stored': { text: 'An object was received and is durable.', fields: ['associationId', 'sopClassUid', 'sopInstanceUid', 'seriesInstanceUid', 'transferSyntaxUid', 'modality', 'sizeBytes', 'durationMs'] },
  'instance.duplicate': { text: 'An object was received again, byte for byte; the first copy stays.', fields: ['associationId', 'sopInstanceUid', 'seriesInstanceUid', 'sizeBytes'] },
  'instance.conflict': { text: 'An object has a known UID and other bytes; it is kept aside.', fields: ['associationId', 'sopInstanceUid', 'seriesInstanceUid', 'sizeBytes'] },
  'instance.refused': { text: 'An object was not stored; its sender was told so.', fields: ['associationId', 'sopClassUid', 'sopInstanceUid', 'sizeBytes', 'dimseStatus', 'errorCode', 'reason'] },
  'store.defect': { text: 'A defect kept an object from being stored; its sender was told so.', fields: ['associationId', 'reason'] },
  'operation.refused': { text: 'A request that is no C-STORE was refused; its sender was told so.', fields: ['associationId', 'value', 'dimseStatus', 'errorCode'] },
  'connection.closed': { text: 'A connection ended before it asked for an association.', fields: ['peerAddress', 'durationMs', 'errorCode', 'reason'] },
  'connection.dropped': { text: 'A connection was closed at once: too many are open.', fields: ['peerAddress', 'value', 'limit'] },
  'server.listening': { text: 'The node listens for associations.', fields: ['calledAeTitle', 'value'] },
  'server.failed': { text: 'The listening socket failed.', fields: ['errorCode', 'reason'] },
  // spool and ledger
  'spool.above-high-mark': { text: 'The disk is above the high mark; new associations are rejected.', fields: ['spoolFreeBytes', 'limit'] },
  'spool.below-low-mark': { text: 'The disk is below the low mark; associations are accepted again.', fields: ['spoolFreeBytes', 'limit'] },
  'spool.recovered': { text: 'The spool was checked at start.', fields: ['instances', 'durationMs', 'reason'] },
  'spool.removed': { text: 'Delivered files past their retention were removed.', fields: ['instances', 'sizeBytes', 'spoolFreeBytes'] },
  'ledger.unavailable': { text: 'The ledger cannot commit; the node accepts nothing until it can.', fields: ['errorCode', 'reason'] },
  // assembler and router
  'series.decided': { text: 'A series was decided by its rule.', fields: ['seriesInstanceUid', 'studyInstanceUid', 'revision', 'modality', 'instances', 'rule', 'decision', 'task', 'reason'] },
  'series.grew': { text: 'A decided series received more instances; a new revision is open.', fields: ['seriesInstanceUid', 'revision', 'instances'] },
  'assembler.failed': { text: 'Series could not be looked at; it is tried again.', fields: ['errorCode', 'reason'] },
  // pipeline
  'job.unclaimed': { text: 'Jobs could not be looked for; it is tried again.', fields: ['errorCode', 'reason'] },
  'job.started': { text: 'A restoration has started.', fields: ['jobId', 'seriesInstanceUid', 'revision', 'task', 'preset', 'weightsDigest', 'executor', 'attempt', 'instances'] },
  'job.done': { text: 'A series was restored and passed the gate.', fields: ['jobId', 'seriesInstanceUid', 'revision', 'task', 'instances', 'durationMs'] },
  'job.gated': { text: 'The gate said no; nothing derived leaves.', fields: ['jobId', 'seriesInstanceUid', 'revision', 'task', 'gateMeasure', 'value', 'limit'] },
  'job.excluded': { text: 'There was nothing to restore, or the pixels showed a refusal.', fields: ['jobId', 'seriesInstanceUid', 'revision', 'task', 'reason', 'value', 'limit'] },
  'job.retried': { text: 'An attempt at a restoration failed; it will be tried again.', fields: ['jobId', 'seriesInstanceUid', 'revision', 'attempt', 'errorCode', 'reason'] },
  'job.failed': { text: 'A restoration failed for good; the originals go where the rule says.', fields: ['jobId', 'seriesInstanceUid', 'revision', 'attempt', 'errorCode', 'reason'] },
  'model.loaded': { text: 'The model process is ready.', fields: ['preset', 'weightsDigest', 'executor', 'durationMs'] },
  // sender
  'delivery.acknowledged': { text: 'A destination has taken an object.', fields: ['destination', 'associationId', 'sopInstanceUid', 'seriesInstanceUid', 'sizeBytes', 'durationMs', 'attempt'] },
  'delivery.warned': { text: 'A destination has taken an object with a warning.', fields: ['destination', 'associationId', 'sopInstanceUid', 'seriesInstanceUid', 'dimseStatus', 'reason', 'attempt'] },
  'delivery.refused': { text: 'A destination refused an object; a person must decide.', fields: ['destination', 'associationId', 'sopInstanceUid', 'seriesInstanceUid', 'dimseStatus', 'reason', 'attempt'] },
  'delivery.waiting': { text: 'An attempt at a delivery failed; it stays due.', fields: ['destination', 'associationId', 'sopInstanceUid', 'seriesInstanceUid', 'dimseStatus', 'reason', 'attempt', 'durationMs'] },
  'destination.unreachable': { text: 'A destination does not answer; its deliveries wait.', fields: ['destination', 'errorCode', 'reason', 'attempt', 'durationMs'] },
  'destination.reached': { text: 'A destination answers again.', fields: ['destination'] },
  // schedule
  'window.opened': { text: 'A time window has opened.', fields: ['reason'] },
  'window.closed': { text: 'A time window has closed.', fields: ['reason'] },
  'schedule.failed': { text: 'A scheduled task failed; it runs again at its next time.', fields: ['reason', 'errorCode'] },
  // observe
  'audit.lost': { text: 'Audit entries could not be written.', fields: ['value', 'errorCode', 'reason'] },
} as const satisfies Record<string, Entry>;

export type EventName = keyof typeof logEvents;

/** The fields of one event; each may be left out, none can be added. */
export type EventFields<E extends EventName> = {
  readonly [F in (typeof logEvents)[E]['fields'][number]]?: LogFields[F] | undefined;
};
