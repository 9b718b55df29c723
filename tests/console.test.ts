import { mkdirSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AssetDetail,
  CheckView,
  CompareView,
  LogPage,
  MaterializationView,
  PartitionsView,
  PreviewView,
  RowsDiff,
  RunDetail,
  RunStarted,
  RunView,
  StepView,
  WorkspaceView,
} from '@nx-assets/console/wire';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleServer } from './console/server.ts';
import { SHOP } from './console/shop.ts';

let workspace: TestWorkspace;
let server: ConsoleServer;

const get = async <T>(path: string): Promise<T> => (await server.call<T>(path)).body;
const view = () => get<WorkspaceView>('/api/workspace');
const assetIn = ({ assets }: WorkspaceView, key: string) => assets.find((asset) => asset.key === key);

beforeAll(async () => {
  workspace = new TestWorkspace().group('shop', { 'index.ts': SHOP });
  await workspace.nx(['run-many', '-t', 'raw,names,after,hidden']);
  server = await ConsoleServer.start(workspace);
});
afterAll(async () => {
  await server.stop();
  workspace.dispose();
});

describe('the console answers', () => {
  test('how everything stands, and what one asset is', async () => {
    const now = await view();
    expect(now.groups).toEqual([
      { name: 'shop', path: 'packages/shop', owner: '@test/team', description: 'The shop.' },
    ]);
    expect(Object.fromEntries(now.assets.map(({ name, status }) => [name, status.statuses[0]]))).toEqual({
      raw: 'fresh',
      names: 'fresh',
      after: 'fresh',
      hidden: 'fresh',
      days: 'missing',
      slow: 'missing',
    });
    expect(assetIn(now, 'shop/raw')?.status).toMatchObject({
      rowCount: 3,
      checks: { passed: 2, warned: 0, failed: 0 },
    });

    const detail = await get<AssetDetail>('/api/assets/shop/names');
    expect(detail).toMatchObject({
      command: 'npx nx run shop:names',
      path: 'output/shop/names.parquet',
      downstream: ['shop/after'],
      columns: [{ name: 'name', type: 'string', nullable: false, change: null }],
      record: { rowCount: 3, inputs: [{ key: 'shop/raw' }] },
    });
    const [made] = await get<readonly { runId: string; inputs: unknown[] }[]>(
      '/api/assets/shop/names/history',
    );
    expect(made?.inputs).toHaveLength(1);
  });

  test('rows by page and in order, and none of an asset that keeps them', async () => {
    const page = await get<PreviewView>('/api/assets/shop/raw/preview?limit=2&sort=id&direction=desc');
    expect(page).toMatchObject({ kind: 'rows', total: 3, rows: [{ id: 2 }, { id: 1, name: 'row <i>1' }] });
    const next = await get<PreviewView>(
      '/api/assets/shop/raw/preview?limit=2&offset=2&sort=id&direction=desc',
    );
    expect(next).toMatchObject({ rows: [{ id: 0 }], offset: 2 });
    expect(await get<PreviewView>('/api/assets/shop/hidden/preview')).toMatchObject({ kind: 'none' });
    expect((await server.call('/api/assets/shop/raw/preview?sort=id;drop')).status).toBe(400);
    expect((await server.call('/api/assets/shop/raw/preview?limit=-1')).status).toBe(400);
    expect((await server.call('/api/assets/shop/nothing')).status).toBe(400);
  });

  test('runs, their steps and lines, and checks', async () => {
    const [run] = await get<readonly RunView[]>('/api/runs');
    expect(run).toMatchObject({ status: 'succeeded', counts: { materialized: 4 }, isHere: true });
    const detail = await get<RunDetail>(`/api/runs/${run?.id}`);
    expect(detail.steps.map(({ key, status }) => `${key} ${status}`)).toContain('shop/raw materialized');
    const { lines, hasMore } = await get<LogPage>(`/api/runs/${run?.id}/logs`);
    expect(lines.filter(({ key }) => key === 'shop/raw').map(({ message }) => message)).toEqual([
      '\u001b[31mred\u001b[0m <script>alert(1)</script>',
    ]);
    expect(lines[1]).toMatchObject({ key: 'shop/names', message: 'a line\nof two' });
    expect(hasMore).toBe(false);
    const checks = await get<readonly CheckView[]>('/api/checks');
    expect(checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['unique_id', true],
      ['row_count', true],
    ]);
    // Facts have the names that a check gives them, and rows that do not pass lie beside them.
    expect(checks.map(({ facts, rows }) => [facts['rows'], rows])).toEqual([
      [3, []],
      [3, []],
    ]);
  });

  test('how partitions stand, and makes those that are missing', async () => {
    const before = await get<PartitionsView>('/api/assets/shop/days/partitions');
    expect(before).toMatchObject({ states: 'm'.repeat(10), ends: ['2026-03-01', '2026-03-10'] });
    const stream = server.listen();
    const request = { assets: ['shop/days'], partition: '2026-03-02...2026-03-03' };
    const started = await server.post<RunStarted>('/api/runs', request);
    expect(started.body.commands).toEqual(['npx nx run shop:days --partition=2026-03-02...2026-03-03']);
    const ended = (event: { readonly type: string }) =>
      event.type === 'run' && (event as unknown as { run: RunView }).run.status === 'succeeded';
    await stream.until(ended);
    const again = await server.post<RunStarted>('/api/runs', { assets: [], again: started.body.runs[0] });
    expect(again.body.commands).toEqual(started.body.commands);
    const [second] = again.body.runs;
    await stream.until((event) => ended(event) && (event as unknown as { run: RunView }).run.id === second);
    stream.close();
    const now = await get<PartitionsView>('/api/assets/shop/days/partitions?state=fresh');
    expect(now.states).toBe('mffmmmmmmm');
    expect(now.page.map(({ key }) => key)).toEqual(['2026-03-02', '2026-03-03']);
    const wrong = await server.post('/api/runs', { ...request, partition: '2027-01-01' });
    expect([wrong.status, wrong.body]).toMatchObject([400, { code: 'PARTITION_UNKNOWN' }]);
  });
});

