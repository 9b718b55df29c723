import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  accepted,
  asset,
  type AssetKey,
  type Check,
  type CheckScene,
  type DataVersion,
  newest,
  notNull,
  pattern,
  range,
  refersTo,
  rowCount,
  runChecks,
  sameSchema,
  type Sql,
  steady,
  steadyRowCount,
  type Table,
  unique,
} from './index.ts';

const schema = z.object({ id: z.int(), name: z.string().nullable(), at: z.string() });
const materialize = (): never[] => [];
const parents = asset({ description: 'd', schema: z.object({ key: z.int() }), materialize });
const base = { description: 'd', schema, materialize } as const;

const table: Table<Record<string, unknown>> = {
  type: 'table',
  key: 'g/t' as AssetKey,
  path: '/t.parquet',
  paths: [],
  rowCount: 3,
  columns: [{ name: 'id', nullable: false, type: 'integer' }],
  dataVersion: '' as DataVersion,
  rows: () => Promise.resolve([]),
  stream: async function* () {},
};

/** Runs checks over a table whose queries give these rows, one after another; says what was asked. */
async function run(
  checks: readonly Check[],
  answers: readonly (readonly object[])[] = [],
  options: Partial<CheckScene> = {},
) {
  const asked: Sql[] = [];
  const left = [...answers];
  const results = await runChecks(checks, {
    value: table,
    signal: new AbortController().signal,
    now: new Date('2026-01-02T00:00:00Z'),
    preview: true,
    query: <Row>(query: Sql) => {
      asked.push(query);
      return Promise.resolve((left.shift() ?? []) as Row[]);
    },
    tableOf: () => table,
    previousColumns: null,
    passedBefore: () => Promise.resolve([]),
    ...options,
  });
  return { results, texts: asked.map(textOf), asked };
}

const textOf = ({ strings, values }: Sql): string =>
  strings.reduce((text, piece, index) => {
    const value = values[index - 1];
    const shown =
      typeof value !== 'object' || value === null ? '?' : value.type === 'sql' ? `(${textOf(value)})` : 'T';
    return `${text}${shown}${piece}`;
  });

describe('what a check asks', () => {
  test.each<[Check, string]>([
    [notNull('id'), 'SELECT count(*) AS failed FROM T WHERE ("id" IS NULL)'],
    [
      accepted('name', ['a', "b'"]),
      'SELECT count(*) AS failed FROM T WHERE ("name" IS NOT NULL AND "name" NOT IN (?, ?))',
    ],
    [
      range('id', { min: 1, max: 2 }),
      'SELECT count(*) AS failed FROM T WHERE (FALSE OR "id" < ? OR "id" > ?)',
    ],
    [
      pattern('name', /a/i),
      'SELECT count(*) AS failed FROM T WHERE ("name" IS NOT NULL AND NOT regexp_matches("name", ?))',
    ],
    [
      refersTo('id', parents, 'key'),
      'SELECT count(*) AS failed FROM T WHERE ("id" IS NOT NULL AND "id" NOT IN (SELECT "key" FROM T WHERE "key" IS NOT NULL))',
    ],
  ])('%# is one query, and values are parameters', async (check, text) => {
    const { results, texts } = await run([check], [[{ failed: 0 }]]);
    expect(texts).toEqual([text]);
    expect(results).toMatchObject([{ passed: true, facts: { failed: 0, rows: 3 } }]);
  });

  test('of names that look like SQL is quoted', async () => {
    const { texts } = await run([unique('a"b')], [[{ failed: 0 }]]);
    expect(texts[0]).toContain('GROUP BY "a""b"');
  });

  test('of a failure is its rows, but where they may not be shown', async () => {
    const answers = [[{ failed: 2 }], [{ id: null }]];
    expect((await run([notNull('id')], answers)).results).toMatchObject([
      { passed: false, rows: [{ id: null }] },
    ]);
    expect((await run([unique('id')], answers)).results).toMatchObject([
      { passed: false, rows: [{ id: null }] },
    ]);
    const hidden = await run([notNull('id')], answers, { preview: false });
    expect(hidden.results).toMatchObject([{ passed: false, rows: [] }]);
    expect(hidden.texts).toHaveLength(1);
  });
});

