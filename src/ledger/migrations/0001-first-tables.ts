/** The tables of architecture.md, "The ledger". Written once; a later change is another migration. */
export const firstTables = `
CREATE TABLE instance (
  sop_instance_uid TEXT NOT NULL PRIMARY KEY,
  sop_class_uid TEXT NOT NULL,
  study_instance_uid TEXT NOT NULL,
  series_instance_uid TEXT NOT NULL,
  -- The revision of the series in which it came; revision n covers all instances with revision <= n.
  revision INTEGER NOT NULL,
  transfer_syntax_uid TEXT NOT NULL,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  data_set_offset_bytes INTEGER NOT NULL,
  modality TEXT NOT NULL,
  calling_ae_title TEXT NOT NULL,
  called_ae_title TEXT NOT NULL,
  peer_address TEXT NOT NULL,
  association_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  -- When the last of its deliveries ended well; NULL while one is open. Only finds candidates for retention.
  delivered_at INTEGER,
  removed_at INTEGER,
  -- 0 until a clean mark: its file is checked at the next start.
  clean INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX instance_by_series ON instance (series_instance_uid, revision);
CREATE INDEX instance_by_state ON instance (state, received_at);
CREATE INDEX instance_delivered ON instance (delivered_at) WHERE state = 'routed' AND delivered_at IS NOT NULL;
CREATE INDEX instance_by_digest ON instance (digest);
CREATE INDEX instance_unclean ON instance (received_at) WHERE clean = 0;

CREATE TABLE conflict (
  sop_instance_uid TEXT NOT NULL,
  digest TEXT NOT NULL,
  sop_class_uid TEXT NOT NULL,
  study_instance_uid TEXT NOT NULL,
  series_instance_uid TEXT NOT NULL,
  transfer_syntax_uid TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  data_set_offset_bytes INTEGER NOT NULL,
  calling_ae_title TEXT NOT NULL,
  peer_address TEXT NOT NULL,
  association_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (sop_instance_uid, digest)
) STRICT;
CREATE INDEX conflict_by_digest ON conflict (digest);

CREATE TABLE released_association (
  association_id TEXT NOT NULL PRIMARY KEY,
  released_at INTEGER NOT NULL
) STRICT;

CREATE TABLE series (
  series_instance_uid TEXT NOT NULL,
  revision INTEGER NOT NULL,
  study_instance_uid TEXT NOT NULL,
  modality TEXT NOT NULL,
  state TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  rule TEXT,
  task TEXT,
  reasons_json TEXT NOT NULL DEFAULT '[]',
  completed_by TEXT,
  summary_json TEXT,
  originals_json TEXT NOT NULL DEFAULT '[]',
  gate_json TEXT NOT NULL DEFAULT '[]',
  decided_at INTEGER,
  ended_at INTEGER,
  PRIMARY KEY (series_instance_uid, revision)
) STRICT;
CREATE INDEX series_by_state ON series (state);
CREATE INDEX series_by_age ON series (opened_at);
CREATE INDEX series_by_study ON series (study_instance_uid);

CREATE TABLE job (
  job_id TEXT NOT NULL PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))),
  series_instance_uid TEXT NOT NULL,
  revision INTEGER NOT NULL,
  task TEXT NOT NULL,
  weights_digest TEXT NOT NULL,
  settings_digest TEXT NOT NULL,
  settings_json TEXT NOT NULL,
  priority INTEGER NOT NULL,
  window TEXT,
  restored_json TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  queued_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  first_claimed_at INTEGER,
  leased_by TEXT,
  leased_until INTEGER,
  reason TEXT,
  ended_at INTEGER,
  UNIQUE (series_instance_uid, revision, task, weights_digest, settings_digest),
  FOREIGN KEY (series_instance_uid, revision) REFERENCES series (series_instance_uid, revision)
) STRICT;
CREATE INDEX job_by_state ON job (state, priority, queued_at);

CREATE TABLE derived (
  sop_instance_uid TEXT NOT NULL PRIMARY KEY,
  sop_class_uid TEXT NOT NULL,
  study_instance_uid TEXT NOT NULL,
  series_instance_uid TEXT NOT NULL,
  transfer_syntax_uid TEXT NOT NULL,
  source_sop_instance_uid TEXT NOT NULL,
  -- NULL when the source was gone before a rebuild.
  source_series_instance_uid TEXT,
  revision INTEGER NOT NULL,
  task TEXT NOT NULL,
  context_json TEXT NOT NULL,
  digest TEXT NOT NULL,
  pixel_digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  data_set_offset_bytes INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  delivered_at INTEGER,
  removed_at INTEGER
) STRICT;
CREATE INDEX derived_delivered ON derived (delivered_at) WHERE removed_at IS NULL AND delivered_at IS NOT NULL;
CREATE INDEX derived_by_source ON derived (source_series_instance_uid);

CREATE TABLE delivery (
  delivery_id TEXT NOT NULL PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))),
  origin TEXT NOT NULL CHECK (origin IN ('instance', 'derived')),
  sop_instance_uid TEXT NOT NULL,
  series_instance_uid TEXT NOT NULL,
  destination TEXT NOT NULL,
  state TEXT NOT NULL,
  -- Place within its series, for an order that a person expects.
  ordinal INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  leased_by TEXT,
  leased_until INTEGER,
  outcome TEXT,
  dimse_status INTEGER,
  reason TEXT,
  ended_at INTEGER,
  UNIQUE (origin, sop_instance_uid, destination)
) STRICT;
-- In the order of claims, so that a claim reads what it takes and nothing else.
CREATE INDEX delivery_due ON delivery (destination, state, due_at, series_instance_uid, ordinal, delivery_id);
CREATE INDEX delivery_by_series ON delivery (series_instance_uid);
CREATE INDEX delivery_by_state ON delivery (state, due_at);

CREATE TABLE attempt (
  delivery_id TEXT NOT NULL REFERENCES delivery (delivery_id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  owner TEXT NOT NULL,
  outcome TEXT NOT NULL,
  dimse_status INTEGER,
  reason TEXT NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (delivery_id, attempt, owner)
) STRICT;

CREATE TABLE audit (at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, detail_json TEXT NOT NULL) STRICT;
CREATE INDEX audit_by_time ON audit (at);

CREATE TABLE setting (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;
