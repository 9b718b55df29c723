import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chooseBrowser, environmentOf, launchBrowser, unpackedChromium } from './support/browser.ts';

describe('which browser', () => {
  const machine = (platform: string, arch: string, there: readonly string[] = [], named?: string) => ({
    platform,
    arch,
    env: { CHROMIUM: named },
    downloaded: '/cache/chrome',
    exists: (path: string) => there.includes(path),
  });

  test('on Linux x64 the one of npm, whatever is installed', () => {
    expect(chooseBrowser(machine('linux', 'x64', ['/usr/bin/chromium']))).toEqual({ from: 'npm' });
  });

  test("elsewhere Playwright's download, then an installed one, then none", () => {
    const both = ['/usr/bin/chromium', '/cache/chrome'];
    expect(chooseBrowser(machine('linux', 'arm64', both))).toEqual({ from: 'path', path: '/cache/chrome' });
    const installed = ['/usr/bin/chromium'];
    expect(chooseBrowser(machine('linux', 'arm64', installed))).toEqual({
      from: 'path',
      path: '/usr/bin/chromium',
    });
    expect(chooseBrowser(machine('darwin', 'arm64'))).toEqual({ from: 'nowhere' });
  });

  test('one that is named is taken, or nothing is', () => {
    expect(chooseBrowser(machine('linux', 'x64', ['/my/chrome'], '/my/chrome'))).toEqual({
      from: 'path',
      path: '/my/chrome',
    });
    expect(chooseBrowser(machine('linux', 'x64', [], '/my/chrome'))).toEqual({ from: 'nowhere' });
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('Chromium from npm', () => {
  test('several processes may unpack it at once, and nothing is left beside it', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'nx-assets-chromium-'));
    onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
    const [first, second] = await Promise.all([unpackedChromium(cache), unpackedChromium(cache)]);
    expect(first).toBe(second);
    expect(readdirSync(cache)).toHaveLength(1);
    expect(readdirSync(first)).toContain('chromium');
  });

  test('needs no library that only a desktop has', async () => {
    const folder = await unpackedChromium();
    const env = environmentOf(folder);
    const lines = execFileSync('ldd', [join(folder, 'chromium')], { env, encoding: 'utf8' }).split('\n');
    const ofSystem = lines.filter((line) => line.trim() !== '' && !line.includes(folder));
    // What is left are parts of the C library and of its loader.
    const names = ofSystem.map((line) =>
      line
        .trim()
        .split(' ')[0]
        ?.split('/')
        .at(-1)
        ?.replace(/\.so.*/, ''),
    );
    expect(new Set(names)).toEqual(
      new Set(['linux-vdso', 'libdl', 'libpthread', 'libm', 'libgcc_s', 'libc', 'ld-linux-x86-64']),
    );
  });
});

test('text is drawn, with the font of a page and without', async () => {
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 200, height: 60 } });
  const pictureOf = async (text: string) => {
    await page.setContent(`<p style="font: 32px sans-serif; margin: 4px">${text}</p>`);
    return page.screenshot();
  };
  const [empty, word, other] = [await pictureOf(''), await pictureOf('assets'), await pictureOf('tables')];
  expect(word.equals(empty)).toBe(false);
  // Boxes in place of letters would look the same.
  expect(word.equals(other)).toBe(false);
});
