import { parseUid, type SopInstanceUid } from '../../dicom/uid.ts';
import { digestOf, type RemovableFile } from '../ledger.ts';
import type { Database } from './database.ts';
import { checked, type Row, text } from './rows.ts';

/** Oldest first; received files before derived ones. */
export function removable(db: Database, olderThan: number, limit: number): readonly RemovableFile[] {
  const instances = db.all(instancesSql, { olderThan, limit });
  const derived = db.all(derivedSql, { olderThan, limit: limit - instances.length });
  return [...instances.map(toFile('instance')), ...derived.map(toFile('derived'))];
}

function deliveredSql(origin: 'instance' | 'derived'): string {
  const deliveries = `SELECT 1 FROM delivery WHERE delivery.origin = '${origin}'
    AND delivery.sop_instance_uid = object.sop_instance_uid`;
  return `EXISTS (${deliveries}) AND NOT EXISTS (${deliveries}
    AND NOT (delivery.state IN ('acknowledged', 'warned') AND delivery.ended_at < @olderThan))`;
}

/** A series with a revision at work, or one that collects, still needs its pixels. */
const instancesSql = `
  SELECT sop_instance_uid, digest FROM instance object
  WHERE state = 'routed' AND ${deliveredSql('instance')}
    AND NOT EXISTS (SELECT 1 FROM series WHERE series.series_instance_uid = object.series_instance_uid
      AND series.state IN ('collecting', 'decided', 'restoring'))
  ORDER BY received_at LIMIT @limit`;

const derivedSql = `
  SELECT sop_instance_uid, digest FROM derived object
  WHERE removed_at IS NULL AND ${deliveredSql('derived')} ORDER BY written_at LIMIT @limit`;

function toFile(origin: 'instance' | 'derived'): (row: Row) => RemovableFile {
  return (row) =>
    checked(() => ({
      origin,
      sopInstanceUid: parseUid(text(row, 'sop_instance_uid')),
      digest: digestOf(text(row, 'digest')),
    }));
}

export function markRemoved(db: Database, sopInstanceUids: readonly SopInstanceUid[], now: number): void {
  const parameters = { uids: JSON.stringify(sopInstanceUids), now };
  const among = 'sop_instance_uid IN (SELECT value FROM json_each(@uids))';
  db.run(`UPDATE instance SET state = 'removed', removed_at = @now WHERE state = 'routed' AND ${among}`, parameters);
  db.run(`UPDATE derived SET removed_at = @now WHERE removed_at IS NULL AND ${among}`, parameters);
}