describe('the console tells live', () => {
  test('of a run that it starts, by the command that a person would type, and of what failed', async () => {
    workspace.write({ broken: '' });
    const { cursor } = await view();
    const stream = server.listen(`?after=${cursor}`);
    const { body } = await server.post<RunStarted>('/api/runs', { assets: ['shop/names'], force: true });
    expect(body).toMatchObject({ commands: ['npx nx run shop:names --skip-nx-cache'], isUpToDate: false });
    const [id] = body.runs;
    await stream.until(
      (event) =>
        event.type === 'steps' &&
        (event['steps'] as StepView[]).some(
          ({ key, status, runId }) => key === 'shop/names' && status === 'failed' && runId === id,
        ),
    );
    await stream.until((event) => event.type === 'statuses' && 'shop/names' in (event['statuses'] as object));
    stream.close();
    const detail = await get<AssetDetail>('/api/assets/shop/names');
    expect(detail.asset.status.statuses).toContain('failed');
    expect(detail.asset.status.failure?.message).toContain('the shelf fell down');
    expect(detail.blocks).toEqual(['shop/after']);
    expect((await get<RunDetail>(`/api/runs/${id}`)).again).toEqual(['npx nx run shop:names']);
    workspace.remove('broken');
  });

  test('of a run in a terminal, and after a dropped connection of what was missed', async () => {
    const { cursor } = await view();
    const stream = server.listen();
    await workspace.nx(['run', 'shop:names']);
    await stream.until((event) => event.type === 'run' && (event['run'] as RunView).status === 'succeeded');
    stream.close();
    const late = server.listen(`?after=${cursor}`);
    const steps = await late.until((event) => event.type === 'steps');
    expect((steps['steps'] as StepView[]).map(({ key, status }) => [key, status])).toContainEqual([
      'shop/names',
      'up-to-date',
    ]);
    // What is sent at first may be older than what just ended; how that stands comes after it.
    await late.until((event) => {
      const statuses = event['statuses'] as Record<string, { statuses: string[] }> | undefined;
      return statuses?.['shop/names']?.statuses.join() === 'fresh';
    });
    late.close();
  });

  test('from which cache a step came', async () => {
    workspace.remove('output/shop/names.parquet').remove('output/shop/names.record.json');
    await workspace.nx(['run', 'shop:names']);
    const [last] = await get<readonly RunView[]>('/api/runs');
    const { steps } = await get<RunDetail>(`/api/runs/${last?.id}`);
    expect(steps.find(({ key }) => key === 'shop/names')).toMatchObject({
      status: 'up-to-date',
      source: 'local',
    });
  });

  test('nothing that is up to date is run', async () => {
    expect(
      (await server.post<RunStarted>('/api/runs', { assets: ['shop/names', 'shop/after'] })).body,
    ).toEqual({
      runs: [],
      commands: [],
      isUpToDate: true,
    });
  });

  test('a run is cancelled as by Ctrl-C', async () => {
    const stream = server.listen();
    const { body } = await server.post<RunStarted>('/api/runs', { assets: ['shop/slow'] });
    const [id] = body.runs;
    await stream.until(
      (event) =>
        event.type === 'steps' && (event['steps'] as StepView[]).some(({ key }) => key === 'shop/slow'),
    );
    // A page that is opened now knows of it too.
    const { running } = await view();
    expect(running).toMatchObject([{ key: 'shop/slow', status: 'running', runId: id }]);
    expect((await server.post(`/api/runs/${id}/cancel`)).status).toBe(200);
    await stream.until((event) => event.type === 'run' && (event['run'] as RunView).status === 'cancelled');
    stream.close();
    const { steps } = await get<RunDetail>(`/api/runs/${id}`);
    const step = steps.find(({ key }) => key === 'shop/slow');
    expect(step?.status).toBe('cancelled');
    expect(step?.finishedAt).toBeGreaterThan(step?.startedAt ?? 0);
    expect((await view()).running).toEqual([]);
  });

  test('of definitions that change, and of some that do not compile: the rest goes on', async () => {
    const stream = server.listen();
    const file = 'packages/shop/src/index.ts';
    workspace.edit(file, (text) => text.replace('Their names.', 'All names.'));
    await stream.until((event) => event.type === 'definitions');
    expect(assetIn(await view(), 'shop/names')?.description).toBe('All names.');
    workspace.edit(file, (text) => `${text}\nthis is not TypeScript(`);
    const { problem } = (await stream.until((event) => event.type === 'problem')) as unknown as WorkspaceView;
    expect(problem).toMatchObject({ code: 'DEFINITION_SYNTAX', file, line: SHOP.split('\n').length + 1 });
    expect(assetIn(await view(), 'shop/names')?.description).toBe('All names.');
    workspace.edit(file, (text) => text.replace('\nthis is not TypeScript(', ''));
    await stream.until((event) => event.type === 'problem' && event['problem'] === null);
    stream.close();
  });

  test('also when it starts while definitions do not compile: with what they said before', async () => {
    const file = 'packages/shop/src/index.ts';
    workspace.edit(file, (text) => `${text}\nthis is not TypeScript(`);
    await server.stop('SIGTERM');
    server = await ConsoleServer.start(workspace);
    const { problem, assets } = await view();
    expect(problem).toMatchObject({ code: 'DEFINITION_SYNTAX', file });
    expect(assets.map(({ key }) => key)).toContain('shop/names');
    const exported = await workspace.command(['console', 'export', '--to', 'broken-site']);
    expect([exported.code, workspace.exists('broken-site')]).toEqual([1, false]);
    expect(exported.output).toContain('DEFINITION_SYNTAX');
    const stream = server.listen();
    workspace.edit(file, (text) => text.replace('\nthis is not TypeScript(', ''));
    await stream.until((event) => event.type === 'problem' && event['problem'] === null);
    stream.close();
  });

  test('and goes on after the server was killed', async () => {
    const { cursor } = await view();
    await server.stop('SIGKILL');
    await workspace.nx(['run', 'shop:hidden', '--skip-nx-cache']);
    server = await ConsoleServer.start(workspace);
    const stream = server.listen(`?after=${cursor}`);
    const steps = await stream.until((event) => event.type === 'steps');
    expect((steps['steps'] as StepView[])[0]?.key).toBe('shop/hidden');
    stream.close();
  });
});

