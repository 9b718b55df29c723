import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { definitionKey, type JobEvent } from '@nx-assets/core';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verify, webhook } from './index.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, or so').toString('base64')}`;

interface Received {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

let server: Server;
let url: `http${string}`;
let received: Received[];
let answer: (response: ServerResponse) => void;
beforeEach(async () => {
  received = [];
  answer = (response) => response.writeHead(200).end('ok');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ body, headers: request.headers });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const event: JobEvent = {
  job: definitionKey('jobs', 'daily'),
  description: 'Daily.',
  runId: 'r1',
  status: 'failed',
  startedAt: '2026-01-01T06:00:00.000Z',
  finishedAt: '2026-01-01T06:00:02.500Z',
  steps: [{ name: 'assets', status: 'failed', milliseconds: 2_000 }],
  assets: { materialized: 2, failed: 1 },
  failures: [{ name: 'a/b', code: 'MATERIALIZE_THREW', message: 'no <b> & "c"\nmore' }],
};
const scope = (env = {}) => ({
  env: { SECRET, ...env },
  signal: new AbortController().signal,
  now: new Date(),
});
const message = { id: 'msg_1', body: { text: 'hello' } };

describe('a webhook', () => {
  test('is a text that chat services take, with what they would read as a link escaped', () => {
    expect(webhook({ url, format: 'slack' }).compose(event)).toEqual({
      text: '✖ jobs/daily failed in 2.5 s: 2 materialized, 1 failed\n• a/b: no &lt;b&gt; &amp; "c"\nrun r1',
    });
  });

  test('or the whole event', () => {
    expect(webhook({ url, format: 'json' }).compose(event)).toEqual({
      type: 'job.failed',
      timestamp: event.finishedAt,
      data: event,
    });
  });

  test('is signed so that its receiver, and the library of the standard, can tell who sent it', async () => {
    const hook = webhook({ url: { env: 'URL' }, secret: { env: 'SECRET' }, format: 'slack' });
    expect(hook.secrets).toEqual(['URL', 'SECRET']);
    expect(await hook.send(message, scope({ URL: url }))).toEqual({ status: 'delivered' });
    const [{ body, headers } = { body: '', headers: {} }] = received;
    expect(JSON.parse(body)).toEqual({ text: 'hello' });
    expect(headers['content-type']).toBe('application/json');
    expect(verify(body, headers, { secret: SECRET })).toMatchObject({ ok: true, id: 'msg_1' });
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toEqual({ text: 'hello' });
  });

  test('without a secret has its id, and no signature', async () => {
    await webhook({ url, format: 'slack' }).send(message, scope());
    expect(received[0]?.headers['webhook-id']).toBe('msg_1');
    expect(received[0]?.headers['webhook-signature']).toBeUndefined();
  });

  test.each([
    [500, {}, { status: 'failed' }],
    [503, { 'retry-after': '2' }, { status: 'failed', retryAfter: 2_000 }],
    [429, { 'retry-after': '7' }, { status: 'failed', retryAfter: 7_000 }],
    [404, {}, { status: 'refused' }],
    [401, {}, { status: 'refused' }],
    [302, { location: 'http://127.0.0.1:1/' }, { status: 'refused' }],
  ])('that gets %i %j: %j', async (status, headers, sent) => {
    answer = (response) => response.writeHead(status, headers).end();
    expect(await webhook({ url, format: 'slack' }).send(message, scope())).toMatchObject(sent);
    expect(received).toHaveLength(1);
  });

  test('that is never answered, or by nobody, failed in its time', async () => {
    answer = () => undefined;
    const slow = webhook({ url, format: 'slack', timeout: '0.1s' });
    expect(await slow.send(message, scope())).toMatchObject({
      status: 'failed',
      problem: expect.stringContaining('did not answer within 100 ms') as string,
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await slow.send(message, scope())).toMatchObject({
      status: 'failed',
      problem: expect.stringContaining('ECONNREFUSED') as string,
    });
    server.listen(0);
  });

  test('says nothing of its address but the host', async () => {
    answer = (response) => response.writeHead(500).end();
    const hook = webhook({ url: { env: 'URL' }, format: 'slack' });
    const sent = await hook.send(
      message,
      scope({ URL: `${url.replace('//', '//me:hidden@')}/T0/hidden?token=hidden` }),
    );
    expect(JSON.stringify(sent)).not.toContain('hidden');
  });

  test('needs an address', () => {
    expect(() => webhook({ url: 'httpx://a' as 'http', format: 'slack' })).toThrow('JOB_INVALID');
  });
});
