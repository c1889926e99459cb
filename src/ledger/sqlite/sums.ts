import { parseUid } from '../../dicom/uid.ts';
import type { SeriesStory } from '../ledger.ts';
import {
  type Category,
  categoryOf,
  type DeliveryState,
  deliveryMoves,
  isStateOf,
  type SeriesState,
  seriesMoves,
} from '../states.ts';
import type { DeliveryCounts, LedgerSums } from '../sums.ts';
import type { Database, Parameters } from './database.ts';
import { checked, gateValues, integer, integerOrNull, type Row, stateOf, text, textOrNull, texts } from './rows.ts';

/** Both sums of architecture.md, from one snapshot. */
export function sums(db: Database): LedgerSums {
  const series = instancesByOutcome(db);
  const conflicts = count(db, 'SELECT count(*) AS n FROM conflict');
  const categories = byCategory(series);
  categories.quarantined += conflicts;
  const deliveries = deliveriesByState(db);
  return {
    received: Object.values(categories).reduce((sum, n) => sum + n, 0),
    ...categories,
    due: Object.values(deliveries).reduce((sum, n) => sum + n, 0),
    ...deliveries,
    gated: series.get('gated') ?? 0,
    failed: series.get('failed') ?? 0,
    conflicts,
    derived: count(db, 'SELECT count(*) AS n FROM derived'),
    removed: count(db, `SELECT count(*) AS n FROM instance WHERE state = 'removed'`),
    oldestDueAt: oldestDueAt(db),
  };
}

/** Instances by the state of the newest decided revision that contains them; without one, `collecting`. */
function instancesByOutcome(db: Database): ReadonlyMap<SeriesState, number> {
  const counts = new Map<SeriesState, number>();
  for (const row of db.all(outcomeSql, {})) {
    const state = stateOf<Record<SeriesState, unknown>>(seriesMoves, row);
    counts.set(state, (counts.get(state) ?? 0) + integer(row, 'instances'));
  }
  return counts;
}

const outcomeSql = `
  SELECT count(*) AS instances, coalesce((
    SELECT series.state FROM series
    WHERE series.series_instance_uid = instance.series_instance_uid AND series.revision >= instance.revision
      AND series.state <> 'collecting'
    ORDER BY series.revision DESC LIMIT 1), 'collecting') AS state
  FROM instance GROUP BY instance.series_instance_uid, instance.revision`;

function byCategory(series: ReadonlyMap<SeriesState, number>): Record<Category, number> {
  const categories = { restored: 0, forwarded: 0, excluded: 0, quarantined: 0, inProgress: 0 };
  for (const [state, instances] of series) categories[categoryOf[state]] += instances;
  return categories;
}

function deliveriesByState(db: Database): Record<DeliveryState, number> {
  const counts = { acknowledged: 0, warned: 0, refused: 0, cancelled: 0, waiting: 0, sending: 0 };
  for (const row of db.all('SELECT state, count(*) AS n FROM delivery GROUP BY state', {})) {
    counts[stateOf<Record<DeliveryState, unknown>>(deliveryMoves, row)] += integer(row, 'n');
  }
  return counts;
}

function oldestDueAt(db: Database): number | null {
  const row = db.first(`SELECT min(due_at) AS due_at FROM delivery WHERE state IN ('waiting', 'sending')`, {});
  return row === undefined ? null : integerOrNull(row, 'due_at');
}

function count(db: Database, sql: string): number {
  const row = db.first(sql, {});
  return row === undefined ? 0 : integer(row, 'n');
}

interface StoryFilter {
  readonly limit: number;
  readonly seriesInstanceUid?: string;
  readonly studyInstanceUid?: string;
}

/** Newest first, one story per revision. */
export function stories(db: Database, filter: StoryFilter): readonly SeriesStory[] {
  const rows = db.all(storySql, {
    limit: filter.limit,
    series: filter.seriesInstanceUid ?? null,
    study: filter.studyInstanceUid ?? null,
  });
  return rows.map((row) => toStory(db, row));
}

const storySql = `
  SELECT series_instance_uid, revision, study_instance_uid, modality, state, rule, task, reasons_json, gate_json,
    (SELECT count(*) FROM instance WHERE instance.series_instance_uid = series.series_instance_uid
      AND instance.revision <= series.revision) AS instances,
    (SELECT derived.series_instance_uid FROM derived
      WHERE derived.source_series_instance_uid = series.series_instance_uid AND derived.revision <= series.revision
      ORDER BY derived.revision DESC LIMIT 1) AS derived_series_instance_uid
  FROM series
  WHERE (@series IS NULL OR series_instance_uid = @series) AND (@study IS NULL OR study_instance_uid = @study)
  ORDER BY opened_at DESC, series_instance_uid, revision DESC LIMIT @limit`;

function toStory(db: Database, row: Row): SeriesStory {
  const series = { series: text(row, 'series_instance_uid') };
  const derivedSeries = textOrNull(row, 'derived_series_instance_uid');
  return checked(() => ({
    seriesInstanceUid: parseUid(series.series),
    revision: integer(row, 'revision'),
    studyInstanceUid: parseUid(text(row, 'study_instance_uid')),
    modality: text(row, 'modality'),
    state: stateOf<Record<SeriesState, unknown>>(seriesMoves, row),
    instances: integer(row, 'instances'),
    rule: textOrNull(row, 'rule'),
    task: textOrNull(row, 'task'),
    reasons: texts(row, 'reasons_json'),
    gate: gateValues(row, 'gate_json'),
    derivedSeriesInstanceUid: derivedSeries === null ? null : parseUid(derivedSeries),
    deliveries: deliveryCounts(db, originalsSql, series),
    derivedDeliveries: deliveryCounts(db, derivedSql, series),
  }));
}

const originalsSql = `
  SELECT destination, state, count(*) AS n FROM delivery
  WHERE origin = 'instance' AND series_instance_uid = @series GROUP BY destination, state`;

const derivedSql = `
  SELECT delivery.destination, delivery.state, count(*) AS n
  FROM derived JOIN delivery ON delivery.origin = 'derived' AND delivery.sop_instance_uid = derived.sop_instance_uid
  WHERE derived.source_series_instance_uid = @series GROUP BY delivery.destination, delivery.state`;

function deliveryCounts(db: Database, sql: string, parameters: Parameters): DeliveryCounts {
  const counts: Record<string, Partial<Record<DeliveryState, number>>> = {};
  for (const row of db.all(sql, parameters)) {
    const state = text(row, 'state');
    if (!isStateOf<Record<DeliveryState, unknown>>(deliveryMoves, state)) continue;
    const destination = (counts[text(row, 'destination')] ??= {});
    destination[state] = integer(row, 'n');
  }
  return counts;
}
