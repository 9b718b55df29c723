import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer } from '@nx-assets/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type JsonPlaceholder, jsonplaceholder } from './client.ts';
import { Post, User } from './schema.ts';

const scratch = mkdtempSync(join(tmpdir(), 'jsonplaceholder-'));
const signal = new AbortController().signal;
const silent = () => undefined;
const step = { scratch, signal, log: { debug: silent, info: silent, warn: silent } };

let announced: string[] = [];
let client: JsonPlaceholder | undefined;
async function open(url?: string): Promise<JsonPlaceholder> {
  const env = { JSONPLACEHOLDER_URL: url };
  const secret = silent;
  const announce = (text: string) => void announced.push(text);
  client = await jsonplaceholder.open({ env, signal, secret, announce, log: step.log });
  return client;
}

afterEach(async () => {
  if (client) await jsonplaceholder.close?.(client);
  client = undefined;
  announced = [];
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe('the embedded API', () => {
  test.each([undefined, '', '  '])('stands in where JSONPLACEHOLDER_URL is %j, and says so', async (url) => {
    await open(url);
    expect(announced).toEqual([
      'JSONPlaceholder: the embedded data set (set JSONPLACEHOLDER_URL to use an API)',
    ]);
  });

  test('serves the real 10 users and 100 posts', async () => {
    const api = await open();
    const users = await api.collection('users', step);
    const posts = await api.collection('posts', step);
    expect(users).toEqual({
      type: 'json-document',
      path: join(scratch, 'users.json'),
      source: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/users$/) as string,
      uniqueBy: 'id',
    });
    const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as unknown[];
    expect(read(users.path)).toHaveLength(10);
    expect(User.array().parse(read(users.path))).toEqual(read(users.path));
    expect(Post.array().parse(read(posts.path))).toHaveLength(100);
  });

  test('serves nothing else, and nothing after it was closed', async () => {
    const api = await open();
    const { source } = await api.collection('users', step);
    expect((await fetch(source.replace('users', '__proto__'))).status).toBe(404);
    await jsonplaceholder.close?.(api);
    client = undefined;
    await expect(fetch(source)).rejects.toThrow();
  });
});

describe('the API at JSONPLACEHOLDER_URL', () => {
  let server: ApiServer;
  beforeAll(async () => {
    const users = [{ id: 1 }];
    server = await ApiServer.start({ users, 'v1/api/users': users, 'v1/users?key=secret': users });
  });
  afterAll(() => server.stop());

  test.each([
    ['', 'users', ''],
    ['/', 'users', ''],
    ['/v1/api', 'v1/api/users', '/v1/api'],
    ['/v1/api//', 'v1/api/users', '/v1/api'],
    ['/v1?key=secret', 'v1/users?key=secret', '/v1'],
  ])('the host%s is asked for /%s', async (suffix, asked, shown) => {
    const api = await open(` ${server.url}${suffix} `);
    const { source } = await api.collection('users', step);
    expect(server.requests.at(-1)).toBe(asked);
    expect(announced).toEqual([`JSONPlaceholder: ${server.url}${shown}`]);
    expect(source).toBe(`${server.url}${shown}/users`);
  });

  test('credentials are not shown', async () => {
    const api = await open(server.url.replace('http://', 'http://me:secret@'));
    const { source } = await api.collection('users', step);
    expect(`${announced.join()} ${source}`).not.toMatch(/me|secret@/);
  });

  test.each(['localhost:3000', 'ftp://host/x', 'file:///etc/hosts', 'not a url', '//host:secret'])(
    '%j is refused with a remedy',
    async (url) => {
      await expect(open(url)).rejects.toMatchObject({
        code: 'ASSET_OPTION_INVALID',
        facts: 'JSONPLACEHOLDER_URL is not an http or https address.',
        remedy: expect.stringContaining('http://host/path') as string,
      });
    },
  );

  test('a collection that is not there', async () => {
    const api = await open(server.url);
    await expect(api.collection('posts', step)).rejects.toMatchObject({
      code: 'HTTP_FAILED',
      facts: `GET ${server.url}/posts: status 404.`,
    });
  });
});
