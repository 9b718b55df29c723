import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { data_summary, top_authors, user_activity_stats } from '@acme/analytics';
import { data_extraction_summary, transformed_user_data, user_data_csv } from '@acme/simple-assets';
import { api_posts_raw, api_users_raw } from '@acme/sources';
import { posts_cleaned, posts_with_user_info, users_cleaned } from '@acme/transforms';
import { posts_enriched_csv, users_csv } from '@acme/exports';
import type { AnyAsset, JsonDocument } from '@nx-assets/core';
import { ApiServer, type Handler, materializeOne, type TestWorkspace } from '@nx-assets/testing';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awkwardData } from './support/awkward.ts';
import { COLUMNS, expectedOf, FILES, type RawData } from './support/contract.ts';
import { readTables } from './support/materialized.ts';
import { rawData } from './support/random.ts';
import { ALL, referenceWorkspace } from './support/reference.ts';
import { isThorough, thorough, timesOf } from './support/thorough.ts';

const require = createRequire(import.meta.url);
const embedded = JSON.parse(readFileSync(require.resolve('jsonplaceholder/data.json'), 'utf8')) as RawData;

/** Compares every value in the workspace with what plain TypeScript makes of the same data. */
async function checkContract(workspace: TestWorkspace, data: RawData): Promise<void> {
  const { tables, documents, files } = expectedOf(data);
  const actual = await readTables(workspace.root, Object.keys(tables));
  for (const [key, rows] of Object.entries(tables)) {
    expect.soft(actual[key]?.rows, key).toEqual(rows);
  }
  for (const [key, columns] of Object.entries(COLUMNS)) {
    expect.soft(actual[key]?.columns, key).toEqual(columns);
  }
  for (const [key, document] of Object.entries(documents)) {
    expect.soft(JSON.parse(workspace.read(`output/${key}.json`)), key).toEqual(document);
  }
  for (const { from, path } of Object.values(FILES)) {
    const bytes = readFileSync(join(workspace.root, path));
    expect.soft(bytes.toString('utf8'), path).toBe(files[path]);
    expect
      .soft(bytes.includes('\ufeff') && bytes.indexOf('\ufeff') === 0, `${path} begins with a mark`)
      .toBe(false);
    // What another reader sees: the same cells as text. It cannot tell null from the empty text.
    const [header, ...records] = parse(bytes, { record_delimiter: '\n' }) as string[][];
    expect.soft(header, path).toEqual(COLUMNS[from]);
    const cells = (tables[from] ?? []).map((row) => COLUMNS[from].map((name) => String(row[name] ?? '')));
    expect.soft(records, path).toEqual(cells);
  }
  const { exported_files } = JSON.parse(workspace.read('output/exports/export_summary.json')) as {
    exported_files: { path: string; sha256: string; bytes: number }[];
  };
  for (const { path, sha256, bytes } of exported_files) {
    const content = readFileSync(join(workspace.root, path));
    expect.soft({ sha256, bytes }, path).toEqual({
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: content.length,
    });
  }
}

describe('the real data set, embedded', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = referenceWorkspace();
    expect((await workspace.materialize()).ran).toEqual(ALL);
  });
  afterAll(() => workspace.dispose());

  test('gives every asset what the contract says, row for row', async () => {
    await checkContract(workspace, embedded);
  });

  test('has the sizes that everybody knows', async () => {
    const counts = Object.entries(await readTables(workspace.root, Object.keys(expectedOf(embedded).tables)));
    expect(Object.fromEntries(counts.map(([key, { rows }]) => [key, rows.length]))).toEqual({
      'sources/api_users_raw': 10,
      'sources/api_posts_raw': 100,
      'transforms/users_cleaned': 10,
      'transforms/posts_cleaned': 100,
      'transforms/posts_with_user_info': 100,
      'analytics/user_activity_stats': 10,
      'analytics/top_authors': 5,
      'simple-assets/raw_user_data': 10,
      'simple-assets/transformed_user_data': 10,
    });
  });

  test('reads well in a CSV file', () => {
    expect(workspace.read('output/modular_users.csv').split('\n').slice(0, 2)).toEqual([
      'user_id,name,username,email,email_domain,phone,website,street,suite,city,zipcode,lat,lng,company_name,company_catch_phrase,company_bs',
      '1,Leanne Graham,Bret,sincere@april.biz,april.biz,1-770-736-8031 x56442,hildegard.org,Kulas Light,Apt. 556,Gwenborough,92998-3874,-37.3159,81.1496,Romaguera-Crona,Multi-layered client-server neural-net,harness real-time e-markets',
    ]);
  });

  test('leaves no clock in any value: a second computation gives the same bytes', async () => {
    const values = [
      'exports/export_summary.json',
      'analytics/data_summary.json',
      'modular_posts_enriched.csv',
    ];
    const read = () => values.map((path) => workspace.read(`output/${path}`));
    const before = read();
    expect((await workspace.materialize(['run-many', '-t', 'materialize', '--skip-nx-cache'])).ran).toEqual(
      ALL,
    );
    expect(read()).toEqual(before);
  });
});

