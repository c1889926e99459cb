import { parseUid, type SeriesInstanceUid, type SopInstanceUid } from '../../dicom/uid.ts';
import type { RecordOutcome } from '../ledger.ts';
import { type DestinationName, type Digest, digestOf, type InstanceRow, type NewInstance } from '../ledger.ts';
import type { Database } from './database.ts';
import { checked, instanceColumns, integer, type Row, text, toInstance } from './rows.ts';

/** New bytes open or join a revision of their series; known ones change nothing; others of a known UID are a conflict. */
export function recordInstance(db: Database, instance: NewInstance): RecordOutcome {
  const known = db.first(knownSql, { uid: instance.sopInstanceUid });
  if (known === undefined) {
    const revision = collectingRevision(db, instance);
    db.run(insertSql, { ...instance, revision });
    return { kind: 'stored' };
  }
  if (text(known, 'digest') !== instance.digest) return recordConflict(db, instance, known);
  if (text(known, 'state') !== 'removed') return { kind: 'duplicate' };
  storeAgain(db, instance);
  return { kind: 'stored-again' };
}

const knownSql = 'SELECT digest, transfer_syntax_uid, state FROM instance WHERE sop_instance_uid = @uid';

const insertSql = `
  INSERT INTO instance (sop_instance_uid, sop_class_uid, study_instance_uid, series_instance_uid, revision,
    transfer_syntax_uid, digest, size_bytes, data_set_offset_bytes, modality, calling_ae_title, called_ae_title,
    peer_address, association_id, received_at, state)
  VALUES (@sopInstanceUid, @sopClassUid, @studyInstanceUid, @seriesInstanceUid, @revision, @transferSyntaxUid, @digest,
    @sizeBytes, @dataSetOffsetBytes, @modality, @callingAeTitle, @calledAeTitle, @peerAddress, @associationId,
    @receivedAt, 'stored')`;

/** The revision that collects now. A series that was decided opens the next one. */
function collectingRevision(db: Database, instance: NewInstance): number {
  const newest = db.first(newestSql, { series: instance.seriesInstanceUid });
  if (newest !== undefined && text(newest, 'state') === 'collecting') return integer(newest, 'revision');
  const revision = newest === undefined ? 1 : integer(newest, 'revision') + 1;
  db.run(openSql, { ...instance, revision });
  return revision;
}

const newestSql = `
  SELECT revision, state FROM series WHERE series_instance_uid = @series ORDER BY revision DESC LIMIT 1`;

const openSql = `
  INSERT INTO series (series_instance_uid, revision, study_instance_uid, modality, state, opened_at)
  VALUES (@seriesInstanceUid, @revision, @studyInstanceUid, @modality, 'collecting', @receivedAt)`;

function recordConflict(db: Database, instance: NewInstance, kept: Row): RecordOutcome {
  db.run(conflictSql, { ...instance });
  return checked(() => ({
    kind: 'conflict',
    keptDigest: digestOf(text(kept, 'digest')),
    keptTransferSyntaxUid: parseUid(text(kept, 'transfer_syntax_uid')),
  }));
}

const conflictSql = `
  INSERT INTO conflict (sop_instance_uid, digest, sop_class_uid, study_instance_uid, series_instance_uid,
    transfer_syntax_uid, size_bytes, data_set_offset_bytes, calling_ae_title, peer_address, association_id, received_at)
  VALUES (@sopInstanceUid, @digest, @sopClassUid, @studyInstanceUid, @seriesInstanceUid, @transferSyntaxUid, @sizeBytes,
    @dataSetOffsetBytes, @callingAeTitle, @peerAddress, @associationId, @receivedAt)
  ON CONFLICT (sop_instance_uid, digest) DO NOTHING`;

/** Retention had removed the file: the new one takes its place, and its deliveries are due again. */
function storeAgain(db: Database, instance: NewInstance): void {
  db.run(storeAgainSql, { ...instance });
  db.run(dueAgainSql, { uid: instance.sopInstanceUid, now: instance.receivedAt });
}

const storeAgainSql = `
  UPDATE instance SET state = 'stored', removed_at = NULL, delivered_at = NULL, clean = 0, size_bytes = @sizeBytes,
    data_set_offset_bytes = @dataSetOffsetBytes, calling_ae_title = @callingAeTitle,
    called_ae_title = @calledAeTitle, peer_address = @peerAddress, association_id = @associationId,
    received_at = @receivedAt
  WHERE sop_instance_uid = @sopInstanceUid`;

