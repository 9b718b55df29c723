import { ApiServer } from '@nx-assets/testing';
import { secret } from '@nx-assets/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { httpClient } from './http-client.ts';
import { using } from './test-support.ts';

let api: ApiServer;
const seen: (string | undefined)[] = [];
let busy = 0;
beforeAll(async () => {
  api = await ApiServer.start({
    'v1/users?page=2': (
      request: { headers: Record<string, string> },
      response: { end(text: string): void },
    ) => {
      seen.push(request.headers.authorization, request.headers['x-team']);
      response.end('[{"id":1}]');
    },
    'v1/busy': (
      _: unknown,
      response: { writeHead(code: number, headers: object): typeof response; end(text?: string): void },
    ) => (busy-- > 0 ? response.writeHead(429, { 'retry-after': '0' }).end() : response.end('1')),
    'v1/page': (_: unknown, response: { end(text: string): void }) => response.end('<html>private</html>'),
    'v1/hangs': () => undefined,
  });
});
afterAll(() => api.stop());

const TOKEN = 'tok-en 2026';
const client = () =>
  httpClient({
    description: 'An API.',
    values: {
      default: {
        baseUrl: `${api.url}/v1`,
        token: secret('TOKEN'),
        headers: { 'x-team': 'data' },
        backoff: 1,
        retries: 2,
      },
    },
  });
const options = { env: { TOKEN } };

test('asks below the base, with token and headers, and gives what the schema makes of the answer', async () => {
  const users = await using(
    client(),
    (api) => api.get('/users', z.array(z.object({ id: z.int() })), { query: { page: 2 } }),
    options,
  );
  expect(users).toEqual([{ id: 1 }]);
  expect(seen).toEqual([`Bearer ${TOKEN}`, 'data']);
});

test('what is busy is asked again, but not for ever, and a POST only where that does no harm', async () => {
  const said: string[] = [];
  const ask = (
    times: number,
    use: (api: Parameters<Parameters<typeof using<Api, number>>[1]>[0]) => Promise<number>,
  ) => {
    busy = times;
    return using(client(), use, { ...options, said });
  };
  expect(await ask(2, (api) => api.get('busy', z.int()))).toBe(1);
  expect(said).toEqual(
    [1, 2].map((): unknown => expect.stringMatching(/\/v1\/busy: status 429; trying again in 0 ms$/)),
  );
  await expect(ask(3, (api) => api.get('busy', z.int()))).rejects.toThrow('status 429, after 3 attempts');
  await expect(ask(1, (api) => api.post('busy', {}, z.int()))).rejects.toThrow('after 1 attempt');
  expect(await ask(1, (api) => api.post('busy', {}, z.int(), { idempotent: true }))).toBe(1);
});

type Api = Awaited<ReturnType<ReturnType<typeof client>['open']>>;

test.each([
  ['users?page=2', 'VALUE_INVALID'],
  ['page', 'HTTP_NOT_JSON'],
  ['nowhere', 'HTTP_FAILED'],
  ['../private', 'HTTP_FAILED'],
])('%s is %s, and its message holds no body, query or token', async (path, code) => {
  const error = await using(client(), (api) => api.get(path, z.string()), options).catch(
    (error: unknown) => error,
  );
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toMatch(/tok-en|page=2|private/);
});

test('a stop ends the waiting', async () => {
  const stopped = new AbortController();
  setTimeout(() => stopped.abort(new Error('stopped')), 50);
  const asked = using(client(), (api) => api.get('hangs', z.string()), {
    ...options,
    signal: stopped.signal,
  });
  await expect(asked).rejects.toThrow('stopped');
});

test('wrong use fails in the editor', () => {
  const description = 'An API.';
  // @ts-expect-error: a number is no address.
  httpClient({ description, values: { default: { baseUrl: 1 } } });
  // @ts-expect-error: there is no such field.
  expect(() => httpClient({ description, values: { default: { url: 'http://x' } } })).toThrow(
    'ASSET_OPTION_INVALID',
  );
});
