import { SqliteHistory } from './history.ts';
import { openDatabase } from './open.ts';

export type { SqliteHistory } from './history.ts';

/**
 * Opens a history in a file, or begins one. A corrupt file is set aside, and `notice` says so. Rejects with
 * `HISTORY_UNREADABLE` where a newer version has written it, and with `STORAGE_WRITE_FAILED` where the disk refuses.
 */
export async function openSqliteHistory(path: string): Promise<SqliteHistory> {
  return new SqliteHistory(path, await openDatabase(path));
}