/** A document so large that it is checked and read inside the engine: only spaces make it so. */
const spacious =
  (rows: readonly object[]): Handler =>
  (_request, response) => {
    const gap = ' '.repeat(Math.ceil((9 * 1024 * 1024) / Math.max(1, rows.length)));
    response.setHeader('content-type', 'application/json');
    response.end(`[${rows.map((row) => JSON.stringify(row)).join(`,${gap}`)}${gap}]`);
  };

describe('awkward data', () => {
  let workspace: TestWorkspace;
  let api: ApiServer;
  const refresh = ['run-many', '-t', 'materialize', '--refresh'];

  beforeAll(async () => {
    workspace = referenceWorkspace();
    api = await ApiServer.start({});
  });
  afterAll(async () => {
    await api.stop();
    workspace.dispose();
  });

  async function serve(users: unknown, posts: unknown) {
    Object.assign(api.collections, { users, posts });
    const result = await workspace.materialize(refresh, { env: { JSONPLACEHOLDER_URL: api.url } });
    expect(result.code, result.output).toBe(0);
    return result;
  }

  test('of every kind at once', async () => {
    const { users, posts } = awkwardData;
    await serve(users, posts);
    await checkContract(workspace, awkwardData);
  });

  test('the same in documents of 9 MB: same bytes everywhere', async () => {
    const { users, posts } = awkwardData;
    const { assets } = await serve(spacious(users), spacious(posts));
    await checkContract(workspace, awkwardData);
    expect(assets.filter(({ changed }) => changed)).toEqual([]);
  });

  const { users, posts } = awkwardData;
  test.each([
    { name: 'no users and no posts', data: { users: [], posts: [] } },
    { name: 'no users', data: { users: [], posts } },
    { name: 'no posts', data: { users, posts: [] } },
    {
      name: 'one user and one post of another',
      data: { users: users.slice(0, 1), posts: posts.slice(1, 2) },
    },
  ])('$name', async ({ data }) => {
    await serve(data.users, data.posts);
    await checkContract(workspace, data);
  });

  test('fields that nobody asked for are left out', async () => {
    const more = users.map((user) => ({
      ...user,
      avatar: { url: 'x' },
      address: { ...user.address, planet: 1 },
    }));
    const plain = users.map((user) => ({ ...user, address: { ...user.address } }));
    await serve(more, posts);
    await checkContract(workspace, { users: plain, posts });
  });

  thorough('in tables of 25 000 rows, which the engine checks and writes: the same', async () => {
    const many = <T extends { id: number }>(rows: readonly T[], count: number) =>
      Array.from({ length: count }, (_, id) => ({ ...(rows[id % rows.length] as T), id }));
    const short = (row: object) => JSON.stringify(row).length < 1000;
    const data = {
      users: many(users.filter(short), 25_000),
      posts: many(posts.filter(short), 25_000).map((post) => ({
        ...post,
        userId: (post.id * post.id) % 30_011,
      })),
    };
    await serve(data.users, data.posts);
    await checkContract(workspace, data);
  });

  thorough('of random kinds and sizes', async () => {
    const samples = fc.sample(rawData({ maxUsers: 60, maxPosts: 300 }), {
      numRuns: isThorough ? 8 : 2,
      seed: 17,
    });
    for (const data of samples) {
      await serve(data.users, data.posts);
      await checkContract(workspace, data);
    }
  });
});

