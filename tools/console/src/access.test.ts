import { AssetError } from '@nx-assets/core';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { addressesOf, checkBinding, hostAndPort, hostsOf, refuseForeign } from './access.ts';

const HOST = '127.0.0.1:4200';

function guarded() {
  const app = new Hono();
  app.use(refuseForeign(hostsOf('127.0.0.1', 4200, ['lab.example'])));
  app.all('*', (context) => context.text('in'));
  return async (method: string, headers: Readonly<Record<string, string>>, path = '/') => {
    const response = await app.request(path, { method, headers });
    const text = await response.text();
    const code = response.ok ? text : (JSON.parse(text) as { code: string }).code;
    return { status: response.status, code, headers: response.headers };
  };
}

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
      const headers = { host: HOST, origin };
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
  ])('%s is not, even to read', async (origin) => {
    for (const method of ['GET', 'POST']) {
      const found = await guarded()(method, { host: HOST, origin });
      expect(found).toMatchObject({ status: 403, code: 'ORIGIN_REFUSED' });
    }
  });
});

describe('what a browser fetches', () => {
  const from = (site: string, mode: string) => ({
    host: HOST,
    'sec-fetch-site': site,
    'sec-fetch-mode': mode,
  });

  test.each([
    ['GET', '/api/runs', 'same-origin', 'cors'],
    ['POST', '/api/runs', 'same-origin', 'cors'],
    ['GET', '/groups', 'none', 'navigate'],
    ['GET', '/groups', 'cross-site', 'navigate'],
  ])('%s %s is answered: %s, %s', async (method, path, site, mode) => {
    expect(await guarded()(method, from(site, mode), path)).toMatchObject({ status: 200 });
  });

  test.each([
    ['GET', '/api/runs', 'same-site', 'no-cors'],
    ['GET', '/api/runs', 'cross-site', 'navigate'],
    ['GET', '/groups', 'same-site', 'cors'],
    ['POST', '/api/runs', 'same-site', 'cors'],
    ['POST', '/groups', 'cross-site', 'navigate'],
  ])('%s %s is refused: %s, %s', async (method, path, site, mode) => {
    const found = await guarded()(method, from(site, mode), path);
    expect(found).toMatchObject({ status: 403, code: 'ORIGIN_REFUSED' });
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
