import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestWorkspace } from '@nx-assets/testing';
import { verify } from '@nx-assets/webhook';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSByZWNlaXZlcg==';
const ASSETS = `
import { appendFileSync } from 'node:fs';
import { asset, daily } from '@nx-assets/core';
import { z } from 'zod';
const note = (what: string) => appendFileSync('order.txt', what + '\\n');
export const orders = asset({
  description: 'Orders.',
  schema: z.object({ id: z.int() }),
  env: ['BROKEN'],
  materialize() {
    note('orders');
    if (process.env.BROKEN) throw new Error('the orders broke');
    return [{ id: 1 }, { id: 2 }];
  },
});
export const other = asset({ description: 'Not selected.', value: z.int(), materialize: () => 1 });
export const days = asset({
  description: 'A number for each day.',
  partitions: daily({ start: '2026-03-01', end: '2026-03-05' }),
  config: z.object({ times: z.int().max(9).default(1) }),
  value: z.string(),
  materialize: (_inputs, { partition, config }) => partition.key + ' ' + config.times,
});
`;
const JOBS = `
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { job, op, resource } from '@nx-assets/core';
import { webhook } from '@nx-assets/webhook';
import { orders } from '@test/shop';
import { z } from 'zod';
const note = (what: string) => appendFileSync('order.txt', what + '\\n');
const key = resource({ description: 'K.', secrets: ['API_KEY'], open: ({ env }) => env.API_KEY ?? '' });
const vacuum = op({
  name: 'vacuum',
  description: 'Frees space.',
  resources: { key },
  retry: { attempts: 2, backoff: '0.01s' },
  output: z.object({ freed: z.int() }),
  async run(_inputs, { log, resources, signal }) {
    note('vacuum');
    log.info('with ' + resources.key);
    if (process.env.SLEEP) await sleep(60_000, undefined, { signal });
    if (process.env.NO_SPACE) throw new Error('no space for ' + resources.key + ' to tell ' + process.env.HOOK_URL);
    if (process.env.LEAVE) process.exit(0);
    return { freed: process.env.WRONG ? ('much' as never) : 7 };
  },
});
const count = op({
  name: 'count',
  description: 'Counts.',
  inputs: z.object({ freed: z.int() }),
  deps: { orders },
  output: z.object({ rows: z.int() }),
  async run({ freed, orders }) {
    const rows = await orders.rows();
    note('count ' + rows.length + ' freed ' + freed);
    return { rows: rows.length };
  },
});
const notify = op({
  name: 'notify',
  description: 'Notes.',
  inputs: z.object({ rows: z.int(), freed: z.int() }),
  run: ({ rows, freed }) => note('notify ' + rows + ' ' + freed),
});
const chat = webhook({ name: 'chat', url: { env: 'HOOK_URL' }, secret: { env: 'HOOK_SECRET' }, format: 'slack', timeout: '0.5s' });
export const daily = job({
  description: 'Daily.',
  before: [vacuum],
  select: orders,
  after: [count, notify],
  onSuccess: [chat],
  onFailure: [chat, function told(event) { note('told ' + event.status); throw new Error('a hook that throws, with ' + process.env.API_KEY); }],
});
`;

const DAYS = `
import { job, op } from '@nx-assets/core';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { days } from '@test/shop';
const seen = op({
  name: 'seen',
  description: 'Sees the days that are there.',
  deps: { days },
  run: ({ days }) => appendFileSync('order.txt', 'seen ' + [...days.keys()].join(' ') + '\\n'),
});
const first = op({ name: 'first', description: 'Comes first.', run: () => appendFileSync('order.txt', 'first\\n') });
const slow = op({
  name: 'slow',
  description: 'Takes its time.',
  run: async () => {
    appendFileSync('order.txt', 'slow\\n');
    await sleep(Number(process.env.SLEEP ?? 0));
  },
});
export const latest = job({
  description: 'The last day, three times.',
  before: [first],
  select: 'shop/days',
  after: [seen],
  partition: 'latest',
  config: { 'shop/days': { times: 3 } },
});
export const patient = job({ description: 'One at a time.', before: [slow], select: 'shop/other', after: [first] });
`;

