import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from '@nx-assets/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { database } from './database.ts';
import { type OpenOptions, startPostgres, using } from './test-support.ts';

const PASSWORD = 'pa/ss: word!';
const folder = mkdtempSync(join(tmpdir(), 'database-'));
let postgres: Awaited<ReturnType<typeof startPostgres>>;
beforeAll(async () => {
  postgres = await startPostgres(PASSWORD);
}, 60_000);
afterAll(async () => {
  // It may not have come about.
  await postgres?.stop();
  rmSync(folder, { recursive: true });
});

const at = (url: string) => database({ description: 'A shop.', values: { default: { url } } });
const urls = () => ({ sqlite: `sqlite:${join(folder, 'shop.db')}`, postgres: postgres.url });
const User = z.object({ id: z.int(), name: z.string().nullable(), score: z.number() });

describe.each(['sqlite', 'postgres'] as const)('%s', (kind) => {
  const use = <T>(
    run: (client: Parameters<Parameters<typeof using<Client, T>>[1]>[0]) => Promise<T>,
    options?: OpenOptions,
  ) => using(at(urls()[kind]), run, options);

  test('writes and reads, with values that are never text of the statement', async () => {
    const odd = `x'); DROP TABLE users; --`;
    await use(async (db) => {
      await db.run(sql`CREATE TABLE users (id bigint PRIMARY KEY, name text, score double precision)`);
      expect(
        await db.run(sql`INSERT INTO users VALUES (${1}, ${odd}, ${0.5}), (${2}, ${null}, ${1.5})`),
      ).toBe(2);
    });
    const rest = sql`WHERE score > ${0} AND id < ${10}`;
    const asked = sql`SELECT * FROM users WHERE id IN (SELECT id FROM users ${rest}) AND score < ${9} ORDER BY id`;
    expect(await use((db) => db.rows(User, asked))).toEqual([
      { id: 1, name: odd, score: 0.5 },
      { id: 2, name: null, score: 1.5 },
    ]);
  });

  test('a row that does not fit, a wrong statement, a number too large: each has its code', async () => {
    await use(async (db) => {
      const Named = User.extend({ name: z.string() });
      await expect(db.rows(Named, sql`SELECT * FROM users ORDER BY id`)).rejects.toThrow(
        'ROWS_INVALID: Row 1: name: Invalid input: expected string, received null.',
      );
      await expect(db.run(sql`INSERT INTO nowhere VALUES (${'hidden'})`)).rejects.toMatchObject({
        code: 'SQL_FAILED',
        message: expect.not.stringContaining('hidden') as string,
      });
      await expect(
        db.rows(User, sql`SELECT CAST(9007199254740993 AS bigint) AS id, '' AS name, 1.0 AS score`),
      ).rejects.toMatchObject({ code: 'NUMBER_UNSAFE' });
    });
  });

  test('a run that was stopped asks nothing', async () => {
    const stopped = new AbortController();
    const asked = use(
      async (db) => {
        stopped.abort(new Error('stopped'));
        return db.rows(User, sql`SELECT * FROM users`);
      },
      { signal: stopped.signal },
    );
    await expect(asked).rejects.toThrow('stopped');
  });
});

type Client = Awaited<ReturnType<ReturnType<typeof at>['open']>>;

describe('postgres alone', () => {
  test('a moment is UTC, a date is text, a number beyond doubles stays text', async () => {
    const Odd = z.object({ moment: z.string(), day: z.string(), exact: z.string(), flag: z.boolean() });
    const asked = sql`SELECT timestamptz '2026-03-01 12:00+02' AS moment, date '2026-03-01' AS day,
      12345678901234567890.1 AS exact, ${true}::boolean AS flag`;
    expect(await using(at(urls().postgres), (db) => db.rows(Odd, asked))).toEqual([
      { moment: '2026-03-01T10:00:00.000Z', day: '2026-03-01', exact: '12345678901234567890.1', flag: true },
    ]);
  });

  test('a stop ends what the server is doing, at once', async () => {
    const stopped = new AbortController();
    const before = performance.now();
    setTimeout(() => stopped.abort(new Error('stopped')), 100);
    const asked = using(at(urls().postgres), (db) => db.run(sql`SELECT pg_sleep(20)`), {
      signal: stopped.signal,
    });
    await expect(asked).rejects.toThrow('stopped');
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  test('a password is a secret, and is in no error', async () => {
    const secrets: string[] = [];
    await using(at(urls().postgres), () => Promise.resolve(), { secrets });
    expect(secrets).toContain(PASSWORD);
    const wrong = urls().postgres.replace('tester:', 'tester:wrong-');
    const error = await using(at(wrong), () => Promise.resolve()).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'SOURCE_UNREADABLE' });
    expect(String(error)).not.toMatch(/wrong-|word!/);
  });
});

test('an address of another kind is refused before anything is opened', async () => {
  await expect(using(at('mysql://x'), () => Promise.resolve())).rejects.toThrow(
    'url: Must begin with sqlite:',
  );
});
