// What tests of this package share.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type AssetKey, parseAssetKey } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import type { RunContext } from '@nx-assets/workspace/run-context';
import { onTestFinished } from 'vitest';
import type { ReportLine } from './report-line.ts';

export const NOON = Date.UTC(2026, 2, 1, 12);

/** A folder that is gone when the test has ended. */
export function temporaryRoot(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'runner-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return root;
}

/** What a process is given, made by hand: says what it was told, at a clock that stands until it is moved. */
export class Scene {
  readonly context: RunContext;
  readonly env: NodeJS.ProcessEnv;
  readonly exits: number[] = [];
  time = NOON;
  #out = '';
  #err = '';

  constructor(root: string, env: NodeJS.ProcessEnv = {}) {
    this.env = env;
    this.context = {
      root,
      cwd: root,
      env,
      argv: [],
      conditions: [],
      stdout: { write: (text) => void (this.#out += text) },
      stderr: { write: (text) => void (this.#err += text) },
      now: () => new Date(this.time),
      exit: (code): never => {
        this.exits.push(code);
        throw new Error(`exit ${code}`);
      },
    };
  }

  /** On standard output, without colours. */
  get said(): string {
    return stripVTControlCharacters(this.#out);
  }

  get complained(): string {
    return stripVTControlCharacters(this.#err);
  }
}

export const key = (text: string): AssetKey => parseAssetKey(text);

export const outcomeOf = (name: string, change: Partial<Outcome> = {}): Outcome => ({
  key: key(name),
  partition: null,
  status: 'materialized',
  reasons: [{ kind: 'missing' }],
  changed: true,
  rowCount: 3,
  bytes: 2100,
  startedAt: NOON,
  finishedAt: NOON + 340,
  error: null,
  checks: [],
  announcements: [],
  ...change,
});

export const lineOf = (name: string, change: Partial<ReportLine> = {}): ReportLine => ({
  key: key(name),
  status: 'materialized',
  reasons: [{ kind: 'missing' }],
  changed: true,
  rowCount: 3,
  bytes: 2100,
  milliseconds: 340,
  error: null,
  announcements: [],
  checks: [],
  isExternal: false,
  source: 'run',
  ...change,
});
