import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const DATA = `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { asset, daily } from '@nx-assets/core';
import { eager, onCron } from '@nx-assets/core/automation';
import { z } from 'zod';
const note = (what: string) => appendFileSync('order.txt', what + '\\n');
export const raw = asset({
  description: 'A number from outside.',
  value: z.int(),
  env: ['RAW'],
  materialize() { note('raw'); return Number(process.env.RAW ?? 1); },
});
export const tens = asset({
  description: 'Its tens.',
  value: z.int(),
  deps: { raw },
  automation: eager(),
  materialize({ raw }) {
    note('tens');
    if (existsSync('broken')) throw new Error('it is broken');
    return Math.floor(raw / 10);
  },
});
export const report = asset({
  description: 'A report.',
  value: z.string(),
  deps: { tens },
  automation: eager(),
  materialize({ tens }) { note('report'); return 'tens: ' + tens; },
});
export const slow = asset({
  description: 'It takes its time.',
  value: z.string(),
  env: ['NOTHING'],
  materialize: async () => { note('slow begins'); await sleep(4_000); note('slow ends'); return new Date(0).toISOString(); },
});
export const days = asset({
  description: 'A number for each day.',
  partitions: daily({ start: '2026-03-01' }),
  value: z.string(),
  materialize: (_inputs, { partition }) => { note('day ' + partition.key); return partition.key; },
});
export const someday = asset({
  description: 'It waits for a time that does not come.',
  value: z.int(),
  automation: onCron('0 0 29 2 *'),
  materialize: () => 1,
});
`;

const AUTOMATION = (port: number) => `
import { existsSync, readFileSync } from 'node:fs';
import { days, raw, slow } from '@test/data';
import { job, op } from '@nx-assets/core';
import { files, materialized, runs, schedule, sensor, url } from '@nx-assets/core/automation';
import { appendFileSync } from 'node:fs';
const note = (what: string) => appendFileSync('order.txt', what + '\\n');
const say = (name: string) => op({ name, description: 'Notes.', run: () => note('op ' + name) });
const told = (name: string) => job({ description: 'Tells.', before: [say(name)] });
export const file_came = told('file_came');
export const page_changed = told('page_changed');
export const raw_changed = told('raw_changed');
export const run_failed = told('run_failed');
export const nightly = job({ description: 'Nightly.', before: [say('nightly')], schedule: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' } });
export const each_day = schedule({
  description: 'The day before.', cron: '0 2 * * *', catchUp: { all: 3 }, run: days, partition: 'latest',
});
export const inbox = sensor({ description: 'Files.', every: '1s', watch: files('inbox/**/*.csv', { settle: '0.2s' }), run: file_came });
export const page = sensor({ description: 'A page.', every: '1s', watch: url('http://127.0.0.1:${port}/page'), run: page_changed });
export const of_raw = sensor({ description: 'Of raw.', every: '1s', watch: materialized(raw), run: raw_changed });
export const of_runs = sensor({ description: 'Of runs.', every: '1s', watch: runs(), run: run_failed });
export const asked = sensor({
  description: 'Asked for.', every: '1s', run: slow,
  check: (cursor, { log }) => {
    if (existsSync('bad-sensor')) throw new Error('it cannot look');
    const wanted = existsSync('asked') ? readFileSync('asked', 'utf8').trim() : '';
    if (wanted === '' || wanted === cursor) return { because: 'nobody asked' };
    log.info('somebody asked for ' + wanted);
    return { cursor: wanted, requests: [{ id: wanted, because: wanted + ' was asked for' }] };
  },
});
`;

