import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetError } from '@nx-assets/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Path, ServerEvent } from './api.ts';
import { appOf } from './app.ts';
import { Pages } from './pages.ts';
import { FixedApi } from './test-support.ts';
import type { Answers } from './wire/index.ts';

const HOST = 'localhost:4200';
const OWN = { host: HOST, authorization: 'Bearer token' };

function begin(given: { readonly [P in Path]?: Answers[P] | Error } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'console-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'index.html'), '<head></head>');
  const api = new FixedApi(given);
  const app = appOf(api, new Pages(folder), { token: 'token', hosts: new Set([HOST]), password: null });
  const get = (address: string, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal) =>
    Promise.resolve(app.request(address, { headers: { ...OWN, ...headers }, ...(signal ? { signal } : {}) }));
  const post = (address: string, body: string, headers: Readonly<Record<string, string>> = OWN) =>
    Promise.resolve(app.request(address, { method: 'POST', headers, body }));
  return { api, get, post };
}

describe('an answer', () => {
  test('is asked for with the names and the questions of its path, and is never kept', async () => {
    const { api, get } = begin({ '/api/assets/:group/:name/history': [] });
    const response = await get('/api/assets/lab/a%2Fb/history?limit=5&partition=&evil=1');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual([]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(api.asked).toEqual([
      {
        path: '/api/assets/:group/:name/history',
        params: { group: 'lab', name: 'a/b' },
        query: { limit: '5', partition: '' },
      },
    ]);
  });

  test.each([
    [new AssetError('SELECTION_INVALID', 'There is no asset lab/x.', { remedy: 'Look.' }), 400, 'Look.'],
    [new AssetError('PARTITION_UNKNOWN', 'There is no asset lab/x.', { remedy: 'Look.' }), 400, 'Look.'],
    [new AssetError('STORAGE_WRITE_FAILED', 'There is no asset lab/x.', { remedy: 'Look.' }), 500, 'Look.'],
  ])('says what is wrong, and whose fault it is: %s', async (error, status, remedy) => {
    const { get } = begin({ '/api/checks': error });
    const response = await get('/api/checks');
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ code: error.code, message: 'There is no asset lab/x.', remedy });
  });

  test('is our fault where the error is none of ours, and tells no stack', async () => {
    const { get } = begin({ '/api/checks': new TypeError('x is undefined') });
    const response = await get('/api/checks');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      code: 'CONSOLE_FAILED',
      message: 'x is undefined',
      remedy: null,
    });
  });

  test('does not exist at an address that nobody knows', async () => {
    const { get, post, api } = begin();
    for (const response of [await get('/api/nothing'), await get('/api/'), await post('/api/checks', '{}')]) {
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({ code: 'NOT_FOUND', message: 'Not found.', remedy: null });
    }
    expect(api.asked).toEqual([]);
  });
});

describe('what pages may do', () => {
  test.each([
    ['/api/plan', 'plan'],
    ['/api/runs', 'start'],
  ])('%s: what is asked for is looked at, and handed on', async (address, what) => {
    const { api, post } = begin();
    const response = await post(address, '{"assets":["lab/a"],"only":"stale","evil":1}');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(api.started);
    expect(api.requests).toEqual([
      [what, { assets: ['lab/a'], only: 'stale', force: false, refresh: false }],
    ]);
  });

  test.each([
    ['', 'The request is not JSON.'],
    ['{"assets":', 'The request is not JSON.'],
    ['null', 'The request is no object.'],
    ['{"assets":"some"}', '`assets` is a list of keys, "all" or "stale".'],
  ])('not with %s', async (text, message) => {
    const { api, post } = begin();
    const response = await post('/api/runs', text);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'COMMAND_INVALID', message });
    expect(api.requests).toEqual([]);
  });

  test('not with a megabyte', async () => {
    const { api, post } = begin();
    const long = JSON.stringify({ assets: ['x'.repeat(1_000_000)] });
    const response = await post('/api/runs', long);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      code: 'COMMAND_INVALID',
      message: 'The request is too long.',
    });
    expect(api.requests).toEqual([]);
  });

  test('not to those who are not signed in', async () => {
    const { api, post } = begin();
    for (const address of ['/api/runs', '/api/plan', '/api/runs/r1/cancel'])
      expect((await post(address, '{"assets":"all"}', { host: HOST })).status).toBe(401);
    expect(api.requests).toEqual([]);
  });

  test('cancel a run by its id, and hear that there is none', async () => {
    const { api, post } = begin();
    expect(await (await post('/api/runs/r%201/cancel', '')).json()).toEqual({});
    expect(api.requests).toEqual([['cancel', 'r 1']]);
    const response = await post('/api/runs/unknown/cancel', '');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: 'There is no run unknown.' });
  });
});

const event = (id: number): ServerEvent => ({ id, event: { type: 'definitions', revision: id } });

/** Reads a stream until what came has this many events. */
async function read(response: Response, events: number): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (text.split('data: ').length - 1 < events) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  await reader.cancel();
  return text;
}

const idsIn = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => Number(id));

describe('the live stream', () => {
  test('says what happens, each with its id', async () => {
    const { api, get } = begin();
    const response = await get('/api/live?run=r1');
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect([...api.listeners].map(({ run }) => run)).toEqual(['r1']);
    api.say(event(7));
    api.say({ id: 8, event: { type: 'notice', code: 'X', message: 'one\ntwo\n\nid: 99' } });
    const text = await read(response, 2);
    expect(idsIn(text)).toEqual([7, 8]);
    const [, first, second] = text.split('data: ').map((part) => part.split('\n')[0] ?? '');
    expect(JSON.parse(first ?? '')).toEqual({ type: 'definitions', revision: 7 });
    expect(JSON.parse(second ?? '')).toMatchObject({ message: 'one\ntwo\n\nid: 99' });
    expect(api.sinceAsked).toEqual([]);
  });

  test.each([
    ['/api/live?after=4', {}, [4]],
    ['/api/live?after=0', {}, [0]],
    ['/api/live?after=4', { 'last-event-id': '9' }, [9]],
    ['/api/live', { 'last-event-id': '9' }, [9]],
    ['/api/live?after=-1', {}, []],
    ['/api/live?after=1.5', {}, []],
    ['/api/live?after=9999999999999999', {}, []],
    ['/api/live?after=', {}, []],
  ])('goes on after what a page knows: %s %j', async (address, headers, expected) => {
    const { api, get } = begin();
    api.past = [event(5), event(6)];
    if (expected.length > 0) api.meanwhile = () => api.say(event(7));
    const response = await get(address, headers);
    if (expected.length === 0) api.say(event(7));
    const text = await read(response, expected.length === 0 ? 1 : 3);
    expect(api.sinceAsked).toEqual(expected);
    expect(idsIn(text)).toEqual(expected.length === 0 ? [7] : [5, 6, 7]);
  });

  test('of a page that left is given up', async () => {
    const { api, get } = begin();
    const response = await get('/api/live');
    expect(api.listeners.size).toBe(1);
    await (response.body as ReadableStream).cancel();
    await expect.poll(() => api.listeners.size).toBe(0);
  });
});

test('every other address is the page', async () => {
  const { get } = begin();
  const response = await get('/lineage/lab/a');
  expect(await response.text()).toContain('<base href="/" />');
});