interface Received {
  readonly at: number;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

let workspace: TestWorkspace;
let server: Server;
let received: Received[] = [];
let answer: (response: ServerResponse, count: number) => void;
let env: Record<string, string>;
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ at: Date.now(), body, headers: request.headers });
      answer(response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  env = { HOOK_URL: url, HOOK_SECRET: SECRET, API_KEY: 'the-key-of-it' };
  workspace = new TestWorkspace()
    .group('shop', { 'index.ts': ASSETS })
    .group('jobs', { 'index.ts': JOBS })
    .group('more', { 'index.ts': DAYS })
    .edit('nx.json', (text) =>
      text.replace('"nx-assets"', '{ "plugin": "nx-assets", "options": { "hooks": { "deadline": "2s" } } }'),
    );
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  workspace.dispose();
});
beforeEach(() => {
  received = [];
  answer = (response) => response.writeHead(200).end();
  workspace.remove('order.txt').remove('.nx/nx-assets/outbox');
});
afterEach(() => server.closeAllConnections());

const run = (more: Record<string, string> = {}, ...flags: string[]) =>
  workspace.nx(['run', 'jobs:daily', ...flags], { env: { ...env, ...more } });
const order = () => workspace.read('order.txt').trim().split('\n');
const bodies = () => received.map(({ body }) => JSON.parse(body) as { text: string });
const lastRun = async () => {
  const { stdout } = await workspace.command(['runs', 'last', '--json']);
  return JSON.parse(stdout) as {
    run: { status: string; steps: object; requested: string[] };
    steps: {
      key: string;
      status: string;
      attempt: number;
      error: { code: string; message: string } | null;
    }[];
  };
};

