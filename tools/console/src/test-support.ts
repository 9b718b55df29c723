import { AssetError } from '@nx-assets/core';
import type { ConsoleApi, Listener, Query, ServerEvent } from './api.ts';
import type { Answers, Path, RunRequest, RunStarted } from './wire/index.ts';

const PATHS = [
  '/api/workspace',
  '/api/assets/:group/:name',
  '/api/assets/:group/:name/history',
  '/api/assets/:group/:name/preview',
  '/api/assets/:group/:name/partitions',
  '/api/runs',
  '/api/runs/:id',
  '/api/runs/:id/logs',
  '/api/checks',
  '/api/automation',
  '/api/automation/ticks',
  '/api/compare',
  '/api/compare/rows',
] as const satisfies readonly Path[];

interface Asked {
  readonly path: Path;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
}

/** Answers from a table, and keeps what it was asked. */
export class FixedApi implements ConsoleApi {
  readonly answers: ConsoleApi['answers'];
  readonly asked: Asked[] = [];
  readonly requests: (readonly [what: 'plan' | 'start' | 'cancel', of: RunRequest | string])[] = [];
  readonly listeners = new Set<Listener>();
  readonly sinceAsked: number[] = [];
  past: readonly ServerEvent[] = [];
  /** What happens while the past is read. */
  meanwhile: () => void = () => undefined;
  started: RunStarted = { runs: ['r1'], commands: ['npx nx run lab:a'], isUpToDate: false };

  /** What is left out cannot be asked for; an error is thrown. */
  constructor(given: { readonly [P in Path]?: Answers[P] | Error }) {
    const answer = (path: Path) => (params: Readonly<Record<string, string>>, query: Query) => {
      this.asked.push({ path, params, query });
      const found = given[path] ?? new AssetError('FRAMEWORK_BUG', `Nobody said what ${path} gives.`);
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    };
    const all = PATHS.map((path) => [path, answer(path)]);
    this.answers = Object.fromEntries(all) as ConsoleApi['answers'];
  }

  plan(request: RunRequest) {
    this.requests.push(['plan', request]);
    return Promise.resolve(this.started);
  }

  start(request: RunRequest) {
    this.requests.push(['start', request]);
    return Promise.resolve(this.started);
  }

  cancel(runId: string) {
    this.requests.push(['cancel', runId]);
    if (runId === 'unknown')
      return Promise.reject(new AssetError('COMMAND_INVALID', 'There is no run unknown.'));
    return Promise.resolve();
  }

  since(after: number) {
    this.sinceAsked.push(after);
    this.meanwhile();
    return Promise.resolve(this.past);
  }

  follow(listener: Listener) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  say(event: ServerEvent) {
    for (const listener of this.listeners) listener.onEvent(event);
  }
}
