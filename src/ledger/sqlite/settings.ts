import type { Database } from './database.ts';
import { text } from './rows.ts';

export function setting(db: Database, key: string): string | undefined {
  const row = db.first('SELECT value FROM setting WHERE key = @key', { key });
  return row === undefined ? undefined : text(row, 'value');
}

export function setSetting(db: Database, key: string, value: string): void {
  db.run(
    'INSERT INTO setting (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    { key, value },
  );
}

interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly detailJson: string;
}

export function audit(db: Database, entry: AuditEntry): void {
  db.run('INSERT INTO audit (at, actor, action, detail_json) VALUES (@at, @actor, @action, @detailJson)', { ...entry });
}
