import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssetKey } from '@nx-assets/core';
import type { EventOf, History, LogEvent } from '@nx-assets/event-log';
import { openHistory } from '@nx-assets/workspace/history';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EventReducer, missed } from './follow.ts';
import { stepView } from './run-view.ts';
import type { LiveEvent } from '../wire/index.ts';

const A = 'lab/a' as AssetKey;
const B = 'lab/b' as AssetKey;
/** No process has this number: the kernel gives out smaller ones. */
const GONE = 2 ** 22 + 1;

const runStarted = (fields: Partial<EventOf<'run-started'>> = {}): LogEvent => ({
  ...{ type: 'run-started', at: 1_000, runId: 'r1', command: ['run', 'lab:a'], requested: [A] },
  ...{ pid: process.pid, host: hostname() },
  ...fields,
});
const runFinished = (runId = 'r1'): LogEvent => ({
  ...{ type: 'run-finished', at: 9_000, runId, status: 'succeeded' },
});
const started = (fields: Partial<EventOf<'step-started'>> = {}): LogEvent => ({
  ...{ type: 'step-started', at: 1_100, runId: 'r1', key: A, partition: null, attempt: 1 },
  reasons: [{ kind: 'missing' }],
  ...fields,
});
const retried = (attempt = 1): LogEvent => ({
  ...{ type: 'step-retried', at: 1_200, runId: 'r1', key: A, partition: null, attempt, waitMs: 5 },
  error: { code: 'HTTP_FAILED', message: '503' },
});
const finished = (fields: Partial<EventOf<'step-finished'>> = {}): LogEvent => ({
  ...{ type: 'step-finished', at: 1_300, startedAt: 1_100, runId: 'r1', key: A, partition: null },
  ...{ status: 'materialized', reasons: [{ kind: 'missing' }], changed: true, rowCount: 3, bytes: 300 },
  ...{ dataVersion: 'data', error: null },
  ...fields,
});
const line = (message: string, runId = 'r1'): LogEvent => ({
  ...{ type: 'log', at: 1_150, runId, key: A, partition: null, level: 'info', message },
});

/** A history in a folder of its own, and a reducer that is told what is written. */
async function begin(before: readonly LogEvent[] = []) {
  const root = mkdtempSync(join(tmpdir(), 'reducer-'));
  const history = await openHistory(root);
  onTestFinished(async () => {
    await history.close();
    rmSync(root, { recursive: true });
  });
  await history.append(before);
  const reducer = new EventReducer();
  await reducer.begin(history);
  const tell = async (events: readonly LogEvent[], lines: readonly string[] = []) => {
    const after = await history.lastEvent();
    await history.append(events);
    const stored = await history.events({ after, limit: 1_000 });
    const id = stored.at(-1)?.id ?? after;
    return { id, said: await reducer.of({ id, events: stored }, history, new Set(lines)) };
  };
  return { history, reducer, tell };
}

const eventsOf = <T extends LiveEvent['type']>(said: readonly { readonly event: LiveEvent }[], type: T) =>
  said.flatMap(({ event }) => (event.type === type ? [event as Extract<LiveEvent, { type: T }>] : []));

const partitionsUnder = async (reducer: EventReducer, history: History) =>
  (await reducer.under(history)).map(({ key, partition }) => [key, partition]);

describe('what pages hear of', () => {
  test('each run once, each step as it came to be, and all with the id of the last event', async () => {
    const { tell } = await begin();
    const { id, said } = await tell([
      runStarted(),
      started(),
      retried(),
      started({ attempt: 2 }),
      finished(),
    ]);
    expect(said.map(({ event }) => event.type)).toEqual(['run', 'steps']);
    expect(new Set(said.map((one) => one.id))).toEqual(new Set([id]));
    expect(eventsOf(said, 'run')[0]?.run).toMatchObject({ id: 'r1', counts: { materialized: 1 } });
    expect(eventsOf(said, 'steps')[0]?.steps).toMatchObject([{ status: 'materialized', attempt: 2 }]);
  });

  test('a step in parts, which are one', async () => {
    const { tell } = await begin([runStarted()]);
    await tell([started()]);
    expect(eventsOf((await tell([retried()])).said, 'steps')[0]?.steps).toMatchObject([
      { startedAt: 1_100, attempt: 2, why: 'not materialized yet', failure: { code: 'HTTP_FAILED' } },
    ]);
  });

  test('lines of the runs that somebody looks at, each with its own id', async () => {
    const { tell } = await begin([runStarted(), runStarted({ runId: 'r2' })]);
    const written = [line('one'), line('of another', 'r2'), line('two')];
    const { id, said } = await tell(written, ['r1', 'r3']);
    expect(said).toHaveLength(1);
    const [logs] = eventsOf(said, 'logs');
    expect(logs?.runId).toBe('r1');
    expect(logs?.lines.map((one) => [one.id, one.message])).toEqual([
      [id - 2, 'one'],
      [id, 'two'],
    ]);
    expect((await tell(written)).said).toEqual([]);
  });

  test('nothing of what only the state of assets shows', async () => {
    const { tell } = await begin([runStarted()]);
    const checked: LogEvent = {
      ...{ type: 'checked', at: 1, runId: 'r1', key: A, partition: null, check: 'unique_id' },
      ...{ severity: 'error', passed: true, facts: {} },
    };
    expect((await tell([checked])).said).toEqual([]);
  });
});

