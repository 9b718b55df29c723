// `npx node docs/console.ts`: the pictures of the console in these pages. It tells a story in a clone of this workspace: all
// assets are made, one gets another row, days are lost, schedules and sensors are asked, and then a check fails. Takes
// what is committed, and the browser of tests/support/browser.ts.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '../tests/support/browser.ts';

const root = join(import.meta.dirname, '..');
const folder = join(import.meta.dirname, 'console');
mkdirSync(folder, { recursive: true });
const clone = join(mkdtempSync(join(tmpdir(), 'nx-assets-pictures-')), 'shop');

const env = {
  ...process.env,
  PATH: `${join(clone, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
  NX_DAEMON: 'false',
};
const say = (text: string) => process.stdout.write(`${text}\n`);
/** What a person would type there; some of it fails on purpose. */
const run = (command: string, ...args: string[]) => {
  say([command, ...args].join(' '));
  spawnSync(command, args, { cwd: clone, env, stdio: 'ignore' });
};
const edit = (path: string, change: (text: string) => string) => {
  const text = readFileSync(join(clone, path), 'utf8');
  const changed = change(text);
  if (changed === text) throw new Error(`${path} is not as this story knows it.`);
  writeFileSync(join(clone, path), changed);
};

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly look: 'dark' | 'light';
  readonly width: number;
  readonly height: number;
  /** Keys that are pressed before. */
  readonly keys?: readonly string[];
}
const picture = (
  name: string,
  path: string,
  look: 'dark' | 'light',
  [width, height]: readonly [number, number] = [1280, 800],
  keys: readonly string[] = [],
): Picture => ({ name, path, look, width, height, keys });

try {
  execFileSync('git', ['clone', '--quiet', root, clone]);
  for (const modules of ['node_modules', 'tools/nx-assets/node_modules'])
    execFileSync('cp', ['-al', join(root, modules), join(clone, modules)]);
  cpSync(join(root, 'tools/console-web/dist'), join(clone, 'tools/console-web/dist'), { recursive: true });

  // A history of its own: pages name who changed a file.
  rmSync(join(clone, '.git'), { recursive: true });
  run('git', 'init', '--quiet', '--initial-branch', 'main');
  run('git', 'add', '--all');
  run(
    'git',
    '-c',
    'user.name=Ada',
    '-c',
    'user.email=ada@example.com',
    'commit',
    '--quiet',
    '-m',
    'Our shop',
  );

  const authors = 'packages/analytics/src/top_authors.ts';
  run('nx', 'run-many', '-t', 'materialize');
  edit(authors, (text) => text.replace('limit: 5', 'limit: 6'));
  run('nx', 'run', 'exports:top_authors_csv');
  run('nx-assets', 'automation', 'tick');
  for (const day of ['07', '08', '09', '21'])
    rmSync(join(clone, `output/events/daily_revenue/2026-03-${day}.parquet`), { force: true });
  edit(authors, (text) =>
    text
      .replace(
        "import { asset } from '@nx-assets/core';",
        "import { asset, rowCount } from '@nx-assets/core';",
      )
      .replace("  orderBy: ['rank'],", "  orderBy: ['rank'],\n  checks: [rowCount({ min: 10 })],"),
  );
  run('nx', 'run', 'exports:export_summary');

  const server = spawn('nx-assets', ['console', '--port', '0', '--json'], { cwd: clone, env });
  const { address, open } = await new Promise<{ address: string; open: string }>((resolve, reject) => {
    let said = '';
    server.stdout.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('\n')) resolve(JSON.parse(said) as { address: string; open: string });
    });
    server.on('exit', () => reject(new Error(said)));
  });
  const browser = await launchBrowser();
  try {
    const authorization = `Bearer ${new URL(open).searchParams.get('token')}`;
    const answer = await fetch(`${address}/api/runs`, { headers: { authorization } });
    const runs = (await answer.json()) as { id: string; command: string[] }[];
    const [failed] = runs;
    const [second, first] = runs.filter(({ command }) => /top_authors_csv|run-many/.test(command.join(' ')));
    const pictures = [
      picture('groups-dark', '/groups', 'dark'),
      picture('lineage-light', '/lineage?filter=%2Bexport_summary', 'light', [1440, 800]),
      picture('panel-dark', '/lineage?asset=analytics/top_authors', 'dark', [1440, 860]),
      picture('asset-light', '/assets/analytics/top_authors', 'light', [1280, 900]),
      picture('run-light', `/runs/${failed?.id}`, 'light'),
      picture('partitions-light', '/partitions?asset=events/daily_revenue', 'light'),
      picture('automation-dark', '/automation', 'dark', [1280, 640]),
      picture('checks-light', '/checks', 'light', [1280, 640]),
      picture(
        'compare-dark',
        `/compare?from=${first?.id}&to=${second?.id}&asset=analytics/top_authors`,
        'dark',
      ),
      picture('palette-light', '/groups', 'light', [1280, 640], ['Control+k', 't', 'o', 'p']),
      picture('phone-dark', '/assets/analytics/top_authors', 'dark', [390, 844]),
    ];
    for (const { name, path, look, width, height, keys = [] } of pictures) {
      const page = await browser.newPage({
        colorScheme: look,
        viewport: { width, height },
        reducedMotion: 'reduce',
      });
      await page.request.get(open);
      await page.goto(`${address}${path}`);
      await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
      await page.waitForTimeout(1_500);
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(folder, `${name}.png`) });
      await page.close();
    }
  } finally {
    await browser.close();
    server.kill();
  }
} finally {
  rmSync(join(clone, '..'), { recursive: true, force: true });
}
