import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiServer, type Handler, type MaterializeResult, type TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALL, post, referenceWorkspace, smallData, user } from './support/reference.ts';

/** What reads the users, and what is made of them. */
const SOURCES = ['api_users_raw', 'raw_user_data'];
const DESCENDANTS = ALL.filter((name) => ![...SOURCES, 'api_posts_raw', 'posts_cleaned'].includes(name));

const html = '<!doctype html><title>Log in</title>';
const answer =
  (status: number, body: string, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
/** Answers once with `first`, and then with the rows. */
const onceThen = (first: Handler, rows: unknown): Handler => {
  const asked = new Set<string>();
  return (request, response) => {
    const url = request.url ?? '';
    if (asked.has(url)) return answer(200, JSON.stringify(rows))(request, response);
    asked.add(url);
    first(request, response);
  };
};
const replaceRow = (index: number, row: unknown): unknown[] => smallData().users.with(index, row as never);

interface Invalid {
  readonly name: string;
  readonly users: unknown;
  /** What the message says, besides the address. */
  readonly says: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const INVALID_ROWS: readonly Invalid[] = [
  {
    name: 'a field of the wrong type',
    users: replaceRow(2, user(3, { name: 5 })),
    says: ['ROWS_INVALID', '1 of 4 rows', 'row 3, name: '],
  },
  {
    name: 'a nested field of the wrong type',
    users: replaceRow(1, user(2, { address: { geo: { lat: 1.5 } } })),
    says: ['row 2, address.geo.lat: '],
  },
  {
    name: 'a missing field that is required',
    users: replaceRow(0, { id: 1, name: 'x', username: 'x' }),
    says: ['row 1, email: '],
  },
  {
    name: 'a required field that is null',
    users: replaceRow(3, user(4, { username: null })),
    says: ['row 4, username: '],
  },
  { name: 'an id that repeats', users: replaceRow(3, user(1)), says: ['row 4, id: 1 repeats row 1'] },
  { name: 'an id as text', users: replaceRow(1, { ...user(2), id: '2' }), says: ['row 2, id: '] },
  { name: 'an id beyond 2^53 - 1', users: replaceRow(1, user(2 ** 53)), says: ['row 2, id: '] },
  { name: 'an id with a fraction', users: replaceRow(1, user(1.5)), says: ['row 2, id: '] },
  { name: 'a row that is null', users: replaceRow(1, null), says: ['row 2, row: '] },
  { name: 'a row that is a list', users: replaceRow(1, [1]), says: ['row 2, row: '] },
  {
    name: 'several fields of several rows',
    users: replaceRow(0, { id: 'x', name: 1, username: 2, email: 3 }).with(2, user(3, { phone: 4 })),
    says: ['2 of 4 rows', 'row 1, id: ', 'name: ', 'username: ', '(and 1 more)', 'row 3, phone: '],
  },
];

const INVALID_DOCUMENTS: readonly Invalid[] = [
  { name: 'text that is no JSON', users: answer(200, 'hello'), says: ['HTTP_NOT_JSON'] },
  { name: 'no text at all', users: answer(200, ''), says: ['HTTP_NOT_JSON'] },
  {
    name: 'a page of HTML',
    users: answer(200, html, { 'content-type': 'text/html' }),
    says: ['HTTP_NOT_JSON'],
  },
  { name: 'a page of HTML that is called JSON', users: answer(200, html), says: ['HTTP_NOT_JSON'] },
  {
    name: 'a page of HTML with status 500',
    users: answer(500, html, { 'content-type': 'text/html' }),
    says: ['HTTP_FAILED', 'status 500', '2 attempts'],
  },
  {
    name: 'half a list, sent as if it were whole',
    users: answer(200, JSON.stringify(smallData().users).slice(0, -100)),
    says: ['HTTP_NOT_JSON'],
  },
  {
    name: 'a body that breaks off',
    users: ((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100000' });
      response.write('[{"id":1},', () => response.socket?.destroy());
    }) satisfies Handler,
    says: ['HTTP_FAILED', 'cut off', '2 attempts'],
  },
  {
    name: 'an object',
    users: { users: smallData().users },
    says: ['HTTP_NOT_JSON', 'list of rows', 'object'],
  },
  { name: 'null', users: answer(200, 'null'), says: ['HTTP_NOT_JSON', 'list of rows', 'null'] },
  { name: 'status 404', users: answer(404, '{}'), says: ['HTTP_FAILED', 'status 404'] },
  { name: 'status 401', users: answer(401, '{}'), says: ['HTTP_FAILED', 'status 401'] },
  {
    name: 'no answer in time',
    users: (() => undefined) satisfies Handler,
    env: { JSONPLACEHOLDER_TIMEOUT: '0.3s' },
    says: ['HTTP_FAILED', 'no whole answer within 300 ms', '2 attempts'],
  },
  {
    name: 'a body over the limit',
    users: answer(200, JSON.stringify([user(1, { phone: 'x'.repeat(200_000) })])),
    env: { JSONPLACEHOLDER_MAX_BYTES: '100000' },
    says: ['HTTP_BODY_TOO_LARGE', 'more than 100000 bytes'],
  },
];

describe('invalid users', () => {
  let workspace: TestWorkspace;
  let api: ApiServer;
  let good: Record<string, string>;
  let round = 0;

  beforeAll(async () => {
    workspace = referenceWorkspace();
    api = await ApiServer.start(smallData());
    expect((await materialize()).code).toBe(0);
  });
  afterAll(async () => {
    await api.stop();
    workspace.dispose();
  });

  beforeEach(() => {
    good = bytesOf(workspace, [...SOURCES, ...DESCENDANTS]);
    // The posts change each time, so that the other branch has work to do.
    const { posts } = smallData();
    api.collections.posts = [...posts, post(100 + round++, 1)];
  });

  const materialize = (env: Readonly<Record<string, string>> = {}) =>
    workspace.materialize(['run-many', '-t', 'materialize', '--refresh'], {
      env: { JSONPLACEHOLDER_URL: api.url, JSONPLACEHOLDER_RETRIES: '1', ...env },
    });

  /** Everything that must hold when the users cannot be had. */
  function checkFailure(result: MaterializeResult, says: readonly string[]) {
    expect(result.code).toBe(1);
    expect(result.failed).toEqual(SOURCES);
    expect(result.blocked).toEqual(DESCENDANTS);
    expect(result.ran).toEqual([...SOURCES, 'api_posts_raw', 'posts_cleaned'].sort());
    for (const asset of result.assets.filter(({ status }) => status === 'failed')) {
      for (const text of [`${api.url}/users`, ...says]) expect(asset.error?.message).toContain(text);
      // The author of the asset did nothing wrong: no stack.
      expect(asset.error?.stack ?? '').toBe('');
    }
    expect(bytesOf(workspace, [...SOURCES, ...DESCENDANTS])).toEqual(good);
    const leftovers = readdirSync(join(workspace.root, 'output'), { recursive: true, encoding: 'utf8' });
    expect(leftovers.filter((path) => path.includes('.tmp-'))).toEqual([]);
  }

  test.each([...INVALID_ROWS, ...INVALID_DOCUMENTS])(
    '$name: the two sources fail, their descendants do not run, the posts go on, and the last good data stays',
    async ({ users, says, env }) => {
      api.collections.users = users;
      checkFailure(await materialize(env), says);
    },
  );

  test('with --batch=false: the same', async () => {
    const [{ users, says }] = INVALID_ROWS as [Invalid];
    api.collections.users = users;
    const args = ['run-many', '-t', 'materialize', '--refresh', '--batch=false'];
    const result = await workspace.materialize(args, { env: { JSONPLACEHOLDER_URL: api.url } });
    // Nx does not get to the descendants, so there is no word of them.
    checkFailure({ ...result, blocked: DESCENDANTS }, says);
  });

  test('a refresh that failed is still due: the next run asks again, and until then the last good data stays', async () => {
    api.collections.users = answer(404, '');
    checkFailure(await materialize(), ['status 404']);
    const next = () => workspace.materialize(undefined, { env: { JSONPLACEHOLDER_URL: api.url } });
    const second = await next();
    expect(second.code).toBe(1);
    expect(second.failed).toEqual(SOURCES);
    const [failed] = second.assets.filter(({ status }) => status === 'failed');
    expect(failed?.reasons).toEqual([{ kind: 'refresh-asked' }]);
    expect(bytesOf(workspace, [...SOURCES, ...DESCENDANTS])).toEqual(good);
    api.collections.users = smallData().users;
    expect((await next()).code).toBe(0);
  });

  test('nobody listens: the same', async () => {
    const closed = await ApiServer.start({});
    const { url } = closed;
    await closed.stop();
    const result = await materialize({ JSONPLACEHOLDER_URL: url });
    expect(result.code).toBe(1);
    expect(result.failed).toEqual(['api_posts_raw', 'api_users_raw', 'raw_user_data']);
    expect(result.output).toContain(`GET ${url}/users: ECONNREFUSED, after 2 attempts.`);
    expect(bytesOf(workspace, [...SOURCES, ...DESCENDANTS])).toEqual(good);
  });

  test.each([
    { name: 'in a small document', pad: '' },
    { name: 'in a document of 9 MB', pad: ' '.repeat(9 * 1024 * 1024) },
  ])('of 54 rows 50 are wrong, $name: 20 are shown, and the total', async ({ pad }) => {
    const rows = Array.from({ length: 54 }, (_, index) => user(index, index < 4 ? {} : { email: index }));
    api.collections.users = answer(200, `${JSON.stringify(rows)}${pad}`);
    const result = await materialize();
    checkFailure(result, ['50 of 54 rows', 'row 5, email: ', 'row 24, email: ', 'shown are the first 20']);
    const message = result.assets.find(({ status }) => status === 'failed')?.error?.message ?? '';
    expect(message.match(/^ +row \d+, /gm)).toHaveLength(20);
  });

  test.each([
    { name: 'status 429', first: answer(429, '', { 'retry-after': '0' }) },
    { name: 'status 500', first: answer(500, html) },
    {
      name: 'a connection that breaks',
      first: ((_request, response) => void response.socket?.destroy()) satisfies Handler,
    },
  ])('$name, and then the users: a warning and no failure', async ({ first }) => {
    api.collections.users = onceThen(first, smallData().users);
    const { code, output, failed } = await materialize();
    expect({ code, failed }).toEqual({ code: 0, failed: [] });
    expect(output).toMatch(/GET http:\S+\/users: .+; trying again in \d+ ms/);
  });

  test('after all of that, good data is taken as if nothing had happened', async () => {
    api.collections.users = smallData().users;
    const { code, failed } = await materialize();
    expect({ code, failed }).toEqual({ code: 0, failed: [] });
  });
});

test('where nothing was materialized before, a failure leaves nothing, and the next run does what is left', async () => {
  const workspace = referenceWorkspace();
  const { users, posts } = smallData();
  const api = await ApiServer.start({ users: [{ id: 'x' }], posts });
  const env = { JSONPLACEHOLDER_URL: api.url };
  try {
    const first = await workspace.materialize(undefined, { env });
    expect(first.code).toBe(1);
    expect(first.failed).toEqual(SOURCES);
    expect(first.blocked).toEqual(DESCENDANTS);
    const left = filesUnder(workspace.root, ['output']).map((path) => path.slice(workspace.root.length + 1));
    expect(left.filter((path) => !path.includes('posts')).sort()).toEqual([]);
    api.collections.users = users;
    const second = await workspace.materialize(undefined, { env });
    expect({ code: second.code, ran: second.ran }).toEqual({
      code: 0,
      ran: [...SOURCES, ...DESCENDANTS].sort(),
    });
  } finally {
    await api.stop();
    workspace.dispose();
  }
});

describe('an address', () => {
  let workspace: TestWorkspace;
  beforeAll(() => {
    workspace = referenceWorkspace();
  });
  afterAll(() => workspace.dispose());

  test.each(['nonsense', 'ftp://host/path', 'http://', '/users'])('%s is refused, by name', async (url) => {
    const { code, output, failed } = await workspace.materialize(undefined, {
      env: { JSONPLACEHOLDER_URL: url },
    });
    expect(code).toBe(1);
    expect(failed).toEqual(['api_posts_raw', 'api_users_raw', 'raw_user_data']);
    expect(output).toContain('JSONPLACEHOLDER_URL is not an http or https address');
    expect(output).toContain('unset it to use the embedded data');
  });

  test('a limit that is none is refused, by name', async () => {
    const { code, output } = await workspace.materialize(undefined, {
      env: { JSONPLACEHOLDER_TIMEOUT: '30' },
    });
    expect(code).toBe(1);
    expect(output).toContain('JSONPLACEHOLDER_TIMEOUT is "30", which is not a duration');
  });

  test('with credentials and a token: the server gets them, and nobody else', async () => {
    const { users, posts } = smallData();
    const authorizations = new Set<string | undefined>();
    const serve =
      (rows: unknown): Handler =>
      (request, response) => {
        authorizations.add(request.headers.authorization);
        answer(200, JSON.stringify(rows))(request, response);
      };
    const api = await ApiServer.start({
      'v1/users?token=t0psecret': serve(users),
      'v1/posts?token=t0psecret': serve(posts),
    });
    const address = (tail: string) => `${api.url.replace('//', '//me:s3cr%C3%A8t@')}/${tail}`;
    const run = (url: string, args = ['run-many', '-t', 'materialize', '--refresh']) =>
      workspace.nx(args, {
        env: { JSONPLACEHOLDER_URL: url, JSONPLACEHOLDER_RETRIES: '1', NX_VERBOSE_LOGGING: 'true' },
      });
    try {
      const works = await run(address('v1/?token=t0psecret'));
      expect(works.code, works.output).toBe(0);
      expect(works.output).toContain(`JSONPlaceholder: ${api.url}/v1`);
      const basic = Buffer.from('me:s3crèt').toString('base64');
      expect([...authorizations]).toEqual([`Basic ${basic}`]);
      api.collections['v1/users?token=t0psecret'] = [{ id: 'x' }];
      api.collections['v1/posts?token=t0psecret'] = answer(500, '');
      const invalid = await run(address('v1?token=t0psecret'));
      expect(invalid.code).toBe(1);
      expect(invalid.output).toContain(`from ${api.url}/v1/users do not match`);
      const missing = await run(address('none?token=t0psecret'), [
        'run',
        'sources:api_users_raw',
        '--refresh',
        '--json',
      ]);
      expect(missing.output).toContain(`GET ${api.url}/none/users: status 404`);
      const bad = await run('http://me:s3crèt@:80:/?token=t0psecret');
      expect(bad.output).toContain('JSONPLACEHOLDER_URL is not');
      const secrets = /s3cr|t0psecret/;
      for (const { output } of [works, invalid, missing, bad]) {
        expect(output).not.toMatch(secrets);
        expect(output).not.toContain(basic);
      }
      for (const path of filesUnder(workspace.root, ['output', '.nx'])) {
        const content = readFileSync(path, 'latin1');
        expect(secrets.test(content) || content.includes(basic), path).toBe(false);
      }
    } finally {
      await api.stop();
    }
  });
});

/** Workspace path to the bytes of everything that belongs to these assets: values and records. */
function bytesOf(workspace: TestWorkspace, names: readonly string[]): Record<string, string> {
  const records = filesUnder(workspace.root, ['output']).filter((path) => path.endsWith('.record.json'));
  const files = records.flatMap((path) => {
    const record = JSON.parse(readFileSync(path, 'utf8')) as { key: string; value: { path: string } };
    const isAsked = names.includes(record.key.split('/')[1] ?? '');
    return isAsked ? [path, join(workspace.root, record.value.path)] : [];
  });
  return Object.fromEntries(files.map((path) => [path, readFileSync(path, 'latin1')]));
}

const filesUnder = (root: string, folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
