import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openSqliteHistory, type SqliteHistory } from './index.ts';

/** A path in a new folder that goes with the test. */
export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'event-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'state', 'history.db');
}

export async function open(path = freshPath()): Promise<SqliteHistory> {
  const history = await openSqliteHistory(path);
  onTestFinished(() => history.close());
  return history;
}

export interface Child {
  readonly pid: number;
  readonly kill: () => void;
  /** Resolves with the first line that it prints. */
  readonly ready: Promise<string>;
  /** Starts what waits for a line. */
  readonly go: () => void;
  /** Resolves with what it printed, and rejects when it failed. */
  readonly done: Promise<string>;
}

/** A process of its own, with `openHistory` and `me` in scope. Where its script awaits `go`, it waits for the others. */
export function child(script: string): Child {
  const [sqlite, identity] = ['./index.ts', '../process.ts'].map((file) =>
    JSON.stringify(new URL(file, import.meta.url).href),
  );
  const wait = `const go = new Promise((resolve) => process.stdin.once('data', resolve));`;
  const code = [
    `import { openSqliteHistory as openHistory } from ${sqlite};`,
    `import { thisProcess } from ${identity};`,
    `const me = thisProcess();`,
    wait,
    script,
    'process.stdin.destroy();',
  ].join('\n');
  const started = spawn(process.execPath, ['--input-type=module', '-e', code]);
  onTestFinished(() => void started.kill('SIGKILL'));
  let [printed, problems] = ['', ''];
  started.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()));
  const ready = new Promise<string>((resolve) => {
    started.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('\n')) resolve(printed.slice(0, printed.indexOf('\n')));
    });
  });
  const done = new Promise<string>((resolve, reject) => {
    started.on('close', (code, signal) => {
      if (code === 0 && problems === '') resolve(printed);
      else reject(new Error(`${code ?? signal}: ${problems}`));
    });
  });
  // Those that are killed are not waited for.
  done.catch(() => undefined);
  const go = () => void started.stdin.write('go\n');
  return { pid: started.pid ?? 0, kill: () => void started.kill('SIGKILL'), ready, go, done };
}
