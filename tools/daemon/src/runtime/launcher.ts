import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunRequest } from '@nx-assets/event-log';
import { absolute, requestLogPath } from '@nx-assets/storage/records';
import { ownEnv } from '@nx-assets/runner/nx-process';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** What processes of requests have said is kept for so many. */
const KEPT = 100;

/** Starts a process for each request. It outlives this one: what runs is not lost when the daemon is. */
export class Launcher {
  readonly #context: RunContext;
  readonly #command: string;
  readonly #onExit: () => void;
  readonly #children = new Map<string, ChildProcess>();

  /** `command` is the file of the `nx-assets` command. */
  constructor(context: RunContext, command: string, onExit: () => void) {
    this.#context = context;
    this.#command = command;
    this.#onExit = onExit;
  }

  launch({ id }: RunRequest): void {
    const path = absolute(this.#context.root, requestLogPath(id));
    mkdirSync(dirname(path), { recursive: true });
    forgetOld(dirname(path));
    const output = openSync(path, 'a');
    const child = spawn(process.execPath, [this.#command, 'automation', 'run', id], {
      cwd: this.#context.root,
      // Ctrl-C is for the daemon.
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...ownEnv(this.#context.env), NO_COLOR: '1' },
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
