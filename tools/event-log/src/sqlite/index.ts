import { Connection } from './connection.ts';
import { SqliteHistory } from './history.ts';

export type { SqliteHistory } from './history.ts';

/**
 * Opens a history in a file, or begins one. A corrupt file is set aside, and `notice` says so. Where the file is deleted
 * or replaced afterwards, the history goes on with what stands at the path. Rejects with
 * `HISTORY_UNREADABLE` where a newer version has written it, and with `STORAGE_WRITE_FAILED` where the disk refuses.
 */
export async function openSqliteHistory(path: string): Promise<SqliteHistory> {
  const { connection, setAside } = await Connection.open(path);
  return new SqliteHistory(connection, setAside);
}
