import { AssetError } from '@nx-assets/core';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { addressesOf, checkBinding, requireAccess, hostAndPort, hostsOf } from './access.ts';

const TOKEN = 'the-token';
const HOST = '127.0.0.1:4200';

function guarded(password: string | null = null) {
  const app = new Hono();
  app.use(requireAccess({ token: TOKEN, hosts: hostsOf('127.0.0.1', 4200, ['lab.example']), password }));
  app.all('*', (context) => context.text('in'));
  return async (method: string, headers: Readonly<Record<string, string>>) => {
    const response = await app.request('/', { method, headers });
    const text = await response.text();
    const code = response.ok ? text : (JSON.parse(text) as { code: string }).code;
    return { status: response.status, code, headers: response.headers };
  };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('Host', () => {
  test.each([
    [HOST],
    ['localhost:4200'],
    ['LOCALHOST:4200'],
    ['[::1]:4200'],
    ['lab.example'],
    ['lab.example:4200'],
  ])('%s is ours', async (host) => {
    expect(await guarded()('GET', { host })).toMatchObject({ status: 200, code: 'in' });
  });

  test.each([
    ['evil.example'],
    ['127.0.0.1'],
    ['127.0.0.1:4201'],
    ['localhost'],
    [`${HOST}.evil.example`],
    [''],
  ])('"%s" is not', async (host) => {
    expect(await guarded()('GET', { host })).toMatchObject({ status: 403, code: 'HOST_REFUSED' });
  });

  test('none at all is refused too', async () => {
    expect(await guarded()('GET', {})).toMatchObject({ status: 403, code: 'HOST_REFUSED' });
  });
});

describe('Origin', () => {
  test.each([[`http://${HOST}`], ['https://lab.example'], ['http://localhost:4200']])(
    '%s is ours',
    async (origin) => {
      const headers = { host: HOST, origin, 'x-nx-assets-token': TOKEN };
      expect(await guarded()('POST', headers)).toMatchObject({ status: 200 });
    },
  );

  test.each([
    ['null'],
    ['http://evil.example'],
    [HOST],
    [`ftp://${HOST}`],
    [`http://${HOST}@evil.example`],
    [`http://${HOST}/`],
    [`http://http://${HOST}`],
  ])('%s is not, even to read and with the token', async (origin) => {
    for (const method of ['GET', 'POST']) {
      const found = await guarded()(method, { host: HOST, origin, 'x-nx-assets-token': TOKEN });
      expect(found).toMatchObject({ status: 403, code: 'ORIGIN_REFUSED' });
    }
  });
});

describe('the token', () => {
  test.each([['GET'], ['HEAD']])('is not asked for by %s', async (method) => {
    expect(await guarded()(method, { host: HOST })).toMatchObject({ status: 200 });
  });

  test.each([['POST'], ['PUT'], ['DELETE'], ['PATCH'], ['OPTIONS']])('is asked for by %s', async (method) => {
    const ask = guarded();
    expect(await ask(method, { host: HOST })).toMatchObject({ status: 403, code: 'TOKEN_WRONG' });
    const headers = { host: HOST, 'x-nx-assets-token': TOKEN };
    expect(await ask(method, headers)).toMatchObject({ status: 200 });
  });

  test.each([[''], ['the-toke'], ['the-token!'], ['THE-TOKEN']])('is not "%s"', async (token) => {
    const found = await guarded()('POST', { host: HOST, 'x-nx-assets-token': token });
    expect(found).toMatchObject({ status: 403, code: 'TOKEN_WRONG' });
  });
});

describe('the password', () => {
  test('is asked for, of readers as well', async () => {
    const found = await guarded('se:cret')('GET', { host: HOST });
    expect(found).toMatchObject({ status: 401, code: 'PASSWORD_WANTED' });
    expect(found.headers.get('www-authenticate')).toBe('Basic realm="Nx Assets", charset="UTF-8"');
  });

  test.each([['anybody:se:cret'], [':se:cret']])('is known to %s', async (text) => {
    const found = await guarded('se:cret')('GET', { host: HOST, authorization: basic(text) });
    expect(found.status).toBe(200);
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
    const found = await guarded('se:cret')('GET', { host: HOST, authorization });
    expect(found).toMatchObject({ status: 401, code: 'PASSWORD_WANTED' });
  });

  test('takes any letters', async () => {
    const found = await guarded('pä✓')('GET', { host: HOST, authorization: basic('me:pä✓') });
    expect(found.status).toBe(200);
  });

  test('does not stand for the token', async () => {
    const found = await guarded('secret')('POST', { host: HOST, authorization: basic(':secret') });
    expect(found).toMatchObject({ status: 403, code: 'TOKEN_WRONG' });
  });

  test('is not told to a page whose name is not ours', async () => {
    const found = await guarded('secret')('GET', { host: 'evil.example', authorization: basic(':secret') });
    expect(found).toMatchObject({ code: 'HOST_REFUSED' });
  });
});

test('every answer forbids foreign scripts and frames, a refusal too', async () => {
  for (const host of [HOST, 'evil.example']) {
    const { headers } = await guarded()('GET', { host });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
    );
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

describe('where a server listens', () => {
  test.each([['127.0.0.1'], ['::1'], ['localhost']])('%s needs no password', (host) => {
    expect(() => checkBinding(host, [], null)).not.toThrow();
    expect(() => checkBinding(host, ['lab.example'], null)).toThrow(/as lab.example/);
  });

  test.each([['0.0.0.0'], ['::'], ['192.168.0.4'], ['127.0.0.1.evil.example']])('%s does', (host) => {
    const facts = `Others could reach the console on ${host} and start runs.`;
    expect(() => checkBinding(host, [], null)).toThrow(
      expect.toSatisfy((error) => error instanceof AssetError && error.facts === facts),
    );
    expect(() => checkBinding(host, ['lab.example'], 'secret')).not.toThrow();
  });

  test('an address of its own is the only one', () => {
    expect(addressesOf('192.168.0.4')).toEqual(['192.168.0.4']);
    expect(addressesOf('0.0.0.0')).not.toContain('0.0.0.0');
    expect(addressesOf('::')).not.toContain('::');
  });

  test('an address of IPv6 stands in brackets', () => {
    expect(hostAndPort('::1', 80)).toBe('[::1]:80');
    expect(hostAndPort('lab.example', 80)).toBe('lab.example:80');
  });

  test('browsers leave port 80 out, and a proxy has a port of its own', () => {
    expect([...hostsOf('127.0.0.1', 80, [])].sort()).toEqual(
      ['127.0.0.1', '127.0.0.1:80', '[::1]', '[::1]:80', 'localhost', 'localhost:80'].sort(),
    );
    expect([...hostsOf('127.0.0.1', 4200, ['Lab.Example'])].sort()).toEqual(
      ['127.0.0.1:4200', '[::1]:4200', 'localhost:4200', 'lab.example', 'lab.example:4200'].sort(),
    );
  });
});
