// `npx node bench/console.ts [--small]`: what the console costs, in a real Chromium (tests/support/browser.ts says which). The start of
// its server, the first page of the reference workspace, a status on its way from a run to an open page, a run with 50 000
// lines and 5 000 steps, and groups and lineage of 1 000 and 5 000 assets while somebody drags or scrolls them. CPU seconds
// are user and system time; of pages, of all processes of the browser together.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TestWorkspace } from '@nx-assets/testing';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../tests/support/browser.ts';

const TICKS = 100;
const isSmall = process.argv.includes('--small');
const SIZE = isSmall
  ? { turns: 1, lines: 2_000, parts: 50, assets: [100] }
  : { turns: 7, lines: 50_000, parts: 5_000, assets: [1_000, 5_000] };
const written = (count: number, separator: string) => count.toLocaleString('en').replace(',', separator);
const say = (text: string) => process.stdout.write(`${text}\n`);
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const seconds = (value: number) => `${value.toFixed(2)} CPU s`;

/** A line of the table; `over` marks what is more than its aim. */
function row(what: string, value: number, write: (value: number) => string, aim?: number): void {
  const beside = aim === undefined ? '' : write(aim);
  say(
    `| ${what.padEnd(64)} | ${write(value).padStart(12)} | ${beside.padStart(10)} |${aim !== undefined && value > aim ? ' over' : ''}`,
  );
}

/** CPU seconds of a process so far. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** CPU seconds of a process and all below it. */
function cpuBelow(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      continue; // it has ended
    }
  }
  const isBelow = (pid: number): boolean =>
    pid === root || (parents.has(pid) && isBelow(parents.get(pid) as number));
  return [...parents.keys()]
    .filter((pid) => pid > 1 && isBelow(pid))
    .reduce((sum, pid) => sum + cpuOf(pid), 0);
}

interface Served {
  readonly address: string;
  /** What signs a browser in. */
  readonly open: string;
  readonly cpu: number;
  stop(): void;
}

function serve(root: string): Promise<Served> {
  const command = join(import.meta.dirname, '../tools/nx-assets/src/cli.ts');
  const child = spawn(process.execPath, [command, 'console', '--port', '0', '--json'], { cwd: root });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    child.stdout.on('data', (text: Buffer) => {
      const { address, open } = JSON.parse(text.toString()) as Pick<Served, 'address' | 'open'>;
      resolve({ address, open, cpu: cpuOf(child.pid ?? 0), stop: () => child.kill() });
    });
    child.on('exit', () => reject(new Error(said)));
  });
}

/** A page of somebody who has opened the address that the console printed. */
async function signedIn(browser: Browser, { open }: Served): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.request.get(open);
  return page;
}

async function answer<T>({ address, open }: Served, path: string): Promise<T> {
  const authorization = `Bearer ${new URL(open).searchParams.get('token')}`;
  return (await (await fetch(address + path, { headers: { authorization } })).json()) as T;
}

/** Groups of fifty, of which each asset is made from two of those before it. */
function large(assets: number): TestWorkspace {
  const workspace = new TestWorkspace();
  const groups = assets / 50;
  for (let group = 0; group < groups; group++) {
    const before =
      group > 0
        ? `import { ${[0, 17, 33].map((n) => `a${group - 1}_${n}`).join(', ')} } from '@test/g${group - 1}';`
        : '';
    const lines = Array.from({ length: 50 }, (_, n) => {
      const deps = [
        ...(n >= 10 ? [`a${group}_${n - 10}`, `a${group}_${n - 7}`] : []),
        ...(group > 0 && n % 17 === 0 ? [`a${group - 1}_${[0, 17, 33][Math.floor(n / 17) % 3]}`] : []),
      ];
      return `export const a${group}_${n} = asset({ description: 'A number.', value: z.int(), deps: { ${deps.join(', ')} }, materialize: () => ${n} });`;
    });
    const head = `import { asset } from '@nx-assets/core';\nimport { z } from 'zod';\n${before}`;
    workspace.group(`g${group}`, { 'index.ts': [head, ...lines].join('\n') });
  }
  return workspace;
}

