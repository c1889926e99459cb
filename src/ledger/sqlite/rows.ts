import { parseAeTitle } from '../../dicom/ae-title.ts';
import { DicomError } from '../../dicom/errors.ts';
import { parseUid } from '../../dicom/uid.ts';
import { LedgerError } from '../errors.ts';
import { type DerivedRow, digestOf, type GateValue, type InstanceRow, type NewDerived } from '../ledger.ts';
import { type InstanceState, instanceMoves, isStateOf } from '../states.ts';

/** A row as SQLite gives it. What does not have the type that its column promises is a damaged file. */
export type Row = Readonly<Record<string, unknown>>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(column);
  return value;
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw damaged(column);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

/** A JSON list of strings. */
export function texts(row: Row, column: string): readonly string[] {
  return list(row, column).map((value) => {
    if (typeof value !== 'string') throw damaged(column);
    return value;
  });
}

export function gateValues(row: Row, column: string): readonly GateValue[] {
  return list(row, column).map((value) => {
    if (!isGateValue(value)) throw damaged(column);
    return value;
  });
}

/** A state of the given table. */
export function stateOf<M extends object>(moves: M, row: Row): Extract<keyof M, string> {
  const state = text(row, 'state');
  if (!isStateOf(moves, state)) throw damaged('state');
  return state;
}

/** Columns that `toInstance` reads. */
export const instanceColumns = `sop_instance_uid, sop_class_uid, study_instance_uid, series_instance_uid,
  transfer_syntax_uid, digest, size_bytes, data_set_offset_bytes, modality, calling_ae_title, called_ae_title,
  peer_address, association_id, received_at, state`;

export function toInstance(row: Row): InstanceRow {
  return checked(() => ({
    ...objectColumns(row),
    modality: text(row, 'modality'),
    callingAeTitle: parseAeTitle(text(row, 'calling_ae_title')),
    calledAeTitle: parseAeTitle(text(row, 'called_ae_title')),
    peerAddress: text(row, 'peer_address'),
    associationId: text(row, 'association_id'),
    receivedAt: integer(row, 'received_at'),
    state: stateOf<Record<InstanceState, unknown>>(instanceMoves, row),
  }));
}

/** Columns that `toDerived` reads. */
export const derivedColumns = `sop_instance_uid, sop_class_uid, study_instance_uid, series_instance_uid,
  transfer_syntax_uid, source_sop_instance_uid, digest, pixel_digest, size_bytes, data_set_offset_bytes, task,
  context_json, revision`;

export function toDerived(row: Row): DerivedRow {
  return checked(() => ({
    ...toNewDerived(row),
    task: text(row, 'task'),
    contextJson: text(row, 'context_json'),
    revision: integer(row, 'revision'),
  }));
}

function toNewDerived(row: Row): NewDerived {
  return {
    ...objectColumns(row),
    sourceSopInstanceUid: parseUid(text(row, 'source_sop_instance_uid')),
    pixelDigest: digestOf(text(row, 'pixel_digest')),
  };
}

/** What an instance, a derived object and a delivery have in common: the object in the spool. */
export function objectColumns(row: Row) {
  return {
    sopInstanceUid: parseUid<InstanceRow['sopInstanceUid']>(text(row, 'sop_instance_uid')),
    sopClassUid: parseUid<InstanceRow['sopClassUid']>(text(row, 'sop_class_uid')),
    studyInstanceUid: parseUid<InstanceRow['studyInstanceUid']>(text(row, 'study_instance_uid')),
    seriesInstanceUid: parseUid<InstanceRow['seriesInstanceUid']>(text(row, 'series_instance_uid')),
    transferSyntaxUid: parseUid<InstanceRow['transferSyntaxUid']>(text(row, 'transfer_syntax_uid')),
    digest: digestOf(text(row, 'digest')),
    sizeBytes: integer(row, 'size_bytes'),
    dataSetOffsetBytes: integer(row, 'data_set_offset_bytes'),
  };
}

/** Text of a row that is no UID, AE title or digest any more was damaged on disk. */
export function checked<T>(map: () => T): T {
  try {
    return map();
  } catch (error) {
    if (error instanceof DicomError) throw new LedgerError('LEDGER_CORRUPT', { system: error.code }, { cause: error });
    throw error;
  }
}

function list(row: Row, column: string): readonly unknown[] {
  const value: unknown = JSON.parse(text(row, column));
  if (!Array.isArray(value)) throw damaged(column);
  return value;
}

function isGateValue(value: unknown): value is GateValue {
  return typeof value === 'object' && value !== null && 'measure' in value && 'value' in value && 'passed' in value;
}

function damaged(column: string): LedgerError {
  return new LedgerError('LEDGER_CORRUPT', { column });
}