test('two runs are compared: rows by their key', async () => {
  const run = async (rows: string) => {
    await workspace.nx(['run', 'shop:raw'], { env: { ROWS: rows } });
    return (await get<readonly RunView[]>('/api/runs'))[0]?.id ?? '';
  };
  const [from, to] = [await run('3'), await run('5')];
  const { assets } = await get<CompareView>(`/api/compare?from=${from}&to=${to}`);
  expect(assets).toMatchObject([
    { key: 'shop/raw', rowCount: [3, 5], rows: { added: 2, removed: 0, changed: 0 }, cause: 'outside' },
  ]);
  const diff = await get<RowsDiff>(`/api/compare/rows?from=${from}&to=${to}&asset=shop/raw`);
  expect(diff).toMatchObject({
    by: ['id'],
    total: 2,
    rows: [{ change: 'added', was: null, now: { id: 3 } }, {}],
  });

  // The same as two records of the asset, whichever runs made them.
  const [now, was] = await get<readonly MaterializationView[]>('/api/assets/shop/raw/history');
  const records = `from=record:${was?.id}&to=record:${now?.id}`;
  const compared = await get<CompareView>(`/api/compare?${records}`);
  expect(compared).toMatchObject({ assets: [{ key: 'shop/raw', rowCount: [3, 5] }], unchanged: 0 });
  expect(await get<RowsDiff>(`/api/compare/rows?${records}&asset=shop/raw`)).toMatchObject({ total: 2 });
  for (const unknown of ['record:999999', 'record:1;drop']) {
    const { status } = await server.call(`/api/compare?from=${unknown}&to=record:${now?.id}`);
    expect(status).toBe(400);
  }
});

