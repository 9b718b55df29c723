import type { Context } from '@nx-assets/core';
import { type Connection, literal, renderSql } from '@nx-assets/storage';

const COPY_OPTIONS = {
  csv: `FORMAT csv, HEADER true, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR ''`,
  // The CSV writer without quotes: it is the only one that writes text.
  lines: `FORMAT csv, HEADER true, QUOTE '', ESCAPE '', NULLSTR ''`,
  parquet: 'FORMAT parquet',
} as const;

/** What a context can ask of a connection. */
export const queriesOn = (connection: () => Promise<Connection>): Pick<Context, 'query' | 'copy'> => ({
  async query<Row>(query: Parameters<Context['query']>[0]) {
    const { text, values } = renderSql(query);
    return (await (await connection()).rows(text, values)) as Row[];
  },
  async copy(query, to, { format }) {
    const { text, values } = renderSql(query);
    return (await connection()).run(`COPY (${text}) TO ${literal(to)} (${COPY_OPTIONS[format]})`, values);
  },
});
