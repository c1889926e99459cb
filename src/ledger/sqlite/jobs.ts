import { parseUid, type SeriesInstanceUid, type SopInstanceUid } from '../../dicom/uid.ts';
import { LedgerError } from '../errors.ts';
import type { DerivedRow, Job, JobEnd, Lease, NewDerived } from '../ledger.ts';
import { destinationNameOf, digestOf } from '../ledger.ts';
import type { Database } from './database.ts';
import { claimableRanges, clockToleranceMs } from './due.ts';
import { checked, derivedColumns, integer, type Row, text, textOrNull, texts, toDerived } from './rows.ts';

export function claimJob(db: Database, lease: Lease, openWindows: readonly string[], now: number): Job | undefined {
  const [row] = db.all(claimSql, {
    ...lease,
    now,
    windows: JSON.stringify(openWindows),
    tolerance: clockToleranceMs,
  });
  if (row === undefined) return undefined;
  const series = { series: text(row, 'series_instance_uid'), revision: integer(row, 'revision') };
  const [updated] = db.all(restoringSql, series);
  if (updated === undefined) throw new LedgerError('LEDGER_WRONG_STATE');
  return toJob(row, updated);
}

const claimSql = `
  UPDATE job SET state = 'running', leased_by = @owner, leased_until = @until, attempts = attempts + 1,
    first_claimed_at = coalesce(first_claimed_at, @now)
  WHERE job_id = (SELECT job_id FROM job
    WHERE (${claimableRanges('running').join(' OR ')})
      AND (window IS NULL OR window IN (SELECT value FROM json_each(@windows)))
    ORDER BY priority DESC, queued_at, job_id LIMIT 1)
  RETURNING job_id, series_instance_uid, revision, task, weights_digest, settings_digest, settings_json, priority,
    window, restored_json, attempts, first_claimed_at`;

const restoringSql = `
  UPDATE series SET state = 'restoring' WHERE series_instance_uid = @series AND revision = @revision
  RETURNING originals_json`;

function toJob(row: Row, series: Row): Job {
  return checked(() => ({
    jobId: text(row, 'job_id'),
    seriesInstanceUid: parseUid(text(row, 'series_instance_uid')),
    revision: integer(row, 'revision'),
    task: text(row, 'task'),
    weightsDigest: digestOf(text(row, 'weights_digest')),
    settingsDigest: digestOf(text(row, 'settings_digest')),
    settingsJson: text(row, 'settings_json'),
    priority: integer(row, 'priority'),
    window: textOrNull(row, 'window'),
    restored: texts(row, 'restored_json').map(destinationNameOf),
    originals: texts(series, 'originals_json').map(destinationNameOf),
    attempts: integer(row, 'attempts'),
    firstClaimedAt: integer(row, 'first_claimed_at'),
  }));
}

export function extendJob(db: Database, jobId: string, lease: Lease): boolean {
  const sql = `UPDATE job SET leased_until = @until WHERE job_id = @jobId AND state = 'running' AND leased_by = @owner`;
  return db.run(sql, { jobId, ...lease }) > 0;
}

export function abandonLeases(db: Database, owner: string): void {
  db.run(`UPDATE job SET leased_until = 0 WHERE state = 'running' AND leased_by = @owner`, { owner });
  db.run(`UPDATE delivery SET leased_until = 0 WHERE state = 'sending' AND leased_by = @owner`, { owner });
}

export function endJob(db: Database, jobId: string, owner: string, end: JobEnd, now: number): boolean {
  const job = db.first(leasedSql, { jobId, owner });
  if (job === undefined) return false;
  if (text(job, 'state') !== 'running') return true; // Ended by this owner before: the same result.
  if (end.kind === 'restored') writeDerived(db, job, end, now);
  endSeries(db, job, end, now);
  const reason = reasonsOf(end).join('; ');
  if (end.kind === 'retry') db.run(retrySql, { jobId, reason, dueAt: end.dueAt });
  else db.run(endSql, { jobId, reason, now, state: end.kind === 'failed' ? 'failed' : 'done' });
  return true;
}

const leasedSql = `
  SELECT state, series_instance_uid, revision, task, restored_json FROM job
  WHERE job_id = @jobId AND leased_by = @owner AND state IN ('running', 'done', 'failed')`;

const retrySql = `
  UPDATE job SET state = 'waiting', due_at = @dueAt, reason = @reason, leased_by = NULL, leased_until = NULL
  WHERE job_id = @jobId`;

const endSql = 'UPDATE job SET state = @state, reason = @reason, ended_at = @now WHERE job_id = @jobId';