test('an export opens without a server: every answer is a script that carries no markup', async () => {
  const { output, code } = await workspace.command(['console', 'export', '--to', 'site']);
  expect([code, output]).toEqual([0, expect.stringContaining('site/index.html')]);
  const index = workspace.read('site/data/index.js');
  expect(index).toContain('shop/raw');
  expect(index).not.toMatch(/<\/?[a-z]/i);
  const files = [...index.matchAll(/"(data\/\d+\.js)"/g)].map(([, file]) => file ?? '');
  expect(files.length).toBeGreaterThan(15);
  for (const file of files) expect(workspace.read(`site/${file}`)).not.toContain('<');
  expect(workspace.read('site/index.html')).toContain('<script defer src="./data/index.js">');
});

describe('the console lets nobody in', () => {
  const asked = { assets: ['shop/raw'], force: true };
  const runs = async () => (await get<readonly RunView[]>('/api/runs')).length;
  const refused = async (headers: Readonly<Record<string, string>>, path = '/api/runs', method = 'POST') => {
    const before = await runs();
    const { status, body } = await server.call<{ code: string }>(path, {
      method,
      headers,
      body: method === 'POST' ? asked : undefined,
    });
    expect(await runs()).toBe(before);
    return [status, body?.code];
  };

  test('who has no token, or a wrong one: not even to read', async () => {
    const wrong = [{}, { authorization: `Bearer ${'a'.repeat(32)}` }, { cookie: 'nx-assets-x=1' }];
    for (const headers of wrong) {
      expect(await refused(headers)).toEqual([401, 'SESSION_WANTED']);
      expect(await refused(headers, '/api/plan')).toEqual([401, 'SESSION_WANTED']);
      expect(await refused(headers, '/api/runs/x/cancel')).toEqual([401, 'SESSION_WANTED']);
      for (const path of ['/api/workspace', '/api/live'])
        expect(await refused(headers, path, 'GET')).toEqual([401, 'SESSION_WANTED']);
      for (const method of ['PUT', 'DELETE', 'PATCH'])
        expect(await refused(headers, '/api/runs', method)).toEqual([401, 'SESSION_WANTED']);
      const page = await server.call('/groups', { headers });
      expect([page.status, page.text]).toEqual([401, expect.stringContaining('not signed in')]);
    }
  });

  test('but who opens the address that it printed, which sets a cookie', async () => {
    const { pathname, search } = new URL(server.signIn);
    const opened = await server.call(pathname + search, { headers: {} });
    expect([opened.status, opened.headers.location]).toEqual([303, '/']);
    const [cookie = ''] = opened.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    const headers = { cookie: cookie.slice(0, cookie.indexOf(';')) };
    expect(cookie).not.toContain(new URL(server.signIn).searchParams.get('token'));
    expect((await server.call('/api/workspace', { headers })).status).toBe(200);
    // A page of another port of this machine has the cookie, too.
    const foreign = { ...headers, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' };
    expect(await refused(foreign)).toEqual([403, 'ORIGIN_REFUSED']);
    expect(await refused(foreign, '/api/workspace', 'GET')).toEqual([403, 'ORIGIN_REFUSED']);
  });

  test('by another name for this machine, or from another page', async () => {
    const own = server.headers;
    expect(await refused({ ...own, host: 'evil.example' })).toEqual([403, 'HOST_REFUSED']);
    expect(await refused({ ...own, host: `evil.example:${server.port}` })).toEqual([403, 'HOST_REFUSED']);
    expect(await refused({ ...own, host: `127.0.0.1:${server.port + 1}` })).toEqual([403, 'HOST_REFUSED']);
    expect(await refused({ ...own, origin: 'http://evil.example' })).toEqual([403, 'ORIGIN_REFUSED']);
    expect(await refused({ ...own, origin: 'null' })).toEqual([403, 'ORIGIN_REFUSED']);
    const headers = { ...own, origin: server.address };
    expect((await server.call('/api/plan', { method: 'POST', headers, body: asked })).status).toBe(200);
    // Nor may they read: rows are in the answers.
    for (const foreign of [{ host: 'evil.example' }, { origin: 'http://evil.example' }])
      expect(await refused({ ...own, ...foreign }, '/api/workspace', 'GET')).toEqual([
        403,
        expect.any(String),
      ]);
  });

  test('with names that mean something to a shell or a file system', async () => {
    const started = join(workspace.root, 'pwned');
    for (const assets of [
      ['shop/raw; touch pwned'],
      ['$(touch pwned)'],
      ['../../etc/passwd'],
      ['--help'],
      [7],
      'everything',
      null,
    ]) {
      expect((await server.post('/api/runs', { assets })).status).toBe(400);
    }
    const flags = [
      { partition: '2026-03-01; touch pwned' },
      { partition: '--help' },
      { partition: 7 },
      { only: '; touch pwned' },
      { job: 'a:b; touch pwned' },
      { again: '; touch pwned' },
      { again: 7 },
    ];
    for (const more of flags)
      expect((await server.post('/api/runs', { assets: ['shop/days'], ...more })).status).toBe(400);
    expect((await server.post('/api/runs', 'no json')).status).toBe(400);
    // It is refused before it is read: who still writes may find nobody there.
    const long = server.post('/api/runs', { ...asked, again: 'x'.repeat(2_000_000) });
    expect(
      await long.then(
        ({ status }) => status,
        () => 413,
      ),
    ).toBe(413);
    await sleep(500);
    expect(existsSync(started)).toBe(false);
    writeFileSync(join(workspace.root, 'keep.js'), 'secret');
    mkdirSync(join(workspace.root, 'files'), { recursive: true });
    for (const path of [
      '/../keep.js',
      '/files/../../../keep.js',
      '/files/..%2f..%2fkeep.js',
      '/%2e%2e/keep.js',
      '//etc/passwd',
    ])
      expect((await server.call(path)).text).not.toContain('secret');
    for (const path of [
      '/api/assets/..%2f..%2fetc/passwd',
      '/api/assets/shop/..',
      '/api/runs/..%2f..',
      "/api/assets/shop/raw/preview?sort=id'--",
    ]) {
      const { status, text } = await server.call(path);
      expect([path, status < 500]).toEqual([path, true]);
      expect(text).not.toContain('root:');
    }
  });

  test('nor does a page load or run anything of others', async () => {
    const { headers, text } = await server.call('/lineage?filter=%3Cscript%3E');
    expect(headers['content-security-policy']).toMatch(
      /default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(text).not.toContain('<script>');
    expect(
      [...text.matchAll(/(?:src|href)="([^"]+)"/g)]
        .map(([, address]) => address)
        .filter((one) => /^(https?:)?\/\//.test(one ?? '')),
    ).toEqual([]);
  });

  test('from other machines, but with a password', async () => {
    const open = await workspace.command(['console', '--port', '0', '--host', '0.0.0.0']);
    expect([open.code, open.output]).toEqual([2, expect.stringContaining('NX_ASSETS_CONSOLE_PASSWORD')]);
    const named = await workspace.command(['console', '--port', '0', '--name', 'console.test']);
    expect([named.code, named.output]).toEqual([2, expect.stringContaining('as console.test')]);
    const guarded = await ConsoleServer.start(workspace, ['--host', '127.0.0.2', '--name', 'console.test'], {
      NX_ASSETS_CONSOLE_PASSWORD: 'open sesame',
    }).catch((error: unknown) => error as Error);
    if (guarded instanceof Error) throw guarded;
    const host = { host: `console.test:${guarded.port}` };
    const basic = (password: string) => ({
      ...host,
      authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`,
    });
    const call = (headers: Readonly<Record<string, string>>) => guarded.call('/api/workspace', { headers });
    expect((await call(host)).status).toBe(401);
    expect((await call(basic('open'))).status).toBe(401);
    expect((await call(basic('open sesame'))).status).toBe(200);
    // Whoever guesses has to wait, and nobody else does.
    for (let i = 0; i < 5; i++) await call(basic('guess'));
    expect((await call(basic('open sesame'))).status).toBe(429);
    await sleep(1_200);
    // A proxy before it speaks TLS, and calls it by its name alone.
    const proxied = { ...basic('open sesame'), host: 'console.test', origin: 'https://console.test' };
    expect((await call(proxied)).status).toBe(200);
    expect((await call({ ...proxied, origin: 'https://console.test.evil' })).status).toBe(403);
    expect((await call({ ...proxied, host: '127.0.0.2' })).status).toBe(403);
    await guarded.stop();
  });
});