/** What a frame cost, of all processes of the browser, while somebody does something with a page. */
async function frames(pid: number, page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(
    'globalThis.frames_ = 0; (function count() { globalThis.frames_++; requestAnimationFrame(count); })()',
  );
  const [cpu, from] = [cpuBelow(pid), Number(await page.evaluate('globalThis.frames_'))];
  await act();
  const amount = Number(await page.evaluate('globalThis.frames_')) - from;
  return ((cpuBelow(pid) - cpu) / amount) * 1_000;
}

async function drag(page: Page): Promise<void> {
  await page.mouse.move(700, 400);
  await page.mouse.down();
  for (let step = 0; step < 120; step++) {
    await page.mouse.move(700 + 300 * Math.sin(step / 9), 400 + 150 * Math.sin(step / 5));
  }
  await page.mouse.up();
}

const scroll = (page: Page, target: Locator) => async () => {
  await target.hover();
  for (let step = 0; step < 60; step++) {
    await page.mouse.wheel(0, step < 40 ? 900 : -1_300);
    await page.waitForTimeout(16);
  }
};

const processOf = (browser: Browser): Promise<number> =>
  browser
    .newBrowserCDPSession()
    .then((session) => session.send('SystemInfo.getProcessInfo'))
    .then(({ processInfo }) => processInfo.find(({ type }) => type === 'browser')?.id ?? 0);

const browser = await launchBrowser();
const pid = await processOf(browser);
const root = join(import.meta.dirname, '..');
const OF_LINES = `
import { asset, staticPartitions } from '@nx-assets/core';
import { z } from 'zod';
const keys = Array.from({ length: ${SIZE.parts} }, (_, n) => 'part-' + n);
export const chatty = asset({
  description: 'Says a lot.', value: z.int(),
  materialize: (_inputs, { log }) => {
    for (let line = 0; line < ${SIZE.lines}; line++) log.info('\\u001b[32mline\\u001b[0m ' + line + ' of what an asset has to say');
    return 1;
  },
});
export const parts = asset({
  description: 'Many parts.', value: z.int(), partitions: staticPartitions(keys), materialize: () => 1,
});
`;