describe('what is under way', () => {
  test('was so before the console began, and ends with its step', async () => {
    const over = [runStarted({ runId: 'r0' }), started({ runId: 'r0' }), runFinished('r0')];
    const days = ['01', '02'].map((partition) => started({ partition }));
    const done = [started({ key: B }), finished({ key: B })];
    const { reducer, history, tell } = await begin([...over, runStarted(), ...days, ...done]);
    expect(await partitionsUnder(reducer, history)).toEqual([
      [A, '01'],
      [A, '02'],
    ]);
    expect([...reducer.running(A)]).toEqual(['01', '02']);
    expect([...reducer.running(B)]).toEqual([]);
    await tell([finished({ partition: '01' }), started({ key: B })]);
    expect([...reducer.running(A)]).toEqual(['02']);
    expect([...reducer.running(B)]).toEqual(['']);
  });

  test('is no longer, where the run has ended without a word of its steps', async () => {
    const { reducer, history, tell } = await begin();
    await tell([runStarted(), started(), runStarted({ runId: 'r2' }), started({ runId: 'r2', key: B })]);
    await tell([runFinished()]);
    expect(await partitionsUnder(reducer, history)).toEqual([[B, null]]);
  });

  test('is no longer, where the process of the run was killed', async () => {
    const { reducer, history, tell } = await begin();
    await tell([runStarted({ pid: GONE }), started()]);
    expect((await history.run('r1'))?.status).toBe('lost');
    expect(await reducer.under(history)).toEqual([]);
    expect([...reducer.running(A)]).toEqual([]);
  });
});

test.each<[string, readonly LogEvent[]]>([
  ['made', [started(), finished()]],
  ['under way', [started()]],
  ['tried again', [started(), retried(), started({ attempt: 2, at: 1_250 })]],
  ['made at the second attempt', [started(), retried(), started({ attempt: 2, at: 1_250 }), finished()]],
  ['failed', [started(), finished({ status: 'failed', error: { code: 'X', message: 'y' }, changed: null })]],
  ['cancelled by who did not see it begin', [started(), finished({ status: 'cancelled', startedAt: 1_300 })]],
  ['restored', [finished({ status: 'up-to-date', reasons: [{ kind: 'restored', from: 'remote' }] })]],
  ['begun once more after a crash', [started(), started({ at: 1_250 })]],
  ['made twice in a run', [started(), finished(), started({ at: 1_400 }), finished({ at: 1_500 })]],
])('a step that was %s looks the same live as after a reload', async (_, events) => {
  const { tell, history } = await begin([runStarted()]);
  let live: unknown;
  for (const event of events) live = eventsOf((await tell([event])).said, 'steps')[0]?.steps[0];
  const [kept] = await history.steps('r1');
  expect(live).toEqual(kept && stepView(kept));
});

describe('what a page has missed', () => {
  const listener = (run: string | null) => ({ run, onEvent: () => undefined });

  test('is what happened after the event that it knows, with the lines of its run', async () => {
    const { history } = await begin([runStarted(), started(), line('one'), finished()]);
    expect(await missed(history, 4, listener('r1'))).toEqual([]);
    const steps = await missed(history, 3, listener('r1'));
    expect(steps?.map(({ id, event }) => [id, event.type])).toEqual([
      [4, 'run'],
      [4, 'steps'],
    ]);
    const all = (await missed(history, 0, listener('r1'))) ?? [];
    expect(eventsOf(all, 'logs')[0]?.lines.map(({ message }) => message)).toEqual(['one']);
    expect(eventsOf((await missed(history, 0, listener(null))) ?? [], 'logs')).toEqual([]);
  });

  test('is too much to tell after five thousand events', async () => {
    const lines = Array.from({ length: 5_000 }, (_, number) => line(`${number}`));
    const { history } = await begin([runStarted(), ...lines]);
    expect(await missed(history, 0, listener(null))).toBeNull();
    expect(await missed(history, 1, listener(null))).toEqual([]);
  });
});
