// `npx node docs/console.ts`: the pictures of docs/console.md, of this workspace after a run in which one asset failed.
// Takes Chromium from /usr/bin/chromium, or from CHROMIUM.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..');
const folder = join(import.meta.dirname, 'console');
mkdirSync(folder, { recursive: true });

const nodePath = `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
const server = spawn('nx-assets', ['console', '--port', '0', '--json'], {
  cwd: root,
  env: { ...process.env, PATH: nodePath },
});
const { address } = await new Promise<{ address: string }>((resolve, reject) => {
  let said = '';
  server.stdout.on('data', (text: Buffer) => {
    said += text.toString();
    if (said.includes('\n')) resolve(JSON.parse(said) as { address: string });
  });
  server.on('exit', () => reject(new Error(said)));
});
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const runs = (await (await fetch(`${address}/api/runs`)).json()) as { id: string; status: string }[];
  const run = runs.find(({ status }) => status === 'failed') ?? runs[0];
  const pictures = [
    ['groups-dark', '/groups', 'dark', 1280, 800],
    ['lineage-light', '/lineage', 'light', 1440, 800],
    ['asset-light', '/lineage?asset=transforms/users_cleaned', 'light', 1440, 860],
    ['run-light', `/runs/${run?.id}`, 'light', 1280, 800],
    ['phone-dark', '/assets/analytics/top_authors', 'dark', 390, 844],
  ] as const;
  for (const [name, path, colorScheme, width, height] of pictures) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
    await page.goto(`${address}${path}`);
    await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
    await page.waitForTimeout(800);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  server.kill();
}