describe('a job', () => {
  test('runs ops, its assets, and ops with what those before them gave; it is one run, and a hook is told', async () => {
    const { code, output } = await run();
    expect(code, output).toBe(0);
    expect(order()).toEqual(['vacuum', 'orders', 'count 2 freed 7', 'notify 2 7']);
    expect(workspace.exists('output/shop/other.json')).toBe(false);
    expect(output).toMatch(/✔ vacuum +done[^]*✔ assets +done +1 materialized[^]*✔ notify +done/);
    expect(output).toMatch(/jobs\/daily succeeded, in/);
    expect(output).not.toContain('the-key-of-it');
    const { run: recorded, steps } = await lastRun();
    expect(recorded).toMatchObject({
      status: 'succeeded',
      requested: ['shop/orders'],
      steps: { done: 3, materialized: 1 },
    });
    expect(steps.map(({ key, status }) => [key, status])).toEqual([
      ['jobs/daily/vacuum', 'done'],
      ['shop/orders', 'materialized'],
      ['jobs/daily/count', 'done'],
      ['jobs/daily/notify', 'done'],
    ]);
    const logs = await workspace.command(['logs', 'last', 'jobs/daily/vacuum']);
    expect(logs.stdout).toContain('with [secret]');
    expect(bodies()).toEqual([{ text: expect.stringMatching(/^✔ jobs\/daily succeeded in/) as string }]);
    const [{ body, headers } = { body: '', headers: {} }] = received;
    expect(verify(body, headers, { secret: SECRET }).ok).toBe(true);
    expect(verify(body, headers, { secret: 'another' }).ok).toBe(false);
  });

  test('takes assets from the cache, and runs its ops again; --json is one document', async () => {
    const { code, stdout } = await run({}, '--json');
    expect(code).toBe(0);
    expect(order()).toEqual(['vacuum', 'count 2 freed 7', 'notify 2 7']);
    const { jobs } = JSON.parse(stdout) as { jobs: { status: string; assets: { status: string }[] }[] };
    expect(jobs).toMatchObject([
      { status: 'succeeded', assets: [{ key: 'shop/orders', status: 'up-to-date' }] },
    ]);
  });

  test('whose first op fails runs nothing more, names the op with the stack of its author, and tells', async () => {
    const { code, output } = await run({ NO_SPACE: 'true' });
    expect(code).toBe(1);
    expect(order()).toEqual(['vacuum', 'vacuum', 'told failed']);
    expect(output).toContain('attempt 1 failed, again in');
    expect(output).toMatch(
      /✖ jobs\/daily: the op vacuum\n +OP_THREW: Error: no space for \[secret\][^]*?packages\/jobs\/src\/index\.ts:\d+/,
    );
    expect(output).toMatch(/◌ assets +blocked[^]*◌ notify +blocked/);
    expect(output).toMatch(
      /▲ The hook told failed: a hook that throws, with \[secret\]\.\n.*packages\/jobs\/src\/index\.ts/,
    );
    expect(output).not.toContain('the-key-of-it');
    expect(output).not.toContain(env.HOOK_URL);
    expect(bodies()).toEqual([
      { text: expect.stringContaining('• vacuum: OP_THREW: Error: no space for [secret]') as string },
    ]);
    const { run: recorded, steps } = await lastRun();
    expect(recorded.status).toBe('failed');
    expect(steps).toMatchObject([
      { key: 'jobs/daily/vacuum', status: 'failed', attempt: 2, error: { code: 'OP_THREW' } },
    ]);
  });

  test('whose op would end the process fails, and is told of', async () => {
    const { code, output } = await run({ LEAVE: 'true' });
    expect(code).toBe(1);
    expect(output).toContain('PROCESS_ENDED: jobs/daily/vacuum called process.exit(0).');
    expect(order()).toContain('told failed');
  });

  test('whose op gives something else than it says fails there', async () => {
    const { code, output } = await run({ WRONG: 'true' });
    expect(code).toBe(1);
    expect(output).toMatch(/OP_OUTPUT_INVALID: The op vacuum gave something else: freed: /);
  });

  test('whose asset fails runs no op after it, and tells which', async () => {
    const { code } = await run({ BROKEN: 'true' });
    expect(code).toBe(1);
    expect(order()).toEqual(['vacuum', 'orders', 'told failed']);
    expect(bodies()[0]?.text).toMatch(/1 failed\n• shop\/orders: MATERIALIZE_THREW: Error: the orders broke/);
    const { run: recorded, steps } = await lastRun();
    expect(recorded.status).toBe('failed');
    expect(steps.map(({ status }) => status)).toEqual(['done', 'failed']);
  });

  test('that is interrupted ends with 130, and nobody is told', async () => {
    let pid = 0;
    const running = workspace.nx(['run', 'jobs:daily'], {
      env: { ...env, SLEEP: 'true' },
      onStart: (started) => (pid = started),
    });
    await expect.poll(() => workspace.exists('order.txt'), { timeout: 60_000 }).toBe(true);
    await sleep(300);
    const at = Date.now();
    process.kill(-pid, 'SIGINT');
    const { code, output } = await running;
    expect(code, output).toBe(130);
    expect(Date.now() - at).toBeLessThan(30_000);
    expect(order()).toEqual(['vacuum']);
    expect((await lastRun()).run.status).toBe('cancelled');
    expect(received).toEqual([]);
  });
});

describe('a job of partitions', () => {
  const days = () =>
    ['01', '02', '03', '04'].filter((day) => workspace.exists(`output/shop/days/2026-03-${day}.json`));
  const read = (day: string) => JSON.parse(workspace.read(`output/shop/days/2026-03-${day}.json`)) as string;

  test('makes those that it names, with its config; a command line goes before it', async () => {
    const { code, output } = await workspace.nx(['run', 'more:latest']);
    expect(code, output).toBe(0);
    expect(days()).toEqual(['04']);
    expect(order()).toEqual(['first', 'seen 2026-03-04']);
    expect(read('04')).toBe('2026-03-04 3');
    const other = ['--partition=2026-03-01...2026-03-02', '--config=shop/days.times=5'];
    expect((await workspace.nx(['run', 'more:latest', ...other])).code).toBe(0);
    expect(days()).toEqual(['01', '02', '04']);
    expect(order().at(-1)).toBe('seen 2026-03-01 2026-03-02 2026-03-04');
    expect([read('02'), read('04')]).toEqual(['2026-03-02 5', '2026-03-04 3']);
  });

  test('does not start with a config that does not fit', async () => {
    const { code, output } = await workspace.nx(['run', 'more:latest', '--config=shop/days.times=10']);
    expect(code).not.toBe(0);
    expect(output).toContain('CONFIG_INVALID');
    expect(output).toContain('asset shop/days: times:');
    expect(workspace.exists('order.txt')).toBe(false);
  });
});

