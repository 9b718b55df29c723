import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Outcome } from '@nx-assets/engine';

const require = createRequire(import.meta.url);
const NX = require.resolve('nx/bin/nx.js');
const COMMAND = binOf('nx-assets');
/** Where packages are installed that workspaces of tests share. */
const INSTALLED = join(NX.slice(0, NX.lastIndexOf(`${join('node_modules', 'nx')}`)), 'node_modules');

function binOf(name: string): string {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Readonly<Record<string, string>> };
  return join(dirname(manifest), bin[name] ?? '');
}

/** What an asset came to in a run, as `--json` says it. */
export type ReportedAsset = Omit<Outcome, 'startedAt' | 'finishedAt'> & {
  /** `null` of what did not run. */
  readonly source: 'run' | 'output' | 'cache' | null;
  readonly milliseconds: number | null;
};

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** For Node itself, before the script. */
  readonly nodeArgs?: readonly string[];
  /** Where to run it, from the root. */
  readonly folder?: string;
  readonly onStart?: (pid: number) => void;
  /** Called with what it says, while it runs. */
  readonly onOutput?: (text: string) => void;
}

export interface NxResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Everything, in the order in which it came. */
  readonly output: string;
}

export interface MaterializeResult extends NxResult {
  readonly assets: readonly ReportedAsset[];
  /** Names of assets whose function ran, sorted. */
  readonly ran: readonly string[];
  readonly failed: readonly string[];
  readonly blocked: readonly string[];
}

/** A real Nx workspace on disk, with the real nx and the framework's own sources. */
export class TestWorkspace {
  readonly root: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'nx-assets-')));
    this.write({
      'package.json': json({
        name: 'test-workspace',
        private: true,
        type: 'module',
        workspaces: ['packages/*'],
      }),
      'nx.json': json({
        cacheDirectory: '.nx/cache',
        neverConnectToCloud: true,
        analytics: false,
        tui: { enabled: false },
        useDaemonProcess: false,
        plugins: ['nx-assets'],
      }),
      '.gitignore': 'node_modules\n.nx\noutput\n',
      ...files,
    });
    link(INSTALLED, join(this.root, 'node_modules'));
  }

  /** Writes files by their workspace paths; folders come by themselves. */
  write(files: Readonly<Record<string, string>>): this {
    for (const [path, content] of Object.entries(files)) {
      const absolute = join(this.root, path);
      mkdirSync(dirname(absolute), { recursive: true });
      writeFileSync(absolute, content);
    }
    return this;
  }

  /** A group package: `files` are by their names under `src/`. */
  group(name: string, files: Readonly<Record<string, string>>, packageJson: object = {}): this {
    this.write({
      [`packages/${name}/package.json`]: json({
        name: `@test/${name}`,
        type: 'module',
        exports: { '.': './src/index.ts' },
        nx: { name },
        'nx-assets': { entry: './src/index.ts', owner: '@test/team', description: `The ${name}.` },
        ...packageJson,
      }),
    });
    for (const [file, content] of Object.entries(files))
      this.write({ [`packages/${name}/src/${file}`]: content });
    return this.link(`@test/${name}`, `packages/${name}`);
  }

  /** Makes a folder importable as a package, as an install with workspaces would. */
  link(packageName: string, folder: string): this {
    const place = join(this.root, 'node_modules', packageName);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(this.root, folder), place);
    return this;
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  edit(path: string, change: (content: string) => string): this {
    const before = this.read(path);
    const after = change(before);
    if (after === before) throw new Error(`The edit of ${path} changes nothing.`);
    return this.write({ [path]: after });
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  remove(path: string): this {
    rmSync(join(this.root, path), { recursive: true, force: true });
    return this;
  }

  git(...args: readonly string[]): string {
    const identity = [
      '-c',
      'user.name=test',
      '-c',
      'user.email=test@localhost',
      '-c',
      'init.defaultBranch=main',
    ];
    return execFileSync('git', [...identity, ...args], {
      cwd: this.root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  /** Runs the real nx. */
  nx(args: readonly string[], options: RunOptions = {}): Promise<NxResult> {
    return this.#run([NX, ...args], options);
  }

  /** The script of the `nx-assets` command. */
  readonly commandPath = COMMAND;

  /** Runs the `nx-assets` command. */
  command(args: readonly string[], options: RunOptions = {}): Promise<NxResult> {
    return this.#run([COMMAND, ...args], options);
  }

  #run(script: readonly string[], options: RunOptions): Promise<NxResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...(options.nodeArgs ?? []), ...script], {
        cwd: join(this.root, options.folder ?? '.'),
        // A group of its own, so that a test can kill all of it.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...cleanEnv(), NX_ISOLATE_PLUGINS: 'false', NO_COLOR: '1', ...options.env },
      });
      let stdout = '';
      let stderr = '';
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        output += chunk.toString();
        options.onOutput?.(chunk.toString());
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
        output += chunk.toString();
        options.onOutput?.(chunk.toString());
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr, output }));
      if (child.pid !== undefined) options.onStart?.(child.pid);
    });
  }

  /** Runs nx with `--json` and says what became of each asset. Default: everything. */
  async materialize(
    args: readonly string[] = ['run-many', '-t', 'materialize'],
    options: Parameters<TestWorkspace['nx']>[1] = {},
  ): Promise<MaterializeResult> {
    const result = await this.nx([...args, '--json'], options);
    const line = result.stdout.split('\n').findLast((text) => text.startsWith('{"version"'));
    const assets = line ? (JSON.parse(line) as { assets: ReportedAsset[] }).assets : [];
    const named = (...statuses: ReportedAsset['status'][]) =>
      assets
        .filter((asset) => statuses.includes(asset.status))
        .map(({ key }) => key.split('/')[1] ?? key)
        .sort();
    return {
      ...result,
      assets,
      ran: named('materialized', 'failed'),
      failed: named('failed'),
      blocked: named('blocked'),
    };
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The environment without what an nx or vitest around this process has put there. */
function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(NX_|VITEST|NODE_OPTIONS|FORCE_COLOR|CI$|JSONPLACEHOLDER)/.test(name),
    ),
  );
}

/** Each installed package as a link, scopes as folders, so that a workspace can add packages of its own. */
function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from)) {
    if (entry === '.cache' || entry === '.package-lock.json' || entry === '@acme') continue;
    if (!entry.startsWith('@')) {
      symlinkSync(join(from, entry), join(to, entry));
      continue;
    }
    mkdirSync(join(to, entry), { recursive: true });
    for (const scoped of readdirSync(join(from, entry)))
      symlinkSync(join(from, entry, scoped), join(to, entry, scoped));
  }
}
