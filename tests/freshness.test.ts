import { ApiServer, type Handler, TestWorkspace } from '@nx-assets/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const source = (url: string) => `
import { asset } from '@nx-assets/core';
import { external, file, url } from '@nx-assets/external';
import { z } from 'zod';
export const rates = external({
  description: 'Exchange rates, made by the bank.',
  kind: 'http',
  source: url('${url}/rates'),
  freshness: { maxAge: '1s', overdueAfter: '1h' },
});
export const drops = external({
  description: 'What the shop drops here every night.',
  source: file('data/drops.csv'),
  freshness: { deadline: '*/5 * * * * *', window: '1s' },
});
export const report = asset({
  description: 'What it says of the rates.',
  deps: { rates },
  freshness: { deadline: '0 9 * * 1-5', timeZone: 'Europe/Berlin' },
  value: z.object({ seen: z.string() }),
  materialize: ({ rates }) => ({ seen: rates.version }),
});
`;

describe('what is made elsewhere', () => {
  let api: ApiServer;
  let workspace: TestWorkspace;
  let version = '"v1"';
  let asked = 0;
  const serve: Handler = (_request, response) => {
    asked++;
    response.writeHead(200, { etag: version }).end();
  };
  const status = async (key: string) => {
    const { stdout } = await workspace.command(['status', '--json']);
    const { assets } = JSON.parse(stdout) as { assets: { key: string; status: string[] }[] };
    return assets.find((one) => one.key === key)?.status;
  };

  beforeEach(async () => {
    [version, asked] = ['"v1"', 0];
    api = await ApiServer.start({ rates: serve });
    workspace = new TestWorkspace({
      'packages/shop/package.json': JSON.stringify({ name: 'shop', 'nx-assets': {}, type: 'module' }),
      'packages/shop/src/index.ts': source(api.url),
      'data/drops.csv': 'a,b\n',
    });
  });
  afterEach(async () => {
    workspace.dispose();
    await api.stop();
  });

  test('is observed, stands in the graph, and stops what depends on it while it stays the same', async () => {
    const first = await workspace.nx(['run', 'shop:report']);
    expect(first.output).toMatch(/shop\/rates\s+observed\s+not materialized yet/);
    expect(JSON.parse(workspace.read('output/shop/rates.json'))).toEqual({
      source: `${api.url}/rates`,
      version: '"v1"',
      by: 'etag',
      modifiedAt: null,
      bytes: null,
    });
    await sleep(1100);
    expect(await status('shop/rates')).toEqual(['due']);
    const same = await workspace.materialize(['run', 'shop:report']);
    expect(same.ran).toEqual(['rates']);
    expect(same.assets.find(({ key }) => key === 'shop/rates')).toMatchObject({
      changed: false,
      isExternal: true,
      reasons: [{ kind: 'too-old', freshness: { kind: 'age', due: 1000, overdue: 3_600_000 } }],
    });
    version = '"v2"';
    await sleep(1100);
    const other = await workspace.materialize(['run', 'shop:report']);
    expect(other.ran).toEqual(['rates', 'report']);
    expect(JSON.parse(workspace.read('output/shop/report.json'))).toEqual({ seen: '"v2"' });
    expect(asked).toBe(3);
    const events = await workspace.command(['show', 'rates']);
    expect(events.stdout).toContain('http, external');
    expect(events.stdout).toMatch(/freshness\s+1s, overdue after 1h/);
    expect(events.stdout).toMatch(/used by\s+shop\/report/);
  });

  test('that cannot be seen keeps what was seen, and says so', async () => {
    expect((await workspace.materialize(['run', 'shop:report'])).code).toBe(0);
    const before = workspace.read('output/shop/rates.record.json');
    await sleep(1100);
    delete api.collections.rates;
    const failed = await workspace.materialize(['run', 'shop:report']);
    expect(failed).toMatchObject({ code: 1, failed: ['rates'], blocked: ['report'] });
    expect(failed.assets[0]?.error).toMatchObject({ code: 'HTTP_FAILED' });
    expect(workspace.read('output/shop/rates.record.json')).toBe(before);
  });

  test('is overdue after its deadline, and looked at again then', async () => {
    expect((await workspace.materialize(['run', 'shop:drops'])).ran).toEqual(['drops']);
    await expect.poll(() => status('shop/drops'), { timeout: 60_000 }).toEqual(['overdue']);
    const why = await workspace.command(['why', 'drops']);
    expect(why.stdout).toMatch(/overdue \(policy: \*\/5 \* .*\): data last requested \d+ s ago/);
    workspace.write({ 'data/drops.csv': 'a,b\n1,2\n' });
    const run = await workspace.materialize(['run', 'shop:drops']);
    expect(run.assets).toMatchObject([
      { status: 'materialized', changed: true, reasons: [{ kind: 'too-old' }] },
    ]);
    workspace.remove('data');
    await expect.poll(() => status('shop/drops'), { timeout: 60_000 }).toEqual(['overdue']);
    const gone = await workspace.materialize(['run', 'shop:drops']);
    expect(gone.assets[0]?.error).toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('data/drops.csv cannot be read') as string,
    });
    expect(await status('shop/drops')).toEqual(['failed', 'overdue']);
  });

  test('a deadline that cannot be is refused with the file, before anything runs', async () => {
    workspace.edit('packages/shop/src/index.ts', (code) => code.replace('Europe/Berlin', 'Mars/Olympus'));
    const { code, output } = await workspace.nx(['run', 'shop:report']);
    expect(code).toBe(1);
    expect(output).toContain(
      '✖ ASSET_OPTION_INVALID: packages/shop/src/index.ts:16: "0 9 * * 1-5" in "Mars/Olympus" is no cron expression.',
    );
  });
});
