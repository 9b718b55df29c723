import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetError } from '@nx-assets/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen, type Listening, type ListenOptions } from './listen.ts';
import { FixedApi } from './test-support.ts';

function pagesFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'console-listen-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'index.html'), '<head></head><body>pages</body>');
  return folder;
}

/** A server on a port that was free. */
async function begin(options: Partial<ListenOptions> = {}) {
  const api = new FixedApi({ '/api/checks': [] });
  const server = await listen(api, { pages: pagesFolder(), port: 0, ...options });
  onTestFinished(() => server.close());
  return { api, server };
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks with any `Host`, which `fetch` does not let anybody choose. */
function ask({ address }: Listening, path: string, { method = 'GET', headers = {}, body = '' }: Asked = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(new URL(path, address), { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const portOf = ({ address }: Listening): number => Number(new URL(address).port);

const tokenOf = ({ open }: Listening): string => new URL(open).searchParams.get('token') ?? '';
const signedIn = (server: Listening) => ({ authorization: `Bearer ${tokenOf(server)}` });

const invalid = (facts: string | RegExp) =>
  expect.toSatisfy(
    (error) =>
      error instanceof AssetError &&
      error.code === 'COMMAND_INVALID' &&
      (typeof facts === 'string' ? error.facts === facts : facts.test(error.facts)),
  ) as Error;

describe('a server', () => {
  test('gives out pages and answers at the address that it says', async () => {
    const { server, api } = await begin();
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(server.open).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
    const headers = signedIn(server);
    expect((await ask(server, '/', { headers })).text).toContain('pages');
    expect(await ask(server, '/api/checks', { headers })).toEqual({ status: 200, text: '[]' });
    expect(api.asked.map(({ path }) => path)).toEqual(['/api/checks']);
  });

  test('is known by its own names and no others', async () => {
    const { server, api } = await begin();
    const with_ = (host: string) => ask(server, '/api/checks', { headers: { host, ...signedIn(server) } });
    expect((await with_(`localhost:${portOf(server)}`)).status).toBe(200);
    for (const host of [
      'evil.example',
      `evil.example:${portOf(server)}`,
      `localhost:${portOf(server) - 1}`,
    ]) {
      const refused = await with_(host);
      expect(refused.status).toBe(403);
      expect(refused.text).toContain('HOST_REFUSED');
    }
    expect(api.asked).toHaveLength(1);
  });

  test('starts runs for those who are signed in to it: each server has a token of its own', async () => {
    const [one, other] = [await begin(), await begin()];
    expect(tokenOf(other.server)).not.toBe(tokenOf(one.server));
    const start = (headers: Readonly<Record<string, string>>) =>
      ask(one.server, '/api/runs', { method: 'POST', body: '{"assets":"all"}', headers });
    for (const headers of [{}, signedIn(other.server)]) {
      expect(await start(headers)).toMatchObject({ status: 401 });
      expect(one.api.requests).toEqual([]);
    }
    expect((await start(signedIn(one.server))).status).toBe(200);
    expect(one.api.requests).toHaveLength(1);
  });

  test('may have other names, where it asks for a password', async () => {
    const { server } = await begin({ names: ['Lab.Example'], password: 'secret' });
    expect(server.open).toBe(server.address);
    const headers = { host: 'lab.example' };
    expect((await ask(server, '/api/checks', { headers })).status).toBe(401);
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect((await ask(server, '/api/checks', { headers: { ...headers, authorization } })).status).toBe(200);
  });
});

describe('a server does not begin', () => {
  test.each([
    [{ host: '0.0.0.0' }, 'Others could reach the console on 0.0.0.0 and start runs.'],
    [{ names: ['lab.example'] }, 'Others could reach the console as lab.example and start runs.'],
  ])('where others could reach it without a password: %j', async (options, facts) => {
    await expect(begin(options)).rejects.toThrow(invalid(facts));
  });

  test('where another one listens, and says how to choose another port', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const facts = `The console cannot listen on 127.0.0.1:${port} (EADDRINUSE).`;
    await expect(begin({ port })).rejects.toThrow(invalid(facts));
    await expect(begin({ port })).rejects.toMatchObject({ remedy: 'Name another port with --port.' });
  });

  test('where there is no such address', async () => {
    const asked = begin({ host: '203.0.113.7', password: 'secret' });
    await expect(asked).rejects.toThrow(
      invalid(/^The console cannot listen on 203\.0\.113\.7:0 \(E\w+\)\.$/),
    );
  });
});

describe('closing', () => {
  test('ends streams, which never end by themselves, and lets go of their listeners', async () => {
    const { server, api } = await begin();
    const response = await fetch(`${server.address}/api/live`, { headers: signedIn(server) });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(': here\n\n');
    expect(api.listeners.size).toBe(1);
    const end = reader.read().then(
      ({ done }) => done,
      () => true,
    );
    await server.close();
    expect(await end).toBe(true);
    await expect.poll(() => api.listeners.size).toBe(0);
  });

  test('frees the port for the next one', async () => {
    const { server } = await begin();
    const port = portOf(server);
    await server.close();
    await expect(ask(server, '/')).rejects.toThrow('ECONNREFUSED');
    const next = await begin({ port });
    expect(portOf(next.server)).toBe(port);
    expect((await ask(next.server, '/api/checks', { headers: signedIn(next.server) })).status).toBe(200);
  });
});
