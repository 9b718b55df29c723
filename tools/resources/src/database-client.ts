import type { SqlClient } from './sql.ts';

export type Database = SqlClient;

export interface OpenDatabase extends SqlClient {
  close(): Promise<void>;
}
