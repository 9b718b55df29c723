// `npx node bench/console.ts`: what the console costs, in a real Chromium (/usr/bin/chromium, or CHROMIUM). The start of
// its server, the first page of the reference workspace, a status on its way from a run to an open page, and the lineage of
// 1 000 and 5 000 assets while somebody drags it. CPU seconds are user and system time; of pages, of all processes of the
// browser together, but where it says main thread.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TestWorkspace } from '@nx-assets/testing';
import { type Browser, chromium, type Page } from 'playwright-core';

const TICKS = 100;
const say = (text: string) => process.stdout.write(`${text}\n`);
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

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
      const { address } = JSON.parse(text.toString()) as { address: string };
      resolve({ address, cpu: cpuOf(child.pid ?? 0), stop: () => child.kill() });
    });
    child.on('exit', () => reject(new Error(said)));
  });
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

/** Drags the picture about, and gives what a frame cost. */
async function drag(
  browser: Browser,
  pid: number,
  page: Page,
): Promise<{ all: number; main: number; frames: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const main = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  };
  await page.evaluate(
    'globalThis.frames_ = 0; (function count() { globalThis.frames_++; requestAnimationFrame(count); })()',
  );
  const [cpu, task] = [cpuBelow(pid), await main()];
  const from = Number(await page.evaluate('globalThis.frames_'));
  await page.mouse.move(700, 400);
  await page.mouse.down();
  for (let step = 0; step < 120; step++) {
    await page.mouse.move(700 + 300 * Math.sin(step / 9), 400 + 150 * Math.sin(step / 5));
  }
  await page.mouse.up();
  const frames = Number(await page.evaluate('globalThis.frames_')) - from;
  return {
    frames,
    all: ((cpuBelow(pid) - cpu) / frames) * 1_000,
    main: (((await main()) - task) / frames) * 1_000,
  };
}

const processOf = (browser: Browser): Promise<number> =>
  browser
    .newBrowserCDPSession()
    .then((session) => session.send('SystemInfo.getProcessInfo'))
    .then(({ processInfo }) => processInfo.find(({ type }) => type === 'browser')?.id ?? 0);

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const pid = await processOf(browser);
const root = join(import.meta.dirname, '..');
try {
  const starts: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const served = await serve(root);
    starts.push(served.cpu);
    served.stop();
  }
  say(`server start: ${starts.sort((a, b) => a - b)[2]?.toFixed(2)} CPU s (median of 5)`);

  const served = await serve(root);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto('about:blank');
  const scripts = new Map<string, number>();
  page.on('response', async (response) => {
    if (response.url().endsWith('.js')) scripts.set(response.url(), gzipSync(await response.body()).length);
  });
  const [before, began] = [cpuBelow(pid), Date.now()];
  await page.goto(`${served.address}/groups`);
  await page.getByText('users_cleaned').first().waitFor();
  const [paint, wall] = [cpuBelow(pid) - before, Date.now() - began];
  const first = [...scripts.values()].reduce((sum, size) => sum + size, 0);
  await page.waitForTimeout(2_500);
  const later = [...scripts.values()].reduce((sum, size) => sum + size, 0) - first;
  say(
    `first page: ${paint.toFixed(2)} CPU s, ${ms(wall)}; ${(first / 1000).toFixed(0)} kB of JavaScript gzipped, ${(later / 1000).toFixed(0)} kB later`,
  );

  const workspace = new TestWorkspace().group('g', {
    'index.ts': `import { asset } from '@nx-assets/core';\nimport { z } from 'zod';\nexport const one = asset({ description: 'One.', value: z.number(), env: ['TURN'], materialize: () => Date.now() });`,
  });
  const small = await serve(workspace.root);
  const watching = await browser.newPage();
  await watching.goto(`${small.address}/groups`);
  await watching.getByText('Live', { exact: true }).waitFor();
  const delays: number[] = [];
  for (let turn = 0; turn < 7; turn++) {
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
    const runs = (await (await fetch(`${small.address}/api/runs?limit=1`)).json()) as { id: string }[];
    const run = (await (await fetch(`${small.address}/api/runs/${runs[0]?.id}`)).json()) as {
      steps: { finishedAt: number }[];
    };
    if (!Number.isNaN(seen)) delays.push(seen - (run.steps[0]?.finishedAt ?? 0));
  }
  small.stop();
  workspace.dispose();
  delays.sort((a, b) => a - b);
  say(
    `a step's end until the page shows it: ${ms(delays[Math.floor(delays.length / 2)] ?? NaN)} (median of ${delays.length}), at most ${ms(delays.at(-1) ?? NaN)}`,
  );
  served.stop();
  await page.close();
  await watching.close();

  for (const amount of [1_000, 5_000]) {
    const workspaceOf = large(amount);
    const many = await serve(workspaceOf.root);
    const picture = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    picture.setDefaultTimeout(120_000);
    const from = cpuBelow(pid);
    await picture.goto(`${many.address}/lineage?collapsed=-`);
    await picture.getByRole('toolbar', { name: 'Picture' }).waitFor();
    await picture.waitForTimeout(1_500);
    say(
      `${amount} assets: server start ${many.cpu.toFixed(2)} CPU s; until the picture stands ${(cpuBelow(pid) - from).toFixed(2)} CPU s`,
    );
    const far = await drag(browser, pid, picture);
    say(
      `${amount} assets, all in sight: ${ms(far.all)} CPU a frame, ${ms(far.main)} of them on the main thread (${far.frames} frames)`,
    );
    for (let step = 0; step < 14; step++) await picture.getByRole('button', { name: 'Larger' }).click();
    await picture.waitForTimeout(500);
    const near = await drag(browser, pid, picture);
    say(
      `${amount} assets, near: ${ms(near.all)} CPU a frame, ${ms(near.main)} of them on the main thread (${near.frames} frames)`,
    );
    await picture.close();
    many.stop();
    workspaceOf.dispose();
  }
} finally {
  await browser.close();
}
