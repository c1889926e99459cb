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

/** `delivered_at` finds candidates by an index; the deliveries themselves have the last word. */
function deliveredSql(origin: 'instance' | 'derived'): string {
  const deliveries = `SELECT 1 FROM delivery WHERE delivery.origin = '${origin}'
    AND delivery.sop_instance_uid = object.sop_instance_uid`;
  return `delivered_at < @olderThan AND EXISTS (${deliveries}) AND NOT EXISTS (${deliveries}
    AND NOT (delivery.state IN ('acknowledged', 'warned') AND delivery.ended_at < @olderThan))`;
}

/** A series with a revision at work, or one that collects, still needs its pixels. */
const instancesSql = `
  SELECT sop_instance_uid, digest FROM instance object INDEXED BY instance_delivered
  WHERE state = 'routed' AND ${deliveredSql('instance')}
    AND NOT EXISTS (SELECT 1 FROM series WHERE series.series_instance_uid = object.series_instance_uid
      AND series.state IN ('collecting', 'decided', 'restoring'))
  ORDER BY delivered_at LIMIT @limit`;

const derivedSql = `
  SELECT sop_instance_uid, digest FROM derived object INDEXED BY derived_delivered
  WHERE removed_at IS NULL AND ${deliveredSql('derived')} ORDER BY delivered_at LIMIT @limit`;

function toFile(origin: 'instance' | 'derived'): (row: Row) => RemovableFile {
  return (row) =>
    checked(() => ({
      origin,
      sopInstanceUid: parseUid(text(row, 'sop_instance_uid')),
      digest: digestOf(text(row, 'digest')),
    }));
}

export function markRemoved(db: Database, sopInstanceUids: readonly SopInstanceUid[], now: number): void {
  for (const uid of sopInstanceUids) for (const sql of removedSql) db.run(sql, { uid, now });
}

const removedSql = [
  `UPDATE instance SET state = 'removed', removed_at = @now WHERE sop_instance_uid = @uid AND state = 'routed'`,
  'UPDATE derived SET removed_at = @now WHERE sop_instance_uid = @uid AND removed_at IS NULL',
];