describe('what needs no query', () => {
  test.each<[Check, boolean, Partial<CheckScene>]>([
    [rowCount({ min: 3 }), true, {}],
    [rowCount({ max: 2 }), false, {}],
    [rowCount({ min: 4, max: 5 }), false, {}],
    [sameSchema(), true, {}],
    [sameSchema(), true, { previousColumns: table.columns }],
    [sameSchema(), false, { previousColumns: [] }],
    [steadyRowCount(), true, {}],
    [
      steadyRowCount(),
      true,
      { passedBefore: () => Promise.resolve([{ value: 4 }, { value: 2 }, { value: 6 }]) },
    ],
    [
      steadyRowCount({ factor: 1.1 }),
      false,
      { passedBefore: () => Promise.resolve([{ value: 4 }, { value: 2 }, { value: 6 }]) },
    ],
  ])('%#', async (check, passed, scene) => {
    expect((await run([check], [], scene)).results).toMatchObject([{ passed }]);
  });

  test.each([
    ['2026-01-01T23:30:00Z', true],
    ['2026-01-01T22:30:00Z', false],
    [null, false],
    ['not a time', false],
  ])('the newest time %s', async (last, passed) => {
    expect((await run([newest('at', '1h')], [[{ last }]])).results).toMatchObject([
      { passed, facts: { newest: last } },
    ]);
  });
});

describe('a statistic that is to be steady', () => {
  const before = (...values: unknown[]) => ({
    passedBefore: () => Promise.resolve(values.map((value) => ({ value }) as { value: number })),
  });

  test.each([
    ['nulls', 'count(*) FILTER (WHERE "a""b" IS NULL) / count(*)'],
    ['distinct', 'count(DISTINCT "a""b")'],
    ['mean', 'avg("a""b")'],
    ['min', 'min("a""b")'],
    ['max', 'max("a""b")'],
    ['sum', 'sum("a""b")'],
  ] as const)('%s is one query', async (statistic, text) => {
    const { texts, results } = await run([steady('a"b', statistic)], [[{ value: 3 }]]);
    expect(texts).toEqual([`SELECT CAST(${text} AS DOUBLE) AS value FROM T`]);
    expect(results).toMatchObject([{ name: `steady_${statistic}_a"b`, facts: { value: 3, median: null } }]);
  });

  test.each([
    [5, [10, 1_000, 10], true],
    [4.9, [10, 1_000, 10], false],
    [20, [10], true],
    [20.1, [10], false],
    // Below zero the smaller bound is the one that is multiplied.
    [-20, [-10], true],
    [-5, [-10], true],
    [-21, [-10], false],
    [-4, [-10], false],
    [0, [0], true],
    [1, [0], false],
    // Nothing to compare it with.
    [1_000, [], true],
    [1_000, [null, 'text'], true],
  ])('may be %d after %j: %s', async (value, earlier, passed) => {
    const { results } = await run([steady('a', 'sum')], [[{ value }]], before(...earlier));
    expect(results).toMatchObject([{ passed, facts: { value } }]);
  });

  test('and is not there any more does not pass, but where it never was', async () => {
    for (const answer of [[{ value: null }], []]) {
      expect((await run([steady('a', 'mean')], [answer], before(3))).results).toMatchObject([
        { passed: false, facts: { value: null, median: 3 } },
      ]);
      expect((await run([steady('a', 'mean')], [answer])).results).toMatchObject([{ passed: true }]);
    }
  });

  test('is compared with as many runs as it says', async () => {
    const asked: unknown[] = [];
    await run([steady('a', 'sum', { runs: 9 })], [[{ value: 1 }]], {
      passedBefore: (check, runs) => (asked.push([check, runs]), Promise.resolve([])),
    });
    expect(asked).toEqual([['steady_sum_a', 9]]);
  });
});

test('columns that came, went or changed are named', async () => {
  const column = (name: string, nullable = false) => ({ name, nullable, type: 'integer' }) as const;
  const value = { ...table, columns: [column('kept'), column('changed'), column('added')] };
  const previousColumns = [column('kept'), column('changed', true), column('removed')];
  const { results } = await run([sameSchema()], [], { value, previousColumns });
  expect(results).toMatchObject([
    { passed: false, facts: { added: ['added'], removed: ['removed'], changed: ['changed'] } },
  ]);
});

