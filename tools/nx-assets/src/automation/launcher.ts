import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Request } from '@nx-assets/event-log';
import { absolute, requestLogPath } from '@nx-assets/storage/records';
import { ownEnv } from '../cli/nx.ts';

/** What processes of requests have said is kept for so many. */
const KEPT = 100;

/** Starts a process for each request. It outlives this one: what runs is not lost when the daemon is. */
export class Launcher {
  readonly #root: string;
  readonly #onExit: () => void;
  readonly #children = new Map<string, ChildProcess>();

  constructor(root: string, onExit: () => void) {
    this.#root = root;
    this.#onExit = onExit;
  }

  launch({ id }: Request): void {
    const path = absolute(this.#root, requestLogPath(id));
    mkdirSync(dirname(path), { recursive: true });
    forgetOld(dirname(path));
    const output = openSync(path, 'a');
    const child = spawn(process.execPath, [commandPath(), 'automation', 'run', id], {
      cwd: this.#root,
      // Ctrl-C is for the daemon.
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...ownEnv(), NO_COLOR: '1' },
    });
    closeSync(output);
    const end = () => {
      this.#children.delete(id);
      this.#onExit();
    };
    child.on('exit', end).on('error', end);
    this.#children.set(id, child);
  }

  isLaunched(id: string): boolean {
    return this.#children.has(id);
  }

  /** Lets this process end before they do. */
  leave(): void {
    for (const child of this.#children.values()) child.unref();
  }
}

function forgetOld(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const times = files.map((path) => [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0] as const);
  const old = times.sort(([, a], [, b]) => b - a).slice(KEPT);
  for (const [path] of old) rmSync(path, { force: true });
}

// In the sources this file is TypeScript; in the published package its neighbours are JavaScript.
/** The file of the `nx-assets` command. */
export const commandPath = (): string =>
  fileURLToPath(
    import.meta.url.endsWith('.ts')
      ? new URL('../cli.ts', import.meta.url)
      : new URL('./cli.js', import.meta.url),
  );