let server: Server;
let etag = '"one"';
const statuses: number[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    const status = request.headers['if-none-match'] === etag ? 304 : 200;
    statuses.push(status);
    response.writeHead(status, { etag }).end(status === 200 ? 'a page' : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

let workspace: TestWorkspace;
const started = new Set<number>();
beforeEach(() => {
  workspace = new TestWorkspace().group('data', { 'index.ts': DATA });
});
const automate = () =>
  workspace.group('auto', { 'index.ts': AUTOMATION((server.address() as AddressInfo).port) });
afterEach(() => {
  for (const pid of started) kill(pid);
  started.clear();
  workspace.dispose();
});

function kill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** What has run since the last call, in order. */
function order(): string[] {
  const lines = workspace.exists('order.txt') ? workspace.read('order.txt').trim().split('\n') : [];
  workspace.remove('order.txt');
  return lines;
}

const tick = (env: Readonly<Record<string, string>> = {}) =>
  workspace.command(['automation', 'tick'], { env });

/** Serves until the test ends it; `output` grows meanwhile. */
function serve() {
  const served = { output: '', pid: 0, done: Promise.resolve(0 as number | null) };
  const flags = ['automation', 'serve', '--every', '1s', '--for', '90s', '--verbose'];
  served.done = workspace
    .command(flags, {
      onStart: (pid) => {
        served.pid = pid;
        started.add(pid);
      },
      onOutput: (text) => void (served.output += text),
    })
    .then(({ code }) => code);
  return served;
}

const seen = (what: () => unknown) => expect.poll(what, { timeout: 60_000, interval: 100 });

interface Ticks {
  readonly ticks: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly because: string;
    readonly times: number;
    readonly request: { readonly status: string; readonly runs: readonly string[] } | null;
  }[];
}

const history = async (name: string): Promise<Ticks['ticks']> => {
  const { stdout } = await workspace.command(['automation', 'history', name, '--json']);
  return (JSON.parse(stdout) as Ticks).ticks;
};

/** As if the clock had been looked at last so many days ago. */
function sleepFor(name: string, days: number): void {
  const database = new DatabaseSync(join(workspace.root, '.nx/nx-assets/history.db'));
  const row = database.prepare('select state from automation_states where name = ?').get(name) as {
    state: string;
  };
  const state = JSON.parse(row.state) as { until: number };
  const before = { ...state, until: state.until - days * 86_400_000 };
  database.prepare('update automation_states set state = ? where name = ?').run(JSON.stringify(before), name);
  database.close();
}

describe('conditions', () => {
  test('make what is missing or whose data has changed, down the graph, and say why they do not', async () => {
    await workspace.nx(['run', 'data:raw'], { env: { RAW: '11' } });
    order();
    const first = await tick({ RAW: '11' });
    expect(first.code).toBe(0);
    expect(order()).toEqual(['tens', 'report']);
    expect(first.output).toContain('data/tens  requested: it is missing');

    // It ran, and its data is the same.
    await workspace.nx(['run', 'data:raw', '--skip-nx-cache'], { env: { RAW: '11' } });
    expect(order()).toEqual(['raw']);
    const same = await tick({ RAW: '11' });
    expect(order()).toEqual([]);
    expect(same.output).toMatch(/data\/tens {2}unchanged: it exists, the data of its upstreams is unchanged/);

    // Its data is other, and what is made of it is not.
    await workspace.nx(['run', 'data:raw'], { env: { RAW: '12' } });
    order();
    const other = await tick({ RAW: '12' });
    expect(order()).toEqual(['tens']);
    expect(other.output).toContain('data/tens  requested: the data of data/raw has changed');
    const [report] = await history('report');
    expect(report?.because).toContain('unchanged');
    const [someday] = await history('someday');
    expect(someday?.because).toBe('it is not 0 0 29 2 * (UTC) yet');
  });

  test('do not try for ever what has failed', async () => {
    await workspace.nx(['run', 'data:raw']);
    order();
    workspace.write({ broken: '' });
    const first = await tick();
    expect(first.code).toBe(1);
    expect(order()).toEqual(['tens']);
    const second = await tick();
    expect(second.code).toBe(0);
    expect(order()).toEqual([]);
    expect(second.output).toContain(
      'data/tens  it is missing: it was asked for and failed; nothing has changed since',
    );
    // Somebody fixes it: the code has not changed, and a run makes it.
    workspace.remove('broken');
    await workspace.nx(['run', 'data:tens']);
    order();
    await tick();
    expect(order()).toEqual(['report']);
  });
});

test('a run that is refused before its first step says why where it was asked for', async () => {
  workspace.group('needy', {
    'index.ts': `
import { asset } from '@nx-assets/core';
import { eager } from '@nx-assets/core/automation';
import { z } from 'zod';
export const limited = asset({
  description: 'Needs to be told a limit.',
  value: z.int(),
  automation: eager(),
  config: z.object({ limit: z.int() }),
  materialize: (_inputs, { config }) => config.limit,
});
`,
  });
  const { code, output } = await tick();
  expect(code).toBe(1);
  expect(output).toMatch(
    /conditions {2}failed .* before its first step: CONFIG_INVALID: .*needy\/limited: limit/,
  );
  const { stdout } = await workspace.command(['automation', 'history', 'limited']);
  expect(stdout).toMatch(/failed .*it is missing \(before its first step: CONFIG_INVALID/);
});

describe('schedules', () => {
  test('make up for a time that nobody watched, as they say', async () => {
    automate();
    await tick();
    order();
    sleepFor('auto/each_day', 10);
    sleepFor('auto/nightly', 10);
    const { code, output } = await tick();
    expect(output).toMatch(/auto\/each_day {2}skipped: 7 times left out: it catches up with 3 at most/);
    expect(code).toBe(0);
    const day = (back: number) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
    const newest = new Date().getUTCHours() >= 2 ? 1 : 2;
    const ran = order()
      .filter((line) => !line.includes('raw'))
      .sort();
    // The day that had ended by then, and not the last one three times.
    expect(ran).toEqual(
      [`day ${day(newest + 2)}`, `day ${day(newest + 1)}`, `day ${day(newest)}`, 'op nightly'].sort(),
    );
    const [last, skipped] = await history('nightly');
    expect(last).toMatchObject({ outcome: 'requested', request: { status: 'succeeded' } });
    expect(skipped).toMatchObject({ outcome: 'skipped' });
    const { stdout } = await workspace.command(['runs', last?.request?.runs[0] ?? '']);
    expect(stdout).toContain('nx run auto:nightly');
  });
});

describe('sensors', () => {
  test('of which one ends or holds the process take no look from others, and say no secret', async () => {
    const hostile = `
import { asset, secret } from '@nx-assets/core';
import { sensor } from '@nx-assets/core/automation';
import { httpClient } from '@nx-assets/resources/http';
import { z } from 'zod';
const api = httpClient({ description: 'A.', values: { default: { baseUrl: 'http://127.0.0.1:9', token: secret('TOKEN') } } });
export const one = asset({ description: 'O.', value: z.int(), resources: { api }, materialize: () => 1 });
const of = (description: string, check: () => never | object | Promise<never>) =>
  sensor({ description, every: '1h', timeout: '6s', run: one, check });
export const hangs = of('H.', () => new Promise<never>(() => {}));
export const ends = of('E.', () => process.exit(1));
export const throws = of('T.', () => { throw new Error('not with ' + process.env.TOKEN); });
export const slow = of('S.', () => new Promise((end) => setTimeout(() => end({ because: 'all is well' }), 500)) as never);
`;
    workspace.group('hostile', { 'index.ts': hostile });
    const { output, code } = await workspace.command(['automation', 'tick'], { env: { TOKEN: 'the-token' } });
    expect(code, output).toBe(1);
    expect(output).toContain('hostile/ends  failed: SENSOR_FAILED: hostile/ends: its process ended');
    expect(output).toMatch(/hostile\/hangs {2}failed: .* it took longer than 6 s/);
    expect(output).toMatch(/hostile\/throws {2}failed: .*: not with \[secret\]/);
    expect(output).toContain('hostile/slow  all is well');
    expect(JSON.stringify(await history('throws'))).toContain('[secret]');
    expect(output).not.toContain('the-token');
  });

  test('see files, pages, materializations, failed runs and what a function sees; and a bad one is alone', async () => {
    automate();
    await tick();
    order();
    const served = serve();
    await seen(() => served.output).toContain('auto/page  unchanged: 304, by its ETag');
    expect(statuses).toContain(304);

    workspace.write({ 'inbox/a/new.csv': '1' });
    await seen(() => served.output).toContain('auto/inbox  requested: inbox/a/new.csv is new');
    etag = '"two"';
    await seen(() => served.output).toContain('auto/page  requested: it has changed, by its ETag');
    await workspace.nx(['run', 'data:raw'], { env: { RAW: '20' } });
    await seen(() => served.output).toContain('auto/of_raw  requested: data/raw was materialized');
    workspace.write({ broken: '' });
    // Forced: a run that the sensors have asked for may just have made it from the same number.
    const broken = await workspace.nx(['run', 'data:tens', '--skip-nx-cache'], { env: { RAW: '21' } });
    expect(broken.code, broken.output).toBe(1);
    await seen(() => served.output).toMatch(/auto\/of_runs {2}requested: of runs, \S+ failed/);
    workspace.remove('broken').write({ 'bad-sensor': '' });
    await seen(() => served.output).toMatch(
      /auto\/asked {2}failed: SENSOR_FAILED: auto\/asked: Error: it cannot look/,
    );
    workspace.remove('bad-sensor').write({ asked: 'now' });
    await seen(() => served.output).toContain('auto/asked  requested: now was asked for');
    expect(served.output).toContain('somebody asked for now');
    await seen(() => workspace.read('order.txt')).toContain('slow ends');
    await seen(() => order().filter((line) => line.startsWith('op ')).length).toBe(0);

    process.kill(served.pid, 'SIGTERM');
    expect(await served.done).toBe(0);
    expect(
      (await history('of_runs')).filter(({ outcome }) => outcome === 'requested').length,
    ).toBeGreaterThan(0);
    for (const [name, times] of Object.entries({ inbox: 1, page: 1, of_raw: 0 })) {
      const asked = (await history(name)).filter(({ outcome }) => outcome === 'requested');
      const statuses = asked.map(({ request }) => request?.status);
      expect(new Set(statuses), name).toEqual(new Set(['succeeded']));
      // What conditions made of the raw number in between counts as well.
      if (name !== 'of_raw') expect(statuses.length, name).toBe(times);
    }
  });
});

describe('the daemon', () => {
  test('is one of several; when it is killed another takes over, and what runs goes on and is not run again', async () => {
    automate();
    await tick();
    order();
    const leader = serve();
    await seen(() => leader.output).toContain('auto/asked  nobody asked');
    const other = serve();
    await seen(() => other.output).toContain('Another process is the leader');
    const alone = await tick();
    expect(alone).toMatchObject({ code: 1 });
    expect(alone.output).toContain('AUTOMATION_LED: Process');

    workspace.write({ asked: 'once' });
    await seen(() => workspace.exists('order.txt') && workspace.read('order.txt')).toContain('slow begins');
    kill(leader.pid);
    await seen(() => other.output).toContain('This process is now the leader.');
    await seen(() => workspace.read('order.txt')).toContain('slow ends');
    await seen(async () => (await history('asked'))[0]?.because).toBe('nobody asked');
    const asked = (await history('asked')).filter(({ outcome }) => outcome === 'requested');
    expect(asked).toMatchObject([{ request: { status: 'succeeded' } }]);
    // What another test has asked for may still come to its end.
    expect(order().filter((line) => line.startsWith('slow'))).toEqual(['slow begins', 'slow ends']);
    // It does what the other one did.
    workspace.write({ 'inbox/b.csv': '2' });
    await seen(() => other.output).toContain('inbox/b.csv is new');
    const status = await workspace.command(['automation', 'status']);
    expect(status.output).toContain(`The automation daemon runs as process ${other.pid}`);
  });

  test('keeps to the definitions that it knows while new ones do not load, and takes up those that do', async () => {
    automate();
    const served = serve();
    await seen(() => served.output).toContain('auto/asked  nobody asked');
    workspace.edit('packages/auto/src/index.ts', (text) => `${text}\nexport const broken = {`);
    await seen(() => served.output).toContain(
      'The definitions do not load; the last version that loaded stays in use.',
    );
    workspace.write({ 'inbox/c.csv': '3' });
    await seen(() => served.output).toContain('inbox/c.csv is new');
    // It waits until it can run.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(order()).not.toContain('op file_came');
    workspace.edit('packages/auto/src/index.ts', (text) =>
      text
        .replace('\nexport const broken = {', '')
        .replace("because: 'nobody asked'", "because: 'nobody wants anything'"),
    );
    await seen(() => served.output).toContain('The definitions load again.');
    await seen(() => served.output).toContain('auto/asked  nobody wants anything');
    const noted = () => (workspace.exists('order.txt') ? workspace.read('order.txt') : '');
    await seen(noted).toContain('op file_came');
  });
});

test('what there is and what came of it is said in words and as data', async () => {
  automate();
  const before = await workspace.command(['automation', 'status']);
  expect(before.output).toContain(
    'The automation daemon is not running. Start it: npx nx-assets automation serve',
  );
  expect((await workspace.command(['automation', 'history'])).output).toContain('No ticks yet.');
  await tick();
  const { stdout } = await workspace.command(['automation', 'status', '--json']);
  const { automations, leader } = JSON.parse(stdout) as {
    leader: null;
    automations: { name: string; kind: string; when: string; last: { outcome: string } | null }[];
  };
  expect(leader).toBeNull();
  expect(automations.map(({ name, kind, when }) => `${kind} ${name} ${when}`)).toContain(
    'condition data/tens eager',
  );
  expect(automations.find(({ name }) => name === 'auto/nightly')).toMatchObject({
    when: '0 3 * * * Europe/Berlin',
  });
  const tree = await workspace.command(['automation', 'history', 'data:tens', '--tree']);
  expect(tree.output).toContain('data changed: the data of its upstreams is unchanged');
  const unknown = await workspace.command(['automation', 'history', 'tons']);
  expect(unknown.code).toBe(2);
  expect(unknown.output).toContain(
    'There is no schedule, sensor or condition called tons (did you mean tens?)',
  );
});