/** How many random data sets. `RUNS=500 npx vitest run --project front-door contract -t alone` looks longer. */
const RUNS = timesOf('RUNS', 5, 30);

describe('each asset alone, on random data', () => {
  /** What an asset makes of literals, with the tables and documents of the contract as its deps. */
  async function make(definition: AnyAsset, inputs: object): Promise<Record<string, unknown>> {
    return (await materializeOne(definition, { inputs: inputs as never })) as unknown as Record<
      string,
      unknown
    >;
  }

  /** An API that leaves its rows in a document, of 9 MB if asked. */
  const api = (rows: readonly object[], gap: string) => ({
    collection: async (name: string, { scratch }: { scratch: string }): Promise<JsonDocument> => {
      const path = join(scratch, 'rows.json');
      writeFileSync(path, `[${rows.map((row) => JSON.stringify(row)).join(',')}${gap}]`);
      return { type: 'json-document', path, source: name, uniqueBy: 'id' };
    },
  });

  test('the sources, from small and from large documents', { timeout: 20_000 * RUNS }, async () => {
    const gaps = fc.constantFrom('', ' '.repeat(9 * 1024 * 1024));
    await fc.assert(
      fc.asyncProperty(rawData(), gaps, async (data, gap) => {
        const { tables } = expectedOf(data);
        const users = await materializeOne(api_users_raw, { resources: { api: api(data.users, gap) } });
        expect(users.rows).toEqual(tables['sources/api_users_raw']);
        const posts = await materializeOne(api_posts_raw, { resources: { api: api(data.posts, gap) } });
        expect(posts.rows).toEqual(tables['sources/api_posts_raw']);
      }),
      { numRuns: RUNS },
    );
  });

  thorough('what is made of them', { timeout: 20_000 * RUNS }, async () => {
    await fc.assert(
      fc.asyncProperty(rawData(), async (data) => {
        const { tables, documents, files } = expectedOf(data);
        const api_users_raw = tables['sources/api_users_raw'];
        const api_posts_raw = tables['sources/api_posts_raw'];
        const users = tables['transforms/users_cleaned'];
        const posts = tables['transforms/posts_cleaned'];
        const enriched = tables['transforms/posts_with_user_info'];
        const stats = tables['analytics/user_activity_stats'];
        const flat = tables['simple-assets/transformed_user_data'];
        const both = { users_cleaned: users, posts_cleaned: posts };
        const csv = { text: files[FILES.user_data_csv.path], path: FILES.user_data_csv.path };
        expect((await make(users_cleaned, { api_users_raw })).rows).toEqual(users);
        expect((await make(posts_cleaned, { api_posts_raw })).rows).toEqual(posts);
        expect((await make(posts_with_user_info, both)).rows).toEqual(enriched);
        expect((await make(user_activity_stats, both)).rows).toEqual(stats);
        expect((await make(top_authors, { user_activity_stats: stats })).rows).toEqual(
          tables['analytics/top_authors'],
        );
        expect((await make(data_summary, { ...both, user_activity_stats: stats })).value).toEqual(
          documents['analytics/data_summary'],
        );
        expect((await make(transformed_user_data, { raw_user_data: api_users_raw })).rows).toEqual(flat);
        expect((await make(user_data_csv, { table: flat })).text).toBe(csv.text);
        expect(
          (await make(data_extraction_summary, { transformed_user_data: flat, user_data_csv: csv })).value,
        ).toEqual(documents['simple-assets/data_extraction_summary']);
        expect((await make(users_csv, { table: users })).text).toBe(files[FILES.users_csv.path]);
        expect((await make(posts_enriched_csv, { table: enriched })).text).toBe(
          files[FILES.posts_enriched_csv.path],
        );
      }),
      { numRuns: RUNS },
    );
  });
});
