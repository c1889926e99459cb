import type { Delivery, DeliveryEnd, DeliveryFilter, DestinationName, Lease } from '../ledger.ts';
import { destinationNameOf } from '../ledger.ts';
import type { Database } from './database.ts';
import { claimableRanges, clockToleranceMs } from './due.ts';
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

const order = 'due_at, series_instance_uid, ordinal, delivery_id';

const claimSql = `
  UPDATE delivery SET state = 'sending', leased_by = @owner, leased_until = @until, attempts = attempts + 1
  WHERE delivery_id IN (SELECT delivery_id FROM (${claimableRanges('sending').map(firstOf).join(' UNION ALL ')})
    ORDER BY ${order} LIMIT @limit)
  RETURNING delivery_id`;

function firstOf(range: string): string {
  return `SELECT * FROM (SELECT ${order} FROM delivery WHERE destination = @destination AND ${range}
    ORDER BY ${order} LIMIT @limit)`;
}

/** CROSS JOIN keeps SQLite at this order: from the ids, not through every delivery of the origin. */
function claimedSql(origin: 'instance' | 'derived'): string {
  return `
    SELECT delivery.delivery_id, delivery.destination, delivery.origin, delivery.attempts, delivery.failures,
      delivery.due_at, delivery.ordinal, object.sop_instance_uid, object.sop_class_uid, object.study_instance_uid,
      object.series_instance_uid, object.transfer_syntax_uid, object.digest, object.size_bytes,
      object.data_set_offset_bytes
    FROM json_each(@ids) claimed
      CROSS JOIN delivery ON delivery.delivery_id = claimed.value AND delivery.origin = '${origin}'
      CROSS JOIN ${origin} object ON object.sop_instance_uid = delivery.sop_instance_uid`;
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
    if (end.state === 'acknowledged' || end.state === 'warned') {
      for (const sql of deliveredSql) db.run(sql, { deliveryId: end.deliveryId, endedAt: end.endedAt });
    }
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

/** Marks the object when this was the last of its deliveries, so that retention finds it. */
const deliveredSql = (['instance', 'derived'] as const).map(
  (origin) => `
  UPDATE ${origin} SET delivered_at = @endedAt
  WHERE sop_instance_uid =
      (SELECT sop_instance_uid FROM delivery WHERE delivery_id = @deliveryId AND origin = '${origin}')
    AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.origin = '${origin}'
      AND delivery.sop_instance_uid = ${origin}.sop_instance_uid AND state NOT IN ('acknowledged', 'warned'))`,
);

export function releaseDeliveries(db: Database, deliveryIds: readonly string[], owner: string, dueAt: number): void {
  db.run(
    `UPDATE delivery SET state = 'waiting', due_at = @dueAt, attempts = attempts - 1, leased_by = NULL,
       leased_until = NULL
     WHERE state = 'sending' AND leased_by = @owner AND delivery_id IN (SELECT value FROM json_each(@ids))`,
    { owner, dueAt, ids: JSON.stringify(deliveryIds) },
  );
}

export function destinationsWithWork(db: Database, now: number): readonly DestinationName[] {
  const rows = db.all(withWorkSql, { now, tolerance: clockToleranceMs });
  return rows.map((row) => destinationNameOf(text(row, 'destination')));
}

/** From name to name along the index: its many rows for each name are not read. */
const withWorkSql = `
  WITH RECURSIVE name (destination) AS (
    SELECT min(destination) FROM delivery
    UNION ALL
    SELECT (SELECT min(delivery.destination) FROM delivery WHERE delivery.destination > name.destination)
    FROM name WHERE name.destination IS NOT NULL)
  SELECT destination FROM name WHERE destination IS NOT NULL AND (${claimableRanges('sending')
    .map((range) => `EXISTS (SELECT 1 FROM delivery WHERE delivery.destination = name.destination AND ${range})`)
    .join(' OR ')})`;

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
