// The one place that decides which browser tests, benchmarks and pictures use.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where Playwright puts what `npx playwright-core install chromium` downloads. */
  readonly downloaded: string;
  readonly exists: (path: string) => boolean;
}
type Choice =
  { readonly from: 'npm' } | { readonly from: 'path'; readonly path: string } | { readonly from: 'nowhere' };

const INSTALLED = [
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** CHROMIUM when it is set; else what npm brought, where the package has a binary; else what is there already. */
export function chooseBrowser({ platform, arch, env, downloaded, exists }: Machine): Choice {
  const named = env['CHROMIUM'];
  if (named !== undefined) return exists(named) ? { from: 'path', path: named } : { from: 'nowhere' };
  if (platform === 'linux' && arch === 'x64') return { from: 'npm' };
  const path = [downloaded, ...INSTALLED].find(exists);
  return path === undefined ? { from: 'nowhere' } : { from: 'path', path };
}

/** Starts the browser. Where there is none it says so: a test that needs one fails, it is never left out. */
export async function launchBrowser(): Promise<Browser> {
  const { platform, arch, env } = process;
  const machine = { platform, arch, env, downloaded: chromium.executablePath(), exists: existsSync };
  const choice = chooseBrowser(machine);
  if (choice.from === 'nowhere') {
    throw new Error(
      [
        `There is no browser for ${platform} ${arch}, so nothing here that needs one can run.`,
        env['CHROMIUM'] === undefined
          ? 'Install Chrome, or run `npx playwright-core install chromium`, or name a Chromium in CHROMIUM.'
          : `CHROMIUM says ${env['CHROMIUM']}, which does not exist.`,
      ].join('\n'),
    );
  }
  const args = ['--no-sandbox'];
  if (choice.from === 'path') return chromium.launch({ executablePath: choice.path, args });
  const folder = await unpackedChromium();
  return chromium.launch({ executablePath: join(folder, 'chromium'), args, env: environmentOf(folder) });
}

/** Its own libraries and fonts, so that nothing of the system's counts. */
export const environmentOf = (folder: string): Record<string, string> => ({
  ...(process.env as Record<string, string>),
  LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
  FONTCONFIG_PATH: join(folder, 'fonts'),
});

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/chromium');

/**
 * The folder with the unpacked Chromium. Several processes may want it at once: each unpacks beside it, and the first
 * to move its copy into place has made it for all.
 */
export async function unpackedChromium(cache = CACHE): Promise<string> {
  const folder = join(cache, versionOfPackage());
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const own = mkdtempSync(join(cache, 'unpacking-'));
  try {
    const script = join(import.meta.dirname, 'unpack-chromium.ts');
    await promisify(execFile)(process.execPath, [script], { env: { ...process.env, TMPDIR: own } });
    writeFileSync(join(own, 'fonts/fonts.conf'), FONTS);
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  return folder;
}

function versionOfPackage(): string {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const manifest = readFileSync(join(dirname(entry), '../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