describe('a job of partitions that are not there', () => {
  test('is refused before its first op', async () => {
    workspace.remove('order.txt');
    const { code, output } = await workspace.nx(['run', 'more:latest', '--partition=2027-01-01'], { env });
    expect(code).toBe(1);
    expect(output).toContain('PARTITION_UNKNOWN: shop/days has no partition "2027-01-01".');
    expect(workspace.exists('order.txt')).toBe(false);
    const whole = await workspace.nx(['run', 'more:patient', '--partition=latest'], { env });
    expect(whole.output).toContain('PARTITION_UNKNOWN: shop/other has no partitions.');
    expect(workspace.exists('order.txt')).toBe(false);
  });
});

describe('two runs of one job', () => {
  test('come one after the other, and one that is killed holds nobody', async () => {
    const [slow, next] = await Promise.all([
      workspace.nx(['run', 'more:patient'], { env: { SLEEP: '1500' } }),
      workspace.nx(['run', 'more:patient'], { env: { SLEEP: '1500' } }),
    ]);
    expect([slow.code, next.code], slow.output + next.output).toEqual([0, 0]);
    expect(slow.output + next.output).toContain('more/patient waits for another run of it.');
    expect(order()).toEqual(['slow', 'first', 'slow', 'first']);
    workspace.remove('order.txt');
    await workspace.nx(['run', 'more:patient'], {
      env: { SLEEP: '60000' },
      onStart: (pid) => {
        const timer = setInterval(() => {
          // The file is there before its line is.
          if (!workspace.exists('order.txt') || order()[0] === '') return;
          clearInterval(timer);
          process.kill(-pid, 'SIGKILL');
        }, 20);
      },
    });
    const after = await workspace.nx(['run', 'more:patient']);
    expect(after.code, after.output).toBe(0);
    expect(order()).toEqual(['slow', 'slow', 'first']);
    const { stdout } = await workspace.command(['runs', '--json']);
    const { runs } = JSON.parse(stdout) as { runs: { status: string }[] };
    expect(runs.map(({ status }) => status).slice(0, 2)).toEqual(['succeeded', 'lost']);
  });
});

describe('a webhook', () => {
  test('is tried again after 500, and after the time that 429 names, with the same id', async () => {
    answer = (response, count) => {
      if (count === 1) response.writeHead(500).end();
      else if (count === 2) response.writeHead(429, { 'retry-after': '1' }).end();
      else response.writeHead(200).end();
    };
    const { code, output } = await run();
    expect(code).toBe(0);
    expect(output).not.toContain('The hook chat');
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const [first, second, third] = received;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(200);
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThan(900);
    expect(received).toHaveLength(3);
  });

  test('that nobody answers neither fails nor holds the run, and the next one sends it while it goes on', async () => {
    answer = () => undefined;
    const { code, output } = await run();
    expect(code).toBe(0);
    expect(output).toMatch(/▲ The hook chat was not delivered: .*\. The next run of a job sends it\./);
    const ended = received[0]?.at ?? 0;
    expect(Date.now() - ended).toBeLessThan(30_000);
    const id = received[0]?.headers['webhook-id'];
    expect(workspace.exists(`.nx/nx-assets/outbox/${String(id)}.json`)).toBe(true);
    expect(workspace.read(`.nx/nx-assets/outbox/${String(id)}.json`)).not.toContain(env.HOOK_URL);

    // Nor does it hold the runs of other jobs, however long these have for hooks of their own.
    workspace.edit('nx.json', (text) => text.replace('"deadline": "2s"', '"deadline": "60s"'));
    const begun = Date.now();
    expect((await workspace.nx(['run', 'more:latest'], { env })).code).toBe(0);
    expect(Date.now() - begun).toBeLessThan(30_000);
    expect(workspace.exists(`.nx/nx-assets/outbox/${String(id)}.json`)).toBe(true);
    workspace.edit('nx.json', (text) => text.replace('"deadline": "60s"', '"deadline": "2s"'));

    // Refused at first: the receiver is not there. Then slow, while the run goes on.
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const gone = await run({ HOOK_URL: `http://127.0.0.1:${port}/` });
    expect(gone.code).toBe(0);
    expect(gone.output).toContain('ECONNREFUSED');
    received = [];
    answer = (response) => void setTimeout(() => response.writeHead(200).end(), 200);
    const next = await run();
    expect(next.code).toBe(0);
    const ids = received.map(({ headers }) => headers['webhook-id']);
    // At least once each: what a slow machine takes for unanswered is sent again.
    expect(new Set(ids).size).toBe(3);
    expect(ids).toContain(id);
    expect(workspace.exists(`.nx/nx-assets/outbox/${String(id)}.json`)).toBe(false);
  });

  test('whose address is not set says so, and keeps nothing', async () => {
    const { code, output } = await run({ HOOK_URL: '' });
    expect(code).toBe(0);
    expect(output).toContain('The hook chat sends nothing: HOOK_URL is not set.');
    expect(workspace.exists('.nx/nx-assets/outbox')).toBe(false);
  });
});

