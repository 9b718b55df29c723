import { AssetError } from '@nx-assets/core';
import type { OpenDatabase } from './database-client.ts';
import { checkRows, withSqlErrors, render } from './sql.ts';

const INT8 = 20;
const DATES = new Set([1082, 1114]);
const TIMESTAMP_WITH_ZONE = 1184;

/** One connection to PostgreSQL. When the run is stopped, so is what the server is doing for it. */
export async function openPostgres(url: string, timeout: number, signal: AbortSignal): Promise<OpenDatabase> {
  const { default: pg } = await import('pg');
  const getTypeParser = (oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return safeNumber;
    // A date has no time zone: it stays the text that the server gives. A moment is one in UTC.
    if (DATES.has(oid)) return (text: string) => text;
    if (oid === TIMESTAMP_WITH_ZONE) return (text: string) => new Date(text).toISOString();
    return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
  };
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeout,
    statement_timeout: timeout,
    application_name: 'nx-assets',
    types: { getTypeParser: getTypeParser as typeof pg.types.getTypeParser },
  });
  // A connection that breaks while nobody asks is noticed by whoever asks next.
  client.on('error', () => undefined);
  const stop = () => void client.end().catch(() => undefined);
  signal.throwIfAborted();
  signal.addEventListener('abort', stop);
  const close = async () => {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => undefined);
  };
  try {
    await client.connect();
  } catch (cause) {
    await close();
    signal.throwIfAborted();
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = message === '' ? (code ?? 'no answer') : message;
    throw new AssetError('SOURCE_UNREADABLE', `The database does not let us in: ${why}.`, { cause });
  }
  const query = (text: string, values: readonly unknown[]) =>
    withSqlErrors(text, signal, () => client.query<Record<string, unknown>>(text, [...values]));
  return {
    async rows(schema, asked) {
      const { text, values } = render(asked, (index) => `$${index}`);
      return checkRows(schema, (await query(text, values)).rows);
    },
    async run(statement) {
      const { text, values } = render(statement, (index) => `$${index}`);
      return (await query(text, values)).rowCount ?? 0;
    },
    close,
  };
}

function safeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new AssetError('NUMBER_UNSAFE', `${text} cannot be a JavaScript number.`);
}
