import type { Delivery, DeliveryEnd, DeliveryFilter, DestinationName, Lease } from '../ledger.ts';
import { destinationNameOf } from '../ledger.ts';
import type { Database } from './database.ts';
import { claimable, clockToleranceMs } from './due.ts';
import { checked, integer, objectColumns, type Row, text } from './rows.ts';

export function claimDeliveries(
  db: Database,
  destination: DestinationName,
  limit: number,
  lease: Lease,
  now: number,
): readonly Delivery[] {
  const claimed = db.all(claimSql, { ...lease, destination, limit, now, tolerance: clockToleranceMs });
  const ids = JSON.stringify(claimed.map((row) => text(row, 'delivery_id')));
  const rows = [...db.all(claimedInstancesSql, { ids }), ...db.all(claimedDerivedSql, { ids })];
  return rows.toSorted(inOrder).map(toDelivery);
}

const claimSql = `
  UPDATE delivery SET state = 'sending', leased_by = @owner, leased_until = @until, attempts = attempts + 1
  WHERE delivery_id IN (SELECT delivery_id FROM delivery
    WHERE destination = @destination AND ${claimable('sending')}
    ORDER BY due_at, series_instance_uid, ordinal, delivery_id LIMIT @limit)
  RETURNING delivery_id`;

function claimedSql(origin: 'instance' | 'derived'): string {
  return `
    SELECT delivery.delivery_id, delivery.destination, delivery.origin, delivery.attempts, delivery.failures,
      delivery.due_at, delivery.ordinal, object.sop_instance_uid, object.sop_class_uid, object.study_instance_uid,
      object.series_instance_uid, object.transfer_syntax_uid, object.digest, object.size_bytes,
      object.data_set_offset_bytes
    FROM delivery JOIN ${origin} object ON object.sop_instance_uid = delivery.sop_instance_uid
    WHERE delivery.origin = '${origin}' AND delivery.delivery_id IN (SELECT value FROM json_each(@ids))`;
}

const claimedInstancesSql = claimedSql('instance');
const claimedDerivedSql = claimedSql('derived');

/** As the claim chose them: oldest first, series by series. */
function inOrder(a: Row, b: Row): number {
  const due = integer(a, 'due_at') - integer(b, 'due_at');
  if (due !== 0) return due;
  const series = text(a, 'series_instance_uid').localeCompare(text(b, 'series_instance_uid'), 'en');
  return series === 0 ? integer(a, 'ordinal') - integer(b, 'ordinal') : series;
}

function toDelivery(row: Row): Delivery {
  return checked(() => ({
    ...objectColumns(row),
    deliveryId: text(row, 'delivery_id'),
    destination: destinationNameOf(text(row, 'destination')),
    origin: text(row, 'origin') === 'derived' ? 'derived' : 'instance',
    attempts: integer(row, 'attempts'),
    failures: integer(row, 'failures'),
  }));
}

export function extendDeliveries(db: Database, deliveryIds: readonly string[], lease: Lease): void {
  db.run(
    `UPDATE delivery SET leased_until = @until WHERE state = 'sending' AND leased_by = @owner
     AND delivery_id IN (SELECT value FROM json_each(@ids))`,
    { ...lease, ids: JSON.stringify(deliveryIds) },
  );
}

export function endDeliveries(db: Database, ends: readonly DeliveryEnd[], owner: string): void {
  for (const end of ends) {
    db.run(attemptSql, { ...end, owner });
    db.run(endSql, { ...end, owner });
  }
}

const attemptSql = `
  INSERT INTO attempt (delivery_id, attempt, owner, outcome, dimse_status, reason, ended_at)
  SELECT delivery_id, attempts, @owner, @outcome, @dimseStatus, @reason, @endedAt
  FROM delivery WHERE delivery_id = @deliveryId
  ON CONFLICT (delivery_id, attempt, owner) DO NOTHING`;

const endSql = `
  UPDATE delivery SET state = @state, due_at = coalesce(@dueAt, due_at), leased_by = NULL, leased_until = NULL,
    failures = failures + (@outcome = 'failed'), outcome = @outcome, dimse_status = @dimseStatus, reason = @reason,
    ended_at = @endedAt
  WHERE delivery_id = @deliveryId AND state = 'sending' AND leased_by = @owner`;

export function releaseDeliveries(db: Database, deliveryIds: readonly string[], owner: string, dueAt: number): void {
  db.run(
    `UPDATE delivery SET state = 'waiting', due_at = @dueAt, attempts = attempts - 1, leased_by = NULL,
       leased_until = NULL
     WHERE state = 'sending' AND leased_by = @owner AND delivery_id IN (SELECT value FROM json_each(@ids))`,
    { owner, dueAt, ids: JSON.stringify(deliveryIds) },
  );
}

export function destinationsWithWork(db: Database, now: number): readonly DestinationName[] {
  const sql = `SELECT DISTINCT destination FROM delivery
    WHERE state IN ('waiting', 'sending') AND ${claimable('sending')} ORDER BY destination`;
  return db.all(sql, { now, tolerance: clockToleranceMs }).map((row) => destinationNameOf(text(row, 'destination')));
}

/** Without a state in the filter, cancelled deliveries stay cancelled: to revive them a person names that state. */
export function retryDeliveries(db: Database, filter: DeliveryFilter, now: number): number {
  const sql = `UPDATE delivery SET state = 'waiting', due_at = @now, failures = 0
    WHERE state IN (${filter.state === 'cancelled' ? `'cancelled'` : `'waiting', 'refused'`}) AND ${filterSql}`;
  return db.run(sql, { ...filterParameters(filter), now });
}

export function cancelDeliveries(db: Database, filter: DeliveryFilter, now: number): number {
  const sql = `UPDATE delivery SET state = 'cancelled', ended_at = @now
    WHERE state IN ('waiting', 'refused') AND ${filterSql}`;
  return db.run(sql, { ...filterParameters(filter), now });
}

const filterSql = `
  (@destination IS NULL OR destination = @destination) AND (@state IS NULL OR state = @state)
  AND (@series IS NULL OR series_instance_uid = @series) AND (@uid IS NULL OR sop_instance_uid = @uid)`;

function filterParameters(filter: DeliveryFilter) {
  return {
    destination: filter.destination ?? null,
    state: filter.state ?? null,
    series: filter.seriesInstanceUid ?? null,
    uid: filter.sopInstanceUid ?? null,
  };
}