describe('a check that goes wrong', () => {
  test('does not pass, and says why', async () => {
    const query = () => Promise.reject(new Error('no such column'));
    expect((await run([notNull('id')], [], { query })).results).toMatchObject([
      { passed: false, facts: { error: 'no such column' } },
    ]);
    const odd = () =>
      Promise.reject(new Error('x', { cause: 1 })).catch(() => Promise.reject('text' as never));
    expect((await run([notNull('id')], [], { query: odd })).results).toMatchObject([
      { facts: { error: 'text' } },
    ]);
  });

  test('without the table that it refers to does not pass', async () => {
    const { results } = await run([refersTo('id', parents, 'key')], [], { tableOf: () => undefined });
    expect(results).toMatchObject([
      { passed: false, facts: { error: expect.stringContaining('not among') as unknown } },
    ]);
  });

  test('because the run was cancelled ends the run', async () => {
    const cancellation = new AbortController();
    const query = () => {
      cancellation.abort();
      return Promise.reject(new Error('interrupted'));
    };
    await expect(run([notNull('id')], [], { query, signal: cancellation.signal })).rejects.toThrow(
      'interrupted',
    );
    await expect(run([notNull('id')], [], { signal: cancellation.signal })).rejects.toThrow();
  });
});

describe('a definition', () => {
  test('keeps its checks, functions among them', async () => {
    const { checks } = asset({
      ...base,
      checks: [
        unique('id', { name: 'ids', description: 'Ids differ.', severity: 'warn' }),
        { name: 'has_rows', passes: ({ value }) => value.rowCount > 0 },
        {
          name: 'told',
          severity: 'warn',
          description: 'It is told.',
          passes: () => ({ passed: false, facts: { a: 1 } }),
        },
        { name: 'bare', passes: () => ({ passed: true }) },
      ],
    });
    expect(checks).toMatchObject([
      {
        name: 'ids',
        description: 'Ids differ.',
        severity: 'warn',
        rule: { kind: 'unique', columns: ['id'] },
      },
      { name: 'has_rows', description: 'has rows.', severity: 'error' },
      { name: 'told', description: 'It is told.', severity: 'warn' },
      { name: 'bare' },
    ]);
    expect((await run(checks.slice(1))).results).toMatchObject([
      { passed: true, facts: {} },
      { passed: false, facts: { a: 1 } },
      { passed: true, facts: {} },
    ]);
  });

  test.each([
    [{ ...base, checks: [unique('nope' as 'id')] }, 'looks at "nope", which is no column of the schema'],
    [{ ...base, checks: [notNull('id'), notNull('id')] }, 'The check not_null_id is there twice'],
    [{ ...base, checks: [refersTo('id', parents, 'key')] }, 'refers to an asset that is not among the deps'],
    [
      {
        description: 'd',
        file: 'a.txt',
        checks: [rowCount({ min: 1 }) as never],
        materialize: (): void => undefined,
      },
      'is for tables, which this asset is not',
    ],
  ])('%# that cannot be checked is refused', (definition, facts) => {
    expect(() => asset(definition as Parameters<typeof asset>[0])).toThrow(facts);
  });

  test.each([
    () => rowCount({}),
    () => rowCount({ min: 2, max: 1 }),
    () => range('id', { min: Number.NaN }),
    () => steadyRowCount({ factor: 1 }),
    () => steadyRowCount({ runs: 0 }),
    () => unique([]),
    () => newest('at', 'soon' as '1h'),
  ])('%# whose bounds make no sense is refused', (make) => {
    expect(make).toThrow('ASSET_OPTION_INVALID');
  });

  test('says in words what it checks', () => {
    const words = [
      rowCount({ min: 1 }),
      rowCount({ max: 2 }),
      rowCount({ min: 1, max: 2 }),
      unique(['id', 'name']),
      accepted('name', ['a', 'b']),
      pattern('name', /^a.b$/is),
      refersTo('id', parents, 'key'),
      newest('at', '1h'),
    ];
    expect(words.map(({ description }) => description)).toEqual([
      'It has at least 1 row.',
      'It has at most 2 rows.',
      'It has 1 to 2 rows.',
      'id, name never repeats.',
      'name is one of "a", "b".',
      'name fits /^a.b$/is.',
      'id is a key of its parent.',
      'The newest at is not older than 1h.',
    ]);
    expect(words[5]?.rule).toMatchObject({ pattern: '(?is)^a.b$' });
  });
});