describe('what a job would run', () => {
  test('is listed, for people and machines', async () => {
    const listed = await workspace.command(['jobs']);
    expect(listed.stdout).toMatch(
      /jobs\/daily +vacuum → assets → count → notify +1 (up to date|of 1 to run) +Daily\./,
    );
    // A job that cannot run says why, and hides no other.
    workspace.edit('packages/more/src/index.ts', (text) => text.replace("'latest',", "'2027-01-01',"));
    const withWrong = await workspace.command(['jobs']);
    expect([withWrong.code, withWrong.stdout]).toEqual([0, expect.stringContaining('jobs/daily')]);
    expect(withWrong.stdout).toMatch(/more\/latest .*✖ PARTITION_UNKNOWN: shop\/days has no partition/);
    workspace.edit('packages/more/src/index.ts', (text) => text.replace("'2027-01-01',", "'latest',"));
    const one = await workspace.command(['jobs', 'daily', '--json']);
    expect(JSON.parse(one.stdout)).toMatchObject({
      version: 2,
      jobs: [
        {
          key: 'jobs/daily',
          chosen: ['shop/orders'],
          after: [{ name: 'count', deps: { orders: 'shop/orders' } }, {}],
        },
      ],
    });
    const wrong = await workspace.command(['jobs', 'dayly']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('There is no job dayly (did you mean daily?).');
  });

  test('a job that is wrong says where, and a package of jobs has nothing to materialize', async () => {
    const show = await workspace.nx(['show', 'project', 'jobs', '--json']);
    expect(Object.keys((JSON.parse(show.stdout) as { targets: object }).targets)).toEqual([
      'daily',
      'nx-release-publish',
    ]);
    const before = workspace.read('packages/jobs/src/index.ts');
    workspace.edit('packages/jobs/src/index.ts', (text) =>
      text.replace('select: orders', "select: 'key:shop/order'"),
    );
    const unknown = await workspace.nx(['run', 'jobs:daily']);
    expect(unknown.code).not.toBe(0);
    expect(unknown.output).toMatch(
      /SELECTION_INVALID: packages\/jobs\/src\/index\.ts:\d+: No asset matches .*shop\/order \(did you mean .*shop\/orders\?\)/,
    );
    workspace.edit('packages/jobs/src/index.ts', (text) =>
      text.replace('before: [vacuum]', 'before: [vacuum, vacuum]'),
    );
    const twice = await workspace.nx(['run', 'jobs:daily']);
    expect(twice.output).toMatch(
      /JOB_INVALID: packages\/jobs\/src\/index\.ts:\d+: The op vacuum is there twice\./,
    );
    workspace.write({ 'packages/jobs/src/index.ts': before });
  });
});
