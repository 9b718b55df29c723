import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import { TestWorkspace } from '@nx-assets/testing';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleServer } from './console/server.ts';
import { SHOP } from './console/shop.ts';
import { launchBrowser } from './support/browser.ts';

const EXPORTS = `
import { raw } from '@test/shop';
import { asset } from '@nx-assets/core';
import { z } from 'zod';
export const report = asset({ description: 'How many rows.', kind: 'csv', deps: { raw }, value: z.int(), materialize: async ({ raw }) => (await raw.rows()).length });
`;

let workspace: TestWorkspace;
let server: ConsoleServer;
let browser: Browser;
/** What ran before any page was open, the newest first: the last one failed. */
let runs: string[];
/** What pages complained of. */
let complaints: string[] = [];

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  // As somebody who has opened the address that the console printed.
  const signedIn = await context.request.get(server.signIn);
  expect(signedIn.status()).toBe(200);
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => complaints.push(`${path}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${path}: ${message.text()}`);
  });
  page.on('dialog', (dialog) => complaints.push(`${path}: ${dialog.message()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(server.address) && !/^(file|blob|data):/.test(request.url()))
      complaints.push(`${path}: ${request.url()}`);
  });
  await page.goto(path.includes(':') && !path.startsWith('/') ? path : `${server.address}${path}`);
  return page;
}
const close = (page: Page) => page.context().close();
const row = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('link', { name, exact: true }) });

beforeAll(async () => {
  browser = await launchBrowser();
  workspace = new TestWorkspace()
    .group('shop', { 'index.ts': SHOP })
    .group('exports', { 'index.ts': EXPORTS });
  await workspace.nx(['run-many', '-t', 'raw,names']);
  workspace.write({ broken: '' });
  await workspace.nx(['run', 'shop:names', '--skip-nx-cache']);
  server = await ConsoleServer.start(workspace);
  runs = (await server.call<{ id: string }[]>('/api/runs')).body.map(({ id }) => id);
});
afterAll(async () => {
  // Whatever of it has come about.
  await browser?.close();
  await server?.stop();
  workspace?.dispose();
});
afterEach(() => {
  const heard = complaints;
  complaints = [];
  expect(heard).toEqual([]);
});

const PAGES = [
  ['/groups', 'the shelf fell down'],
  ['/lineage', 'hops'],
  ['/lineage?asset=shop/names', 'the shelf fell down'],
  ['/runs', 'nx run shop:names --skip-nx-cache'],
  ['/partitions', '2026-03-01'],
  ['/checks', 'unique_id'],
  ['/automation', 'No automation is defined yet'],
  ['/runs/FAILED', 'the shelf fell down'],
  ['/compare?from=FIRST&to=FAILED', 'differ'],
  ['/assets/shop/names', 'the shelf fell down'],
  ['/assets/shop/raw?tab=schema', 'integer'],
  ['/assets/shop/raw?tab=preview', 'row <i>2'],
  ['/assets/shop/raw?tab=checks', 'unique_id'],
  ['/assets/shop/raw?tab=history', 'first'],
  ['/assets/shop/days?tab=partitions', 'Backfill 10 missing'],
  ['/assets/shop/hidden?tab=preview', 'keeps its rows to itself'],
  ['/nothing/here', 'Page not found'],
] as const;

describe.each([
  ['light', 1280],
  ['dark', 390],
] as const)('each page, %s and %i wide', (colorScheme, width) => {
  test.each(PAGES)('%s', async (path, says) => {
    const address = path.replace('FIRST', runs.at(-1) ?? '').replace('FAILED', runs[0] ?? '');
    const page = await open(address, {
      colorScheme,
      viewport: { width, height: 800 },
      reducedMotion: 'reduce',
    });
    if (path === '/lineage') await page.getByRole('toolbar', { name: 'Lineage controls' }).waitFor();
    else await page.getByText(says).first().waitFor({ state: 'attached' });
    expect(await page.locator('html').getAttribute('data-theme')).toBe(colorScheme);
    // Nothing is cut off at the side.
    expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(width);
    // What is dimmed is meant to step back: Escape brings it forth.
    const { violations } = await new AxeBuilder({ page })
      .exclude('[data-dim]')
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
      .analyze();
    expect(
      violations.map(({ id, nodes }) => [id, nodes[0]?.html.slice(0, 200), nodes[0]?.failureSummary]),
    ).toEqual([]);
    await close(page);
  });
});

describe('somebody', () => {
  test('sees what failed and why, fixes it, and runs it again', async () => {
    const page = await open('/groups');
    await row(page, 'names').getByText('the shelf fell down').waitFor();
    await page.getByRole('link', { name: 'names', exact: true }).click();
    await page.getByText('Blocks').waitFor();
    workspace.remove('broken');
    await page.getByRole('link', { name: 'Failed in its last run' }).click();
    await page
      .getByRole('log')
      .getByText(/the shelf fell down/)
      .waitFor();
    await page.getByRole('button', { name: 'Run failed again' }).click();
    await page.getByRole('link', { name: 'a run' }).click();
    await page.getByRole('heading', { name: 'Succeeded' }).waitFor();
    await page.getByRole('button', { name: 'Run again', exact: true }).waitFor();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Groups' }).click();
    await row(page, 'names').getByText('Fresh').waitFor();
    await close(page);
  });

  test('materializes one, a group, those that are chosen and all, by the commands that the page shows', async () => {
    const page = await open('/groups');
    await page.getByRole('button', { name: 'Materialize shop/hidden' }).click();
    await page.getByText('npx nx run shop:hidden', { exact: true }).first().waitFor();
    await row(page, 'hidden').getByText('Fresh').waitFor();
    await page.getByRole('button', { name: 'Materialize 1 of exports' }).click();
    await row(page, 'report').getByText('Fresh').waitFor();
    await page.getByRole('checkbox', { name: 'Choose shop/after' }).check();
    expect(page.url()).toContain('chosen=shop%2Fafter');
    await page.getByRole('button', { name: 'Materialize selected' }).click();
    await row(page, 'after').getByText('Fresh').waitFor();
    await page.getByRole('checkbox', { name: 'Choose shop/after' }).uncheck();
    await page.getByRole('button', { name: 'More options, and the command' }).click();
    await page.getByText('npx nx run-many -t materialize', { exact: true }).waitFor();
    await close(page);
  });

  test('watches a run: its lines as they come, and stops it', async () => {
    const page = await open('/groups');
    const other = await open('/runs');
    await page.getByRole('button', { name: 'Materialize shop/slow' }).click();
    await row(page, 'slow').getByText('Running').waitFor();
    // Another tab hears of it, too.
    await other.getByText('nx run shop:slow').first().waitFor();
    await page.getByRole('link', { name: 'a run' }).click();
    await page.getByRole('log').getByText('line 12', { exact: true }).waitFor();
    await page
      .getByRole('group', { name: 'Steps over time' })
      .getByRole('button', { name: 'slow' })
      .waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel the run' }).click();
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    await other.locator('b', { hasText: 'Cancelled' }).first().waitFor();
    await close(page);
    await close(other);
  });

  test('looks at the lineage: ways between two, what is near one, and groups that close', async () => {
    const page = await open('/lineage');
    const card = (key: string) => page.locator(`[data-asset="${key}"]`);
    await card('shop/raw').click();
    await page.waitForURL(/asset=shop%2Fraw/);
    await page.getByRole('complementary', { name: 'shop/raw' }).waitFor();
    await card('shop/after').click({ modifiers: ['Shift'] });
    await page.waitForURL(/path=shop%2Fafter/);
    // The way from one to the other stands out, and all else steps back.
    for (const [key, isDim] of [
      ['shop/names', false],
      ['shop/after', false],
      ['exports/report', true],
      ['shop/days', true],
    ] as const)
      await expect.poll(async () => (await card(key).getAttribute('data-dim')) !== null).toBe(isDim);
    await page.keyboard.press('Escape');
    await card('shop/names').click();
    await page.getByRole('combobox', { name: /^Around/ }).selectOption('1');
    await page.waitForURL(/around=shop%2Fnames&hops=1/);
    const cards = async () => {
      const all = await page.locator('[data-asset]').all();
      return (await Promise.all(all.map((one) => one.getAttribute('data-asset')))).sort();
    };
    await expect.poll(cards).toEqual(['shop/after', 'shop/names', 'shop/raw']);
    await page.getByRole('button', { name: 'Show all assets' }).click();
    await card('exports/report').waitFor();
    await page.getByRole('button', { name: 'Collapse shop' }).click();
    await page.waitForURL(/collapsed=shop/);
    await card('shop/raw').waitFor({ state: 'detached' });
    await card('exports/report').waitFor();
    await page.getByRole('searchbox', { name: 'Filter assets' }).fill('kind:nothing');
    await page.getByText('No asset matches the filter').waitFor();
    await page.getByRole('button', { name: 'Show all assets' }).click();
    await card('exports/report').waitFor();
    await close(page);
  });

  test('makes the days that are missing', async () => {
    const page = await open('/partitions?asset=shop/days');
    await page.getByRole('textbox', { name: /Partitions/ }).fill('2026-03-32');
    await page.getByRole('alert').getByText('PARTITION_UNKNOWN').waitFor();
    expect(await page.getByRole('button', { name: 'Materialize these' }).isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: /Partitions/ }).fill('2026-03-02...2026-03-03');
    await page.waitForURL(/range=2026-03-02/);
    await page.getByText('npx nx run shop:days --partition=2026-03-02...2026-03-03').waitFor();
    await page.getByRole('button', { name: 'Materialize these' }).click();
    await page.getByRole('button', { name: 'Backfill 8 missing' }).waitFor();
    await close(page);
    // What is refused is an answer, too, and browsers say so.
    complaints = complaints.filter((one) => !one.includes('400 (Bad Request)'));
  });

  test('reads lines that are long, or several', async () => {
    const page = await open(`/runs/${runs.at(-1)}?step=shop%2Fnames`, {
      viewport: { width: 390, height: 800 },
    });
    const lines = page.getByRole('log').locator('[data-index]');
    await expect.poll(() => lines.count()).toBe(3);
    const boxes = await Promise.all((await lines.all()).map((line) => line.boundingBox()));
    const [two, long, last] = boxes.map((box) => box ?? { x: 0, y: 0, width: 0, height: 0 });
    expect(two?.height).toBeGreaterThan(30);
    expect(long?.height).toBeGreaterThan(100);
    expect(long?.y).toBeGreaterThanOrEqual((two?.y ?? 0) + (two?.height ?? 0) - 1);
    expect(last?.y).toBeGreaterThanOrEqual((long?.y ?? 0) + (long?.height ?? 0) - 1);
    for (const box of boxes) expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
    await close(page);
  });

  test('makes everything', async () => {
    workspace.write({ quick: '' });
    const page = await open('/groups');
    await page.getByRole('button', { name: 'Materialize all' }).click();
    await page.getByText('npx nx run-many -t materialize', { exact: true }).first().waitFor();
    for (const name of ['raw', 'names', 'after', 'hidden', 'days', 'slow', 'report'])
      await row(page, name).getByText('Fresh').waitFor();
    await page.getByRole('button', { name: 'Materialize stale: 0 assets' }).waitFor();
    await page.getByRole('button', { name: 'Materialize all' }).click();
    await page.getByText('Everything is up to date').waitFor();
    await close(page);
    workspace.remove('quick');
  });

  test('follows a run of a terminal, edits definitions, and breaks them, without loading anything again', async () => {
    const page = await open('/groups');
    await page.evaluate(() => Object.assign(globalThis, { same: true }));
    const file = 'packages/exports/src/index.ts';
    workspace.edit(file, (text) =>
      text.replace('=> (await raw.rows()).length', '=> 2 * (await raw.rows()).length'),
    );
    await row(page, 'report').getByText('Stale').waitFor();
    await row(page, 'report').getByText('code changed: exports/src/index.ts').waitFor();
    await workspace.nx(['run', 'exports:report']);
    await row(page, 'report').getByText('Fresh').waitFor();
    workspace.edit(file, (text) => text.replaceAll('report', 'rows_report'));
    await page.getByRole('link', { name: 'rows_report' }).waitFor();
    workspace.edit(file, (text) => `${text}\nexport const (`);
    await page.getByRole('alert').getByText(`${file}:`).waitFor();
    await row(page, 'rows_report').waitFor();
    workspace.edit(file, (text) => text.replace('\nexport const (', '').replaceAll('rows_report', 'report'));
    await row(page, 'report').getByText('Fresh').waitFor();
    await page.getByRole('alert').waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => 'same' in globalThis)).toBe(true);
    await close(page);
  });

  test('has a new asset in the lineage where one looks, and keeps it there', async () => {
    const file = 'packages/exports/src/index.ts';
    const page = await open('/lineage');
    const card = page.locator('[data-asset="shop/raw"]');
    await card.waitFor();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await expect.poll(async () => (await card.boundingBox())?.width ?? 0).toBeGreaterThan(230);
    const places = async () => {
      const cards = await page.locator('[data-asset^="shop/"]').all();
      const placeOf = async (one: Locator) =>
        `${await one.getAttribute('data-asset')} ${JSON.stringify(await one.boundingBox())}`;
      return Promise.all(cards.map(placeOf));
    };
    // The last run may still come in at the bottom, and takes room.
    let before: string[] = [];
    const isStill = async () => {
      before = await places();
      await page.waitForTimeout(400);
      return (await places()).join() === before.join();
    };
    await expect.poll(isStill).toBe(true);
    workspace.edit(file, (text) => text.replaceAll('report', 'rows_report'));
    await page.getByRole('button', { name: /Fit to view/ }).focus();
    await page.locator('[data-asset="exports/rows_report"]').waitFor({ state: 'attached' });
    // What is in the middle stays there; what depends on it may make room.
    expect((await places()).filter((one) => before.includes(one))).not.toEqual([]);
    workspace.edit(file, (text) => text.replaceAll('rows_report', 'report'));
    await page.locator('[data-asset="exports/report"]').waitFor({ state: 'attached' });
    await close(page);
  });

  test('compares two records of an asset from its history', async () => {
    await workspace.nx(['run', 'shop:raw'], { env: { ROWS: '4' } });
    await workspace.nx(['run', 'shop:raw'], { env: { ROWS: '6' } });
    const page = await open('/assets/shop/raw?tab=history');
    const parts = page.getByRole('navigation', { name: 'Parts of this page' });
    const current = async () => (await parts.locator('[aria-current]').allTextContents()).join('|');
    await expect.poll(current).toMatch(/^History[^|]*$/);
    await page.getByText('data changed').first().click();
    await page.getByRole('link', { name: 'Compare with the one before' }).first().click();
    await page.getByRole('heading', { name: '1 asset differs' }).waitFor();
    await page.getByRole('group', { name: 'Rows that differ' }).getByText('row <i>5').waitFor();
    expect(page.url()).toMatch(/of=shop%2Fraw&from=record%3A\d+&to=record%3A\d+/);
    await workspace.nx(['run', 'shop:raw']);
    await close(page);
  });

  test('keeps a page open while the server is started again', async () => {
    const port = String(server.port);
    const page = await open('/nothing/here');
    // It ends before everything has been answered.
    await page.route('**/api/runs?*', (route) => route.abort());
    await page.goto(`${server.address}/groups`);
    await page.getByText('Live', { exact: true }).waitFor();
    await server.stop('SIGKILL');
    await page.getByText(/Connecting|lost/).waitFor();
    server = await ConsoleServer.start(workspace, ['--port', port]);
    await page.getByText('Live', { exact: true }).waitFor();
    await workspace.nx(['run', 'shop:hidden', '--skip-nx-cache']);
    await page.unroute('**/api/runs?*');
    await page.getByRole('complementary', { name: 'Latest run' }).getByText('shop:hidden').waitFor();
    await close(page);
    complaints = complaints.filter((one) => !one.includes('ERR_'));
  });

  test('goes everywhere by the keyboard alone', async () => {
    const page = await open('/groups');
    await row(page, 'names').waitFor();
    await page.keyboard.press('Tab');
    await expect.poll(() => page.locator(':focus').textContent()).toBe('Skip to content');
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.waitForURL(/lineage/);
    await page.getByRole('toolbar', { name: 'Lineage controls' }).waitFor();
    await page.getByRole('group', { name: /^Lineage/ }).focus();
    await page.keyboard.press('ArrowRight');
    const name = () => page.locator(':focus').getAttribute('aria-label');
    await expect.poll(name).toMatch(/^(shop|exports)\/\w+, /);
    await page.locator('[data-asset="shop/raw"]').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(name).toContain('upstream: shop/raw');
    await page.keyboard.press(' ');
    await page.waitForURL(/asset=/);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.search.includes('asset='));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/assets\//);
    // At once: what people type goes into the palette from the first letter on.
    await page.keyboard.press('Control+k');
    await page.keyboard.type('days');
    await page.keyboard.press('Enter');
    // At once: a dialog that closes takes no other with it.
    await page.keyboard.press('?');
    await page.waitForURL(/assets\/shop\/days/);
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await close(page);
  });

  test('sends somebody else the address of what they see', async () => {
    const page = await open('/groups');
    await page.getByRole('searchbox', { name: 'Filter assets' }).fill('kind:csv');
    await page.waitForURL(/filter=kind%3Acsv/);
    const there = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await row(there, 'report').waitFor();
    expect(await row(there, 'names').count()).toBe(0);
    await there.getByRole('searchbox', { name: 'Filter assets' }).fill('kind:');
    await there.getByText('SELECTION_INVALID').waitFor();
    await close(page);
    const rows = await open('/assets/shop/raw?tab=preview&sort=id&direction=desc');
    await expect.poll(() => rows.getByRole('cell').first().textContent()).toBe('2');
    await close(rows);
    await close(there);
  });

  test('saves the picture', async () => {
    const page = await open('/lineage');
    for (const [button, name] of [
      ['Save as SVG', '.svg'],
      ['Save as PNG', '.png'],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      expect(download.suggestedFilename()).toContain(name);
      const stream = await download.createReadStream();
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const content = Buffer.concat(chunks);
      if (name === '.png') expect(content.subarray(1, 4).toString()).toBe('PNG');
      else {
        expect(content.toString()).toContain('>names<');
        expect(content.toString()).toContain('Rows &lt;b&gt;from outside&lt;/b&gt;.');
      }
    }
    await close(page);
  });
});

test('the first page needs at most 160 kB of JavaScript, gzipped', async () => {
  const page = await open('/nothing/here');
  const scripts = new Set<string>();
  page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.add(request.url());
  });
  await page.goto(`${server.address}/groups`, { waitUntil: 'networkidle' });
  let size = 0;
  for (const script of scripts) size += gzipSync(await (await fetch(script)).text()).length;
  expect(size).toBeGreaterThan(50_000);
  expect(size).toBeLessThan(160_000);
  await close(page);
});

test('an export opens from a file: groups, lineage, an asset and a run, with nothing to press that needs a server', async () => {
  await workspace.command(['console', 'export', '--to', 'site']);
  const page = await open(pathToFileURL(join(workspace.root, 'site/index.html')).href);
  await row(page, 'names').waitFor();
  expect(await page.getByRole('button', { name: /Materialize/ }).count()).toBe(0);
  await page.getByText('Exported pages').waitFor();
  await page.getByRole('link', { name: 'raw', exact: true }).click();
  await page.getByText('Rows <b>from outside</b>.').waitFor();
  await page.getByRole('link', { name: 'Preview' }).click();
  await page.getByText('row <i>2').waitFor();
  for (const [link, says] of [
    ['Lineage', 'toolbar'],
    ['Checks', 'unique_id'],
    ['Partitions', '2026-03-01'],
    ['Runs', 'nx run shop:names'],
  ] as const) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: link }).click();
    if (says === 'toolbar') await page.getByRole('toolbar').waitFor();
    else await page.getByText(says).first().waitFor();
  }
  await page.getByText('nx run shop:names').first().click();
  await page.getByRole('group', { name: 'Steps over time' }).waitFor();
  await close(page);
});
