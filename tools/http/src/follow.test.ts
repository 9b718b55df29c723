import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { follow } from './follow.ts';

interface Seen {
  readonly server: 'here' | 'there';
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let seen: Seen[] = [];
let redirects: Record<string, readonly [status: number, location: string]> = {};
let servers: Server[] = [];

beforeEach(async () => {
  seen = [];
  redirects = {};
  servers = await Promise.all((['here', 'there'] as const).map(listen));
});
afterEach(() => {
  for (const server of servers) server.close().closeAllConnections();
});

async function listen(name: Seen['server']): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ server: name, method, url, headers, body });
      const [status, location] = redirects[url] ?? [200, ''];
      response.writeHead(status, location === '' ? {} : { location }).end('done');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const origin = (at: number) => `http://127.0.0.1:${(servers[at]?.address() as AddressInfo).port}`;
const ask = (method: string, body?: string) =>
  follow(
    `${origin(0)}/a`,
    {
      method,
      headers: { 'x-api-key': 'secret', cookie: 'c=1', authorization: 'Bearer s', accept: 'text/csv' },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(5_000),
    },
    'http://here/a',
  );

test('no header that may be secret goes to another origin, nor comes back from there', async () => {
  redirects = { '/a': [302, `${origin(1)}/b`], '/b': [302, `${origin(0)}/c`] };
  expect(await (await ask('GET')).text()).toBe('done');
  expect(seen.map(({ server, url }) => `${server} ${url}`)).toEqual(['here /a', 'there /b', 'here /c']);
  expect(seen[0]?.headers).toMatchObject({ 'x-api-key': 'secret', cookie: 'c=1', authorization: 'Bearer s' });
  for (const { headers } of seen.slice(1)) {
    expect(headers.accept).toBe('text/csv');
    expect(Object.keys(headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/x-api-key|cookie|authorization/)]),
    );
  }
});

test('at the same origin all headers go on', async () => {
  redirects = { '/a': [308, '/b'] };
  await ask('POST', 'hello');
  expect(seen[1]).toMatchObject({ method: 'POST', body: 'hello', headers: { 'x-api-key': 'secret' } });
});

test.each([307, 308])('a body does not go to another origin: %i', async (status) => {
  redirects = { '/a': [status, `${origin(1)}/b`] };
  await expect(ask('POST', 'hello')).rejects.toThrow(
    `HTTP_FAILED: POST http://here/a: it redirects to ${origin(1)}, and a body does not go there.`,
  );
  expect(seen.map(({ server }) => server)).toEqual(['here']);
});

test.each([301, 302, 303])('after %i a POST is a GET without a body', async (status) => {
  redirects = { '/a': [status, `${origin(1)}/b`] };
  await ask('POST', 'hello');
  expect(seen[1]).toMatchObject({ server: 'there', method: 'GET', body: '' });
});

test('a way without an end, or to no address, fails', async () => {
  redirects = { '/a': [302, '/a'] };
  await expect(ask('GET')).rejects.toThrow('it redirects more than 20 times');
  redirects = { '/a': [302, 'file:///etc/passwd'] };
  await expect(ask('GET')).rejects.toThrow('it redirects to no address');
});

test('credentials that a server puts into an address are not used', async () => {
  redirects = { '/a': [302, `${origin(1).replace('//', '//me:word@')}/b`] };
  await ask('GET');
  expect(seen[1]?.headers.authorization).toBeUndefined();
});
