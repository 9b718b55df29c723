import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssetKey } from '@nx-assets/core';
import { onTestFinished } from 'vitest';
import { EventLog } from './event-log.ts';
import type { EventOf, LogEvent } from './events.ts';

export const key = (text: string) => text as AssetKey;
export const A = key('group/a');
export const B = key('group/b');

/** A path in a new folder that goes with the test. */
export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'event-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'state', 'history.db');
}

export async function open(path = freshPath()): Promise<EventLog> {
  const log = await EventLog.open(path);
  onTestFinished(() => log.close());
  return log;
}

type Fields<T extends LogEvent['type']> = Partial<Omit<EventOf<T>, 'type'>>;

export const runStarted = (fields: Fields<'run-started'> = {}): LogEvent => ({
  ...{ type: 'run-started', at: 1000, runId: 'r1', command: ['nx', 'run-many'], requested: [A, B] },
  ...{ pid: process.pid, host: hostname() },
  ...fields,
});
export const runFinished = (fields: Fields<'run-finished'> = {}): LogEvent => ({
  ...{ type: 'run-finished', at: 2000, runId: 'r1', status: 'succeeded' },
  ...fields,
});
export const stepStarted = (fields: Fields<'step-started'> = {}): LogEvent => ({
  ...{ type: 'step-started', at: 1100, runId: 'r1', key: A, partition: null, attempt: 1 },
  reasons: [{ kind: 'missing' }],
  ...fields,
});
export const stepFinished = (fields: Fields<'step-finished'> = {}): LogEvent => ({
  ...{ type: 'step-finished', at: 1200, startedAt: 1100, runId: 'r1', key: A, partition: null },
  ...{ status: 'materialized', reasons: [{ kind: 'missing' }], changed: true, rowCount: 3, bytes: 300 },
  ...{ dataVersion: 'data', error: null },
  ...fields,
});
export const materialized = (fields: Fields<'materialized'> = {}): LogEvent => ({
  ...{ type: 'materialized', at: 1190, runId: 'r1', key: A, partition: null, dataVersion: 'data' },
  ...{ actionKey: 'action', codeVersion: 'code', rowCount: 3, bytes: 300, record: { version: 1 } },
  ...fields,
});
export const logged = (fields: Fields<'log'> = {}): LogEvent => ({
  ...{ type: 'log', at: 1150, runId: 'r1', key: A, partition: null, level: 'info', message: 'a line' },
  ...fields,
});

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

/** A process of its own, in which `EventLog` is there. Where its script awaits `go`, it waits for the others. */
export function child(script: string): Child {
  const module = JSON.stringify(new URL('./event-log.ts', import.meta.url).href);
  const wait = `const go = new Promise((resolve) => process.stdin.once('data', resolve));`;
  const code = `import { EventLog } from ${module};\n${wait}\n${script}\nprocess.stdin.destroy();`;
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
