import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { download, type DownloadOptions } from './download.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const json =
  (value: unknown): Answer =>
  (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end('no');

// A real server that answers the n-th request with the n-th answer, and then with the last one.
let answers: Answer[] = [];
let requests: IncomingMessage[] = [];
let warnings: string[] = [];
let folder: string;
const server = createServer((request, response) => {
  requests.push(request);
  answers[Math.min(requests.length, answers.length) - 1]?.(response, request);
});

beforeEach(async () => {
  [answers, requests, warnings] = [[], [], []];
  folder = mkdtempSync(join(tmpdir(), 'download-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const port = () => (server.address() as AddressInfo).port;
const target = () => join(folder, 'body.json');
function get(options: Partial<DownloadOptions> & { url?: string } = {}) {
  const { url = `http://127.0.0.1:${port()}/users`, ...rest } = options;
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (text: string) => void warnings.push(text),
  };
  const signal = new AbortController().signal;
  return download(url, target(), { signal, log, backoff: 4, random: () => 0.5, ...rest });
}

describe('a document', () => {
  test('lands in the file, whole', async () => {
    answers = [json([{ id: 1, name: 'ü' }])];
    expect(await get()).toEqual({ bytes: 22 });
    expect(readFileSync(target(), 'utf8')).toBe('[{"id":1,"name":"ü"}]');
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /users']);
    expect(requests[0]?.headers.accept).toBe('application/json');
  });

  test('is unpacked, and the length of its package is no truncation', async () => {
    const packed = gzipSync('[1, 2, 3]');
    answers = [
      (response) => {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
        response.end(packed);
      },
    ];
    expect(await get()).toEqual({ bytes: 9 });
  });

  test('is found behind a redirect', async () => {
    answers = [status(302, { location: '/elsewhere' }), json([])];
    await get();
    expect(requests.map(({ url }) => url)).toEqual(['/users', '/elsewhere']);
  });

  test('may be empty text: whether that is JSON is for its reader to say', async () => {
    answers = [(response) => response.end()];
    expect(await get()).toEqual({ bytes: 0 });
  });
});

describe('what may pass is tried again', () => {
  test.each([429, 500, 502, 503, 504])('status %i', async (code) => {
    answers = [status(code), status(code), json([])];
    await get();
    expect(requests).toHaveLength(3);
    expect(warnings).toEqual([
      `GET http://127.0.0.1:${port()}/users: status ${code}; trying again in 6 ms`,
      `GET http://127.0.0.1:${port()}/users: status ${code}; trying again in 12 ms`,
    ]);
  });

  test('a connection that breaks before the answer', async () => {
    answers = [(response) => response.socket?.destroy(), json([])];
    await get();
    expect(requests).toHaveLength(2);
  });

  test.each([
    ['of a known length', { 'content-length': '100' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('a body %s that breaks off: nothing of it stays', async (_name, headers) => {
    const cut: Answer = (response) => {
      response.writeHead(200, headers);
      response.write('[{"id":1},', () => response.socket?.destroy());
    };
    answers = [cut, json([])];
    expect(await get()).toEqual({ bytes: 2 });
    expect(readFileSync(target(), 'utf8')).toBe('[]');
    expect(warnings[0]).toContain('the body was cut off');
  });

  test('a server that hangs, before the answer or in the body', async () => {
    answers = [() => undefined, (response) => void response.write('['), json([])];
    await get({ timeout: 150 });
    expect(requests).toHaveLength(3);
    expect(warnings[1]).toContain('no whole answer within 150 ms');
  });

  test('not before the time that the server names, in seconds or as a date', async () => {
    const date = 'Mon, 01 Jan 2024 00:00:00 GMT';
    answers = [
      status(503, { 'retry-after': '0' }),
      status(503, { 'retry-after': 'Mon, 01 Jan 2024 00:00:01 GMT', date }),
      status(503, { 'retry-after': 'soon' }),
      json([]),
    ];
    await get();
    expect(warnings.map((text) => text.match(/in (\d+) ms/)?.[1])).toEqual(['0', '1000', '24']);
  });

  test('but a server that names a day does not hold the run for a day', async () => {
    answers = [status(429, { 'retry-after': '86400' }), json([])];
    const cancel = new AbortController();
    const waiting = get({ signal: cancel.signal });
    await expect.poll(() => warnings).toHaveLength(1);
    expect(warnings[0]).toContain('trying again in 30000 ms');
    cancel.abort();
    await expect(waiting).rejects.toThrow('aborted');
  });
});

describe('what fails', () => {
  test('for good: the address, the status and the attempts are named, and no file stays', async () => {
    answers = [status(503)];
    await expect(get()).rejects.toMatchObject({
      code: 'HTTP_FAILED',
      facts: `GET http://127.0.0.1:${port()}/users: status 503, after 4 attempts.`,
    });
    expect(requests).toHaveLength(4);
    expect(existsSync(target())).toBe(false);
  });

  test('because nobody listens', async () => {
    const closed = port();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(get({ url: `http://127.0.0.1:${closed}/users`, retries: 1 })).rejects.toMatchObject({
      facts: `GET http://127.0.0.1:${closed}/users: ECONNREFUSED, after 2 attempts.`,
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  test.each([400, 401, 403, 404, 410])('status %i: asking again would not help', async (code) => {
    answers = [status(code)];
    await expect(get()).rejects.toMatchObject({
      code: 'HTTP_FAILED',
      facts: `GET http://127.0.0.1:${port()}/users: status ${code}.`,
    });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['a header that says so', 'text/html; charset=utf-8', 'hello'],
    ['a body that begins so', 'application/json', ' \n\uFEFF<!doctype html><title>Log in</title>'],
  ])('a page of HTML, by %s', async (_name, type, body) => {
    answers = [(response) => response.writeHead(200, { 'content-type': type }).end(body)];
    await expect(get()).rejects.toMatchObject({
      code: 'HTTP_NOT_JSON',
      facts: expect.stringContaining(`GET http://127.0.0.1:${port()}/users: `) as string,
    });
    expect(requests).toHaveLength(1);
    expect(existsSync(target())).toBe(false);
  });

  test('a body without end: it is left at the limit', async () => {
    let isClosed = false;
    answers = [
      (response) => {
        const timer = setInterval(() => response.write(Buffer.alloc(64 * 1024, ' ')), 1);
        response.on('close', () => {
          clearInterval(timer);
          isClosed = true;
        });
      },
    ];
    await expect(get({ maxBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'HTTP_BODY_TOO_LARGE',
      facts: `GET http://127.0.0.1:${port()}/users: the body has more than 1000000 bytes.`,
    });
    await expect.poll(() => isClosed).toBe(true);
    expect(requests).toHaveLength(1);
    expect(existsSync(target())).toBe(false);
  });

  test('a small package that unpacks to more than the limit', async () => {
    const packed = gzipSync(Buffer.alloc(5_000_000, ' '));
    answers = [(response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed)];
    await expect(get({ maxBytes: 1_000_000 })).rejects.toMatchObject({ code: 'HTTP_BODY_TOO_LARGE' });
  });

  test('a body of exactly the limit is no failure', async () => {
    answers = [(response) => response.end('[1,2,3]')];
    expect(await get({ maxBytes: 7 })).toEqual({ bytes: 7 });
  });

  test('a disk that refuses: the server is not asked again', async () => {
    answers = [json([])];
    const refused = download(`http://127.0.0.1:${port()}/users`, join(folder, 'none', 'body.json'), {
      signal: new AbortController().signal,
    });
    await expect(refused).rejects.toMatchObject({ code: 'ENOENT' });
    expect(requests).toHaveLength(1);
  });

  test('a cancelled run: at once, with its own reason', async () => {
    const cancel = new AbortController();
    answers = [() => cancel.abort(new Error('the run was cancelled'))];
    await expect(get({ signal: cancel.signal })).rejects.toThrow('the run was cancelled');
    expect(requests).toHaveLength(1);
  });
});

describe('secrets', () => {
  test('do not follow a redirect to another server', async () => {
    let authorization: string | undefined = 'not asked';
    const other = createServer((request, response) => {
      ({ authorization } = request.headers);
      response.end('[]');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/users`;
    answers = [status(302, { location })];
    await get({ url: `http://me:secret@127.0.0.1:${port()}/users` });
    expect(requests[0]?.headers.authorization).toMatch(/^Basic /);
    expect(authorization).toBe(undefined);
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });

  test('of the address reach the server, and nobody else', async () => {
    answers = [status(503), status(404)];
    const url = `http://me:p%40ss@127.0.0.1:${port()}/users?token=secret`;
    const failure = await get({ url }).catch((error: unknown) => error as Error);
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(requests[0]?.url).toBe('/users?token=secret');
    const told = [String(failure), ...warnings].join('\n');
    expect(told).toContain(`GET http://127.0.0.1:${port()}/users: status 404`);
    expect(told).not.toMatch(/secret|p%40ss|p@ss|me:/);
  });

  test.each(['ftp://me:pass@host/x', 'users?token=pass', ''])(
    '%j is no address, and is not repeated',
    async (url) => {
      const failure = await get({ url }).catch((error: unknown) => error as Error);
      expect(failure).toMatchObject({
        code: 'HTTP_FAILED',
        facts: 'The address is not an http or https address.',
      });
      expect(String(failure)).not.toContain('pass');
    },
  );
});
