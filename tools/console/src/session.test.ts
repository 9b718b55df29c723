import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { requireSession } from './session.ts';

const TOKEN = 'the-token';
const HOST = '127.0.0.1:4200';

function guarded(password: string | null = null) {
  const app = new Hono();
  app.use(requireSession({ token: TOKEN, password }));
  app.all('*', (context) => context.text('in'));
  return async (method: string, headers: Readonly<Record<string, string>> = {}, path = '/api/runs') => {
    const response = await app.request(path, { method, headers: { host: HOST, ...headers } });
    const text = await response.text();
    const isJson = text.startsWith('{');
    const code = isJson ? (JSON.parse(text) as { code: string }).code : text;
    return { status: response.status, code, headers: response.headers };
  };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const cookieOf = (headers: Headers) => /^[^;]*/.exec(headers.get('set-cookie') ?? '')?.[0] ?? '';

describe('the token', () => {
  test.each([['GET'], ['HEAD'], ['POST'], ['PUT'], ['DELETE'], ['PATCH'], ['OPTIONS']])(
    'is asked for by %s',
    async (method) => {
      expect((await guarded()(method)).status).toBe(401);
      expect(await guarded()(method, { authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 200 });
    },
  );

  test.each([[''], ['the-toke'], ['the-token!'], ['THE-TOKEN']])('is not "%s"', async (token) => {
    const found = await guarded()('POST', { authorization: `Bearer ${token}` });
    expect(found).toMatchObject({ status: 401, code: 'SESSION_WANTED' });
    expect((await guarded()('GET', {}, `/?token=${token}`)).status).toBe(401);
  });

  test('in the address becomes a cookie that no script sees and no other site sends', async () => {
    const ask = guarded();
    const { status, headers } = await ask('GET', {}, `/runs?token=${TOKEN}&status=failed`);
    expect([status, headers.get('location')]).toEqual([303, '/runs?status=failed']);
    expect(headers.get('set-cookie')).toMatch(
      /^nx-assets-127\.0\.0\.1-4200=.*; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(headers.get('set-cookie')).not.toContain(TOKEN);
    for (const method of ['GET', 'POST'])
      expect(await ask(method, { cookie: cookieOf(headers) })).toMatchObject({ status: 200, code: 'in' });
    expect((await ask('GET', { cookie: `${cookieOf(headers)}x` })).status).toBe(401);
    // The console of another port has a cookie of its own.
    expect((await ask('GET', { cookie: cookieOf(headers), host: '127.0.0.1:4201' })).status).toBe(401);
  });

  test('in the address never leads to another server', async () => {
    const { headers } = await guarded()('GET', {}, `//evil.example/?token=${TOKEN}`);
    expect(headers.get('location')).toBe('/evil.example/');
  });

  test('is for no request that changes something, where it is in the address', async () => {
    expect((await guarded()('POST', {}, `/api/runs?token=${TOKEN}`)).status).toBe(401);
  });

  test.each([['/files/app-1a2b.js'], ['/icon.svg']])('is not asked for by %s', async (path) => {
    expect((await guarded()('GET', {}, path)).status).toBe(200);
  });

  test('where it is missing, a page says in words what to do', async () => {
    const { status, code } = await guarded()('GET', {}, '/groups');
    expect([status, code]).toEqual([
      401,
      expect.stringContaining('Open the address that the console printed'),
    ]);
  });
});

describe('the password', () => {
  test('is asked for, of readers as well', async () => {
    const found = await guarded('se:cret')('GET');
    expect(found).toMatchObject({ status: 401, code: 'PASSWORD_WANTED' });
    expect(found.headers.get('www-authenticate')).toBe('Basic realm="Nx Assets", charset="UTF-8"');
  });

  test.each([['anybody:se:cret'], [':se:cret']])('is known to %s', async (text) => {
    for (const method of ['GET', 'POST'])
      expect((await guarded('se:cret')(method, { authorization: basic(text) })).status).toBe(200);
  });

  test.each([
    [basic('anybody:cret')],
    [basic('se:cret:')],
    [basic('')],
    ['Basic'],
    ['Bearer se:cret'],
    [`Bearer ${basic('anybody:se:cret').slice(6)}`],
    [''],
  ])('is not "%s"', async (authorization) => {
    const found = await guarded('se:cret')('GET', { authorization });
    expect(found).toMatchObject({ status: 401, code: 'PASSWORD_WANTED' });
  });

  test('takes any letters', async () => {
    expect((await guarded('pä✓')('GET', { authorization: basic('me:pä✓') })).status).toBe(200);
  });

  test('cannot be guessed fast, and who is signed in does not notice', async () => {
    const ask = guarded('secret');
    const { headers } = await ask('GET', { authorization: basic(':secret') });
    for (let i = 0; i < 5; i++)
      expect((await ask('GET', { authorization: basic(':guess') })).status).toBe(401);
    const found = await ask('GET', { authorization: basic(':secret') });
    expect(found).toMatchObject({ status: 429, code: 'TOO_MANY_TRIES' });
    expect(found.headers.get('retry-after')).toBe('1');
    expect((await ask('GET', { cookie: cookieOf(headers) })).status).toBe(200);
  });
});
