import { existsSync } from 'node:fs';
import { asset, configured, daily, env, previous, resource, secret, sql } from '@nx-assets/core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { buildContext } from './build-context.ts';
import { materialize, materializeOne } from './materialize.ts';

const Row = z.object({ n: z.int() });
const api = resource({
  description: 'An API.',
  config: z.object({ url: z.url(), token: z.string(), size: z.coerce.number().default(1) }),
  values: {
    default: { size: env('API_SIZE') },
    dev: { url: 'http://dev.example', token: 'dev' },
    prod: { url: env('API_URL'), token: secret('API_TOKEN') },
  },
  open: ({ config }) => ({ at: `${config.url} ${config.token} ${config.size}` }),
});
const source = asset({
  description: 'Rows.',
  schema: Row,
  config: z.object({ size: z.int().max(9).default(2) }),
  materialize: (_inputs, { config, log }) => {
    log.info(`making ${config.size}`);
    return Array.from({ length: config.size }, (_, n) => ({ n }));
  },
});
const total = asset({
  description: 'Their sum.',
  deps: { source },
  schema: z.object({ total: z.int() }),
  materialize: ({ source }) => sql`SELECT sum(n)::BIGINT AS total FROM ${source}`,
});
const asked = asset({
  description: 'What the API says.',
  resources: { api },
  value: z.string(),
  materialize: (_inputs, { resources }) => resources.api.at,
});

describe('several assets', () => {
  test('depend on each other, in whatever order they are listed', async () => {
    const [sum, rows] = await materialize([total, source], { config: { size: 4 } });
    expect(sum.rows).toEqual([{ total: 6 }]);
    expect(rows.rows).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
    expect(rows.logs).toEqual(['making 4']);
    expect(sum.record.inputs.source?.dataVersion).toBe(rows.record.dataVersion);
    expectTypeOf(sum.rows).toEqualTypeOf<readonly { total: number }[]>();
  });

  test('take the rest from literals', async () => {
    const [sum, said] = await materialize([total, asked], { inputs: { source: [{ n: 5 }] } });
    expect(sum.rows).toEqual([{ total: 5 }]);
    expect(said.value).toBe('http://dev.example dev 1');
  });

  test('do not start where nobody gives a dep', async () => {
    await expect(materialize([total, asked])).rejects.toMatchObject({
      code: 'UPSTREAM_MISSING',
      facts: 'The dep "source" is not among the assets, and no input gives it.',
    });
  });
});

describe('a resource', () => {
  test('has the values of the environment', async () => {
    const prod = { NX_ASSETS_ENV: 'prod', API_URL: 'http://prod.example', API_TOKEN: 'abc', API_SIZE: '3' };
    expect((await materializeOne(asked, { env: prod })).value).toBe('http://prod.example abc 3');
  });

  test('refuses values that do not fit, by field and variable', async () => {
    const error = await materializeOne(asked, { env: { NX_ASSETS_ENV: 'prod', API_SIZE: 'large' } }).catch(
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect((error as Error).message).toContain('resource api: url: API_URL is not set');
    expect((error as Error).message).toContain('resource api: token: API_TOKEN is not set');
    expect((error as Error).message).toMatch(/resource api: size: .*\(from API_SIZE\)/);
  });

  test('gives way to another resource, to other values, or to a client', async () => {
    const other = configured(api, { url: 'http://other.example' });
    expect((await materializeOne(asked, { resources: { api: other } })).value).toBe(
      'http://other.example dev 1',
    );
    expect((await materializeOne(asked, { resources: { api: { at: 'here' } } })).value).toBe('here');
  });
});

test('a run config that does not fit is refused', async () => {
  await expect(materializeOne(source, { config: { size: 10 } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  });
});

test('types: what is given must be what the assets take', () => {
  // @ts-expect-error: a row without its column
  void (() => materializeOne(total, { inputs: { source: [{}] } }));
  // @ts-expect-error: there is no such dep
  void (() => materialize([total, source], { inputs: { sauce: [] } }));
  // @ts-expect-error: there is no such field
  void (() => materializeOne(source, { config: { sizes: 1 } }));
  // @ts-expect-error: a client of another kind
  void (() => materializeOne(asked, { resources: { api: { at: 1 } } }));
});

test('a function can be called directly, with a context and tables', async () => {
  const context = buildContext({ config: { size: 3 }, resources: {} });
  try {
    expect(await source.materialize({}, context)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    const table = await context.input(source, [{ n: 7 }]);
    expect(await table.rows()).toEqual([{ n: 7 }]);
    expect(await context.query(sql`SELECT n + 1 AS m FROM ${table}`)).toEqual([{ m: 8 }]);
    context.metadata({ seen: 1 });
    expect([context.logs, context.entries]).toEqual([['making 3'], { seen: 1 }]);
    expect(existsSync(context.scratch)).toBe(true);
  } finally {
    await context.close();
  }
  expect(existsSync(context.root)).toBe(false);
});

describe('the partition before', () => {
  const partitions = daily({ start: '2026-03-01' });
  const partition = '2026-03-02';
  const running = asset({
    description: 'A running total.',
    partitions,
    deps: { source, before: previous() },
    schema: Row,
    materialize: ({ source, before }) =>
      sql`SELECT CAST(sum(n) AS BIGINT) AS n FROM (SELECT n FROM ${source} UNION ALL SELECT n FROM ${before})`,
  });
  const count = asset({
    description: 'How many days.',
    partitions,
    deps: { before: previous() },
    value: z.int(),
    materialize: ({ before = 0 }) => before + 1,
  });

  test('is given, or there is none', async () => {
    const inputs = { source: [{ n: 2 }] };
    expect((await materializeOne(running, { partition, inputs })).rows).toEqual([{ n: 2 }]);
    const later = await materializeOne(running, { partition, inputs, previous: [{ n: 5 }] });
    expect(later.rows).toEqual([{ n: 7 }]);
    expect((await materializeOne(count, { partition })).value).toEqual(1);
    expect((await materializeOne(count, { partition, previous: 4 })).value).toEqual(5);
  });
});