function endSeries(db: Database, job: Row, end: JobEnd, now: number): void {
  const retry = end.kind === 'retry';
  const gate = end.kind === 'restored' || end.kind === 'gated' ? JSON.stringify(end.gate) : '[]';
  db.run(endSeriesSql, {
    series: text(job, 'series_instance_uid'),
    revision: integer(job, 'revision'),
    state: retry ? 'decided' : end.kind,
    gate,
    reasons: JSON.stringify(retry ? [] : reasonsOf(end)),
    endedAt: retry ? null : now,
  });
}

/** What the end adds to the decision's reasons stands behind them. */
const endSeriesSql = `
  UPDATE series SET state = @state, gate_json = @gate, ended_at = @endedAt,
    reasons_json = (SELECT json_group_array(value) FROM
      (SELECT value FROM json_each(reasons_json) UNION ALL SELECT value FROM json_each(@reasons)))
  WHERE series_instance_uid = @series AND revision = @revision`;

function reasonsOf(end: JobEnd): readonly string[] {
  if (end.kind === 'restored') return end.notes;
  return end.kind === 'gated' || end.kind === 'excluded' ? end.reasons : [end.reason];
}

function writeDerived(db: Database, job: Row, end: Extract<JobEnd, { kind: 'restored' }>, now: number): void {
  const destinations = texts(job, 'restored_json');
  end.derived.forEach((derived, ordinal) => {
    const { task, revision } = { task: text(job, 'task'), revision: integer(job, 'revision') };
    keepFirst(db, { ...derived, task, revision, contextJson: end.contextJson }, now);
    for (const destination of destinations) {
      db.run(deliverDerivedSql, { uid: derived.sopInstanceUid, destination, ordinal, now });
    }
    db.run(undeliveredSql, { uid: derived.sopInstanceUid });
  });
}

const deliverDerivedSql = `
  INSERT INTO delivery (origin, sop_instance_uid, series_instance_uid, destination, state, ordinal, queued_at, due_at)
  SELECT 'derived', sop_instance_uid, series_instance_uid, @destination, 'waiting', @ordinal, @now, @now
  FROM derived WHERE sop_instance_uid = @uid AND removed_at IS NULL
  ON CONFLICT (origin, sop_instance_uid, destination) DO NOTHING`;

const undeliveredSql = `
  UPDATE derived SET delivered_at = NULL WHERE sop_instance_uid = @uid AND EXISTS (SELECT 1 FROM delivery
    WHERE origin = 'derived' AND delivery.sop_instance_uid = @uid AND delivery.state NOT IN ('acknowledged', 'warned'))`;

/** The first result that reached the ledger is the result (architecture.md rule 4). */
function keepFirst(db: Database, derived: DerivedRow, now: number): void {
  db.run(addDerivedSql, { ...derived, now });
  const kept = db.first('SELECT source_sop_instance_uid FROM derived WHERE sop_instance_uid = @uid', {
    uid: derived.sopInstanceUid,
  });
  if (kept === undefined || text(kept, 'source_sop_instance_uid') !== derived.sourceSopInstanceUid) {
    throw new LedgerError('LEDGER_UID_COLLISION');
  }
}

const addDerivedSql = `
  INSERT INTO derived (sop_instance_uid, sop_class_uid, study_instance_uid, series_instance_uid, transfer_syntax_uid,
    source_sop_instance_uid, source_series_instance_uid, revision, task, context_json, digest, pixel_digest, size_bytes,
    data_set_offset_bytes, written_at)
  VALUES (@sopInstanceUid, @sopClassUid, @studyInstanceUid, @seriesInstanceUid, @transferSyntaxUid, @sourceSopInstanceUid,
    (SELECT series_instance_uid FROM instance WHERE sop_instance_uid = @sourceSopInstanceUid), @revision, @task,
    @contextJson, @digest, @pixelDigest, @sizeBytes, @dataSetOffsetBytes, @now)
  ON CONFLICT (sop_instance_uid) DO NOTHING`;

export function adoptDerived(db: Database, derived: DerivedRow, now: number): void {
  keepFirst(db, derived, now);
}

export function findDerived(db: Database, sopInstanceUid: SopInstanceUid): NewDerived | undefined {
  const sql = `SELECT ${derivedColumns} FROM derived WHERE sop_instance_uid = @uid`;
  return db.all(sql, { uid: sopInstanceUid }).map(toDerived)[0];
}

export function derivedOfSeries(db: Database, seriesInstanceUid: SeriesInstanceUid): readonly DerivedRow[] {
  const sql = `SELECT ${derivedColumns} FROM derived WHERE source_series_instance_uid = @series
    ORDER BY revision, sop_instance_uid`;
  return db.all(sql, { series: seriesInstanceUid }).map(toDerived);
}