const dueAgainSql = `
  UPDATE delivery SET state = 'waiting', due_at = @now, failures = 0
  WHERE origin = 'instance' AND sop_instance_uid = @uid AND state IN ('acknowledged', 'warned')`;

export function associationReleased(db: Database, associationId: string, releasedAt: number): void {
  db.run(
    `INSERT INTO released_association (association_id, released_at) VALUES (@associationId, @releasedAt)
     ON CONFLICT (association_id) DO NOTHING`,
    { associationId, releasedAt },
  );
}

export function findInstance(db: Database, sopInstanceUid: SopInstanceUid): InstanceRow | undefined {
  const sql = `SELECT ${instanceColumns} FROM instance WHERE sop_instance_uid = @uid`;
  return db.all(sql, { uid: sopInstanceUid }).map(toInstance)[0];
}

export function seriesInstances(db: Database, seriesInstanceUid: SeriesInstanceUid): readonly InstanceRow[] {
  const sql = `SELECT ${instanceColumns} FROM instance WHERE series_instance_uid = @series
    ORDER BY received_at, sop_instance_uid`;
  return db.all(sql, { series: seriesInstanceUid }).map(toInstance);
}

export function unroutedInstances(db: Database, limit: number): readonly InstanceRow[] {
  const sql = `SELECT ${instanceColumns} FROM instance WHERE state = 'stored'
    ORDER BY received_at, sop_instance_uid LIMIT @limit`;
  return db.all(sql, { limit }).map(toInstance);
}

interface Route {
  readonly sopInstanceUid: SopInstanceUid;
  readonly destinations: readonly DestinationName[];
}

export function routeInstances(db: Database, routes: readonly Route[], now: number): void {
  for (const { sopInstanceUid, destinations } of routes) {
    db.run(`UPDATE instance SET state = 'routed' WHERE sop_instance_uid = @uid AND state = 'stored'`, {
      uid: sopInstanceUid,
    });
    for (const destination of destinations) db.run(deliverSql, { uid: sopInstanceUid, destination, now });
    if (destinations.length > 0) db.run(undeliveredSql, { uid: sopInstanceUid });
  }
}

const undeliveredSql = `
  UPDATE instance SET delivered_at = NULL WHERE sop_instance_uid = @uid AND EXISTS (SELECT 1 FROM delivery
    WHERE origin = 'instance' AND delivery.sop_instance_uid = @uid AND delivery.state NOT IN ('acknowledged', 'warned'))`;

const deliverSql = `
  INSERT INTO delivery (origin, sop_instance_uid, series_instance_uid, destination, state, ordinal, queued_at, due_at)
  SELECT 'instance', sop_instance_uid, series_instance_uid, @destination, 'waiting', received_at, @now, @now
  FROM instance WHERE sop_instance_uid = @uid AND state <> 'removed'
  ON CONFLICT (origin, sop_instance_uid, destination) DO NOTHING`;

export function instancesSinceCleanMark(db: Database): readonly InstanceRow[] {
  const sql = `SELECT ${instanceColumns} FROM instance WHERE clean = 0 AND state <> 'removed' ORDER BY received_at`;
  return db.all(sql, {}).map(toInstance);
}

export function markClean(db: Database, until: number): void {
  db.run('UPDATE instance SET clean = 1 WHERE clean = 0 AND received_at <= @until', { until });
}

export function forgetInstance(db: Database, sopInstanceUid: SopInstanceUid): void {
  const parameters = { uid: sopInstanceUid };
  db.run(`DELETE FROM delivery WHERE origin = 'instance' AND sop_instance_uid = @uid`, parameters);
  db.run(forgetEmptySeriesSql, parameters);
  db.run('DELETE FROM instance WHERE sop_instance_uid = @uid', parameters);
}

/** A revision that collects only this instance goes with it. */
const forgetEmptySeriesSql = `
  DELETE FROM series WHERE state = 'collecting'
    AND (series_instance_uid, revision) IN
      (SELECT series_instance_uid, revision FROM instance WHERE sop_instance_uid = @uid)
    AND NOT EXISTS (SELECT 1 FROM instance other WHERE other.series_instance_uid = series.series_instance_uid
      AND other.revision = series.revision AND other.sop_instance_uid <> @uid)`;

export function unknownDigests(db: Database, digests: readonly Digest[]): readonly Digest[] {
  const sql = `SELECT value AS digest FROM json_each(@digests)
    WHERE value NOT IN (SELECT digest FROM instance) AND value NOT IN (SELECT digest FROM conflict)`;
  return db.all(sql, { digests: JSON.stringify(digests) }).map((row) => digestOf(text(row, 'digest')));
}
