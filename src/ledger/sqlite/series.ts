import { parseUid } from '../../dicom/uid.ts';
import { LedgerError } from '../errors.ts';
import type { CollectingSeries, SeriesKey, SeriesVerdict } from '../ledger.ts';
import type { Database } from './database.ts';
import { checked, integer, type Row, text } from './rows.ts';

export function collectingSeries(db: Database): readonly CollectingSeries[] {
  return db.all(collectingSql, {}).map(toCollecting);
}

const collectingSql = `
  SELECT series.series_instance_uid, series.revision, series.study_instance_uid, series.modality,
    (SELECT count(*) FROM instance every WHERE every.series_instance_uid = series.series_instance_uid) AS instances,
    min(instance.received_at) AS first_received_at, max(instance.received_at) AS last_received_at,
    count(DISTINCT CASE WHEN released.association_id IS NULL THEN instance.association_id END) AS open_associations
  FROM series
  JOIN instance ON instance.series_instance_uid = series.series_instance_uid AND instance.revision = series.revision
  LEFT JOIN released_association released ON released.association_id = instance.association_id
  WHERE series.state = 'collecting'
  GROUP BY series.series_instance_uid, series.revision
  ORDER BY first_received_at`;

function toCollecting(row: Row): CollectingSeries {
  return checked(() => ({
    seriesInstanceUid: parseUid(text(row, 'series_instance_uid')),
    revision: integer(row, 'revision'),
    studyInstanceUid: parseUid(text(row, 'study_instance_uid')),
    modality: text(row, 'modality'),
    instances: integer(row, 'instances'),
    firstReceivedAt: integer(row, 'first_received_at'),
    lastReceivedAt: integer(row, 'last_received_at'),
    openAssociations: integer(row, 'open_associations'),
  }));
}

/** The decision, the job that follows and the originals' deliveries, all or none. */
export function decideSeries(db: Database, key: SeriesKey, instances: number, verdict: SeriesVerdict): boolean {
  if ((verdict.job !== null) !== (verdict.state === 'decided')) throw new LedgerError('LEDGER_WRONG_STATE');
  const series = { series: key.seriesInstanceUid, revision: key.revision };
  const row = db.first(stateSql, series);
  if (row === undefined || text(row, 'state') !== 'collecting') return false;
  if (integer(row, 'instances') !== instances) return false;
  db.run(decideSql, {
    ...series,
    state: verdict.state,
    rule: verdict.rule,
    task: verdict.task,
    reasons: JSON.stringify(verdict.reasons),
    completedBy: verdict.completedBy,
    summary: verdict.summaryJson,
    originals: JSON.stringify(verdict.originals),
    now: verdict.decidedAt,
  });
  for (const destination of verdict.originals) {
    db.run(deliverSeriesSql, { series: key.seriesInstanceUid, destination, now: verdict.decidedAt });
  }
  if (verdict.originals.length > 0) db.run(undeliveredSql, { series: key.seriesInstanceUid });
  if (verdict.job !== null) {
    const { restored, ...job } = verdict.job;
    db.run(addJobSql, { ...series, ...job, restored: JSON.stringify(restored), now: verdict.decidedAt });
  }
  return true;
}

const stateSql = `
  SELECT state, (SELECT count(*) FROM instance WHERE series_instance_uid = @series) AS instances
  FROM series WHERE series_instance_uid = @series AND revision = @revision`;

const decideSql = `
  UPDATE series SET state = @state, rule = @rule, task = @task, reasons_json = @reasons, completed_by = @completedBy,
    summary_json = @summary, originals_json = @originals, decided_at = @now
  WHERE series_instance_uid = @series AND revision = @revision`;

const deliverSeriesSql = `
  INSERT INTO delivery (origin, sop_instance_uid, series_instance_uid, destination, state, ordinal, queued_at, due_at)
  SELECT 'instance', sop_instance_uid, series_instance_uid, @destination, 'waiting', received_at, @now, @now
  FROM instance WHERE series_instance_uid = @series AND state <> 'removed'
  ON CONFLICT (origin, sop_instance_uid, destination) DO NOTHING`;

/** What all earlier destinations have may be due at a new one. */
const undeliveredSql = `
  UPDATE instance SET delivered_at = NULL WHERE series_instance_uid = @series AND EXISTS (SELECT 1 FROM delivery
    WHERE delivery.origin = 'instance' AND delivery.sop_instance_uid = instance.sop_instance_uid
      AND delivery.state NOT IN ('acknowledged', 'warned'))`;

const addJobSql = `
  INSERT INTO job (series_instance_uid, revision, task, weights_digest, settings_digest, settings_json, priority, window,
    restored_json, state, queued_at, due_at)
  VALUES (@series, @revision, @task, @weightsDigest, @settingsDigest, @settingsJson, @priority, @window, @restored,
    'waiting', @now, @now)
  ON CONFLICT (series_instance_uid, revision, task, weights_digest, settings_digest) DO NOTHING`;