/** A run of 50 000 lines and 5 000 steps. */
async function longRun(): Promise<void> {
  const workspace = new TestWorkspace().group('g', { 'index.ts': OF_LINES });
  await workspace.nx(['run-many', '-t', 'materialize']);
  const served = await serve(workspace.root);
  const page = await signedIn(browser, served);
  const runs = await answer<{ id: string }[]>(served, '/api/runs?limit=1');
  const before = cpuBelow(pid);
  await page.goto(`${served.address}/runs/${runs[0]?.id}?open=g%2Fparts`);
  await page.getByText(`${written(SIZE.lines, ',')} lines`).waitFor();
  row(
    `a run of ${written(SIZE.lines, ' ')} lines and ${written(SIZE.parts, ' ')} steps, until all of it is there`,
    cpuBelow(pid) - before,
    seconds,
  );
  row('  its lines, scrolled, a frame', await frames(pid, page, scroll(page, page.getByRole('log'))), ms, 25);
  const chart = page.getByRole('group', { name: /Steps over time/ });
  row(
    `  its chart of ${written(SIZE.parts + 1, ' ')} rows, scrolled, a frame`,
    await frames(pid, page, scroll(page, chart)),
    ms,
    25,
  );

  await page.goto(`${served.address}/groups`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.evaluate(
    'globalThis.longest = 0; new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration); }).observe({ type: "longtask" })',
  );
  const running = workspace.nx(['run', 'g:chatty', '--skip-nx-cache']);
  await page.getByRole('button', { name: 'Show the run' }).click();
  await page.getByText(`${written(SIZE.lines, ',')} lines`).waitFor();
  await running;
  // The browser reports tasks from 50 ms on.
  const longest = Number(await page.evaluate('globalThis.longest'));
  row(
    `  the longest task of a page that hears ${written(SIZE.lines, ' ')} lines live`,
    longest,
    (value) => (value < 50 ? 'below 50 ms' : ms(value)),
    100,
  );
  await page.close();
  served.stop();
  workspace.dispose();
}

try {
  const starts: number[] = [];
  for (let turn = 0; turn < Math.min(5, SIZE.turns); turn++) {
    const served = await serve(root);
    starts.push(served.cpu);
    served.stop();
  }
  say('| what | figure | aim |\n| --- | ---: | ---: |');
  row(
    'start of the server, reference workspace (median of 5)',
    starts.sort((a, b) => a - b)[starts.length >> 1] ?? NaN,
    seconds,
    0.5,
  );

  const served = await serve(root);
  const page = await signedIn(browser, served);
  await page.goto('about:blank');
  const scripts = new Set<string>();
  page.on('request', (request) => void (request.url().endsWith('.js') && scripts.add(request.url())));
  const before = cpuBelow(pid);
  await page.goto(`${served.address}/groups`);
  await page.getByText('users_cleaned').first().waitFor();
  row('first page, until its assets are there', cpuBelow(pid) - before, seconds, 1);
  await page.waitForTimeout(2_500);
  let size = 0;
  for (const script of scripts) size += gzipSync(await (await fetch(script)).text()).length;
  row('JavaScript of the first page, gzipped', size / 1_000, (kB) => `${kB.toFixed(0)} kB`, 160);

  const workspace = new TestWorkspace().group('g', {
    'index.ts': `import { asset } from '@nx-assets/core';\nimport { z } from 'zod';\nexport const one = asset({ description: 'One.', value: z.number(), env: ['TURN'], materialize: () => Date.now() });`,
  });
  const small = await serve(workspace.root);
  const watching = await signedIn(browser, small);
  await watching.goto(`${small.address}/groups`);
  await watching.getByText('Live', { exact: true }).waitFor();
  const delays: number[] = [];
  for (let turn = 0; turn < SIZE.turns; turn++) {
    await watching.evaluate(`void (globalThis.seen = new Promise((resolve) => {
      let ran = false;
      new MutationObserver((_, observer) => {
        const text = document.querySelector('main').textContent;
        if (text.includes('Running')) ran = true;
        else if (ran) { observer.disconnect(); resolve(Date.now()); }
      }).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true, attributes: true });
    }))`);
    await workspace.nx(['run', 'g:one'], { env: { TURN: String(turn) } });
    const seen = Number(
      await watching.evaluate(
        'Promise.race([globalThis.seen, new Promise((r) => setTimeout(() => r(NaN), 5000))])',
      ),
    );
    const runs = await answer<{ id: string }[]>(small, '/api/runs?limit=1');
    const run = await answer<{ steps: { finishedAt: number }[] }>(small, `/api/runs/${runs[0]?.id}`);
    if (!Number.isNaN(seen)) delays.push(seen - (run.steps[0]?.finishedAt ?? 0));
  }
  small.stop();
  workspace.dispose();
  delays.sort((a, b) => a - b);
  row(
    'a step ends, until an open page shows it (median of 7)',
    delays[Math.floor(delays.length / 2)] ?? NaN,
    ms,
    200,
  );
  served.stop();
  await page.close();
  await watching.close();

  await longRun();

  for (const amount of SIZE.assets) {
    const workspaceOf = large(amount);
    const many = await serve(workspaceOf.root);
    row(`${amount} assets: start of the server`, many.cpu, seconds);
    const picture = await signedIn(browser, many);
    picture.setDefaultTimeout(120_000);
    const atGroups = cpuBelow(pid);
    await picture.goto(`${many.address}/groups`);
    await picture.getByRole('heading', { name: 'g0', exact: true }).waitFor();
    await picture.getByText('Live', { exact: true }).waitFor();
    row('  groups, until they are there', cpuBelow(pid) - atGroups, seconds);
    row(
      '  groups, scrolled, a frame',
      await frames(pid, picture, scroll(picture, picture.getByRole('main'))),
      ms,
      25,
    );
    const atLineage = cpuBelow(pid);
    await picture.goto(`${many.address}/lineage?collapsed=-`);
    await picture.getByRole('toolbar', { name: 'Lineage controls' }).waitFor();
    await picture.waitForTimeout(1_500);
    row('  lineage, until it is there', cpuBelow(pid) - atLineage, seconds);
    row(
      '  lineage, dragged with all of it in sight, a frame',
      await frames(pid, picture, () => drag(picture)),
      ms,
      25,
    );
    for (let step = 0; step < 14; step++) await picture.getByRole('button', { name: 'Zoom in' }).click();
    await picture.waitForTimeout(500);
    row('  lineage, dragged near, a frame', await frames(pid, picture, () => drag(picture)), ms, 25);
    await picture.close();
    many.stop();
    workspaceOf.dispose();
  }
} finally {
  await browser.close();
}
