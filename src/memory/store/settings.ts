/** What the store remembers of itself, by name. */
import type { Sqlite } from '../../system/sqlite.ts';

export function setting(store: Sqlite, name: string): string | undefined {
  const value = store.sql('SELECT value FROM settings WHERE name = ?').get(name)?.value;
  return value === undefined ? undefined : String(value);
}

export function putSetting(store: Sqlite, name: string, value: string): void {
  store.sql('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)').run(name, value);
}

/** Of several processes one gets it. */
export function takeSetting(store: Sqlite, name: string): string | undefined {
  const value = store.sql('DELETE FROM settings WHERE name = ? RETURNING value').get(name)?.value;
  return value === undefined ? undefined : String(value);
}
