import type { Json } from '@nx-assets/core';
import type { Seen } from '@nx-assets/core/automation';
import { describe, expect, test } from 'vitest';
import { cursorOf, decide, type Scene, type Sensed } from './decide.ts';
import type { NamedSchedule, NamedSensor } from './definitions.ts';

const HOUR = 3_600_000;
const noon = Date.parse('2026-03-10T12:00Z');
const target = { job: null, select: 'a', assets: null, partition: null, config: {} };
const hourly: NamedSchedule = {
  ...{ name: 'lab/hourly', description: 'd', cron: '0 * * * *', timeZone: 'UTC', catchUp: 'latest' },
  ...{ limit: 100, target },
};
const queue: NamedSensor = {
  ...{ name: 'lab/queue', description: 'd', watch: null, every: 1_000, timeout: 1_000 },
  target: { ...target, partition: 'latest', config: { 'lab/a': { limit: 1, region: 'eu' } } },
};

/** Turns over the same definitions, each with what the one before remembered, and requests that are known for ever. */
class Turns {
  states = new Map<string, Json>();
  readonly known = new Set<string>();
  readonly #schedules: readonly NamedSchedule[];

  constructor(...schedules: readonly NamedSchedule[]) {
    this.#schedules = schedules;
  }

  at(now: number, sensed: Readonly<Record<string, Sensed>> = {}, sensors: readonly NamedSensor[] = [queue]) {
    const scene: Scene = {
      automations: { schedules: this.#schedules, sensors, conditions: [] },
      states: this.states,
      sensed: new Map(Object.entries(sensed)),
      view: null,
      isKnown: (id) => this.known.has(id),
      now,
    };
    const decided = decide(scene);
    this.states = new Map([...this.states, ...decided.states]);
    for (const { id } of decided.requests) this.known.add(id);
    return decided;
  }

  saw(seen: Seen, now = noon) {
    return this.at(now, { 'lab/queue': { seen } });
  }
}

describe('a schedule', () => {
  test('that nobody knew of yet is remembered, and nothing of before is due', () => {
    const { requests, ticks, states } = new Turns(hourly).at(noon);
    expect([requests, ticks]).toEqual([[], []]);
    expect([...states]).toEqual([['lab/hourly', { until: noon, by: '0 * * * * UTC' }]]);
  });

  test('asks for its time once, by an id that says which', () => {
    const turns = new Turns(hourly);
    turns.at(noon);
    expect(turns.at(noon + HOUR - 1)).toEqual({ states: new Map(), ticks: [], requests: [] });
    const because = 'due 2026-03-10 13:00 UTC';
    const id = 'lab/hourly@2026-03-10T13:00:00.000Z';
    expect(turns.at(noon + HOUR)).toEqual({
      states: new Map([['lab/hourly', { until: noon + HOUR, by: '0 * * * * UTC' }]]),
      requests: [{ id, name: 'lab/hourly', at: noon + HOUR, because, target }],
      ticks: [
        {
          ...{ name: 'lab/hourly', kind: 'schedule', at: noon + HOUR, outcome: 'requested', because },
          ...{ detail: null, request: id },
        },
      ],
    });
    expect(turns.at(noon + HOUR + 1).requests).toEqual([]);
  });

  test('says what it leaves out', () => {
    const turns = new Turns(hourly, { ...hourly, name: 'lab/none', catchUp: 'none' });
    turns.at(noon);
    const { ticks } = turns.at(noon + 3.5 * HOUR);
    expect(ticks.map(({ name, outcome, request }) => [name, outcome, request])).toEqual([
      ['lab/hourly', 'skipped', null],
      ['lab/hourly', 'requested', 'lab/hourly@2026-03-10T15:00:00.000Z'],
      ['lab/none', 'skipped', null],
    ]);
    expect(turns.at(noon + 3.6 * HOUR).ticks).toEqual([]);
  });

  test('whose time was edited begins anew', () => {
    const turns = new Turns(hourly);
    turns.at(noon);
    const edited = new Turns({ ...hourly, timeZone: 'Asia/Kathmandu' });
    edited.states = turns.states;
    expect(edited.at(noon + 5 * HOUR).requests).toEqual([]);
    expect(edited.at(noon + 6 * HOUR).requests).toHaveLength(1);
  });

  test('goes on when the clock was set back, and asks for no time twice', () => {
    const turns = new Turns({ ...hourly, catchUp: 'all' });
    turns.at(noon);
    const asked = (now: number) => turns.at(now).requests.map(({ at }) => (at - noon) / HOUR);
    expect(asked(noon + 2 * HOUR)).toEqual([1, 2]);
    // A clock of years ahead, for a moment.
    turns.at(noon + 30_000 * HOUR);
    expect(asked(noon + HOUR)).toEqual([]);
    expect(asked(noon + 2 * HOUR)).toEqual([]);
    expect(turns.at(noon + 2.5 * HOUR).ticks).toEqual([]);
    expect(asked(noon + 3 * HOUR)).toEqual([3]);
  });
});

describe('a sensor', () => {
  test('that has not looked decides nothing', () => {
    expect(new Turns().at(noon)).toEqual({ states: new Map(), ticks: [], requests: [] });
  });

  test('keeps its cursor together with what it asks for', () => {
    const turns = new Turns();
    const { states, requests, ticks } = turns.saw({ cursor: 7, requests: [{ because: 'it came' }] });
    expect([...states]).toEqual([['lab/queue', { by: 'check', cursor: 7 }]]);
    expect(requests).toEqual([
      {
        ...{ id: 'lab/queue@2026-03-10T12:00:00.000Z', name: 'lab/queue', at: noon, because: 'it came' },
        target: queue.target,
      },
    ]);
    expect(ticks).toMatchObject([
      { kind: 'sensor', outcome: 'requested', because: 'it came', request: requests[0]?.id },
    ]);
    expect(cursorOf(queue, turns.states.get('lab/queue'))).toBe(7);
  });

  test('writes nothing where it saw what it saw before', () => {
    const turns = new Turns();
    expect(turns.saw({ cursor: { n: 1 } }).states.size).toBe(1);
    expect(turns.saw({ cursor: { n: 1 } }).states.size).toBe(0);
    expect(turns.saw({}).states.size).toBe(0);
    expect(turns.saw({ cursor: null }).states.size).toBe(1);
    expect(cursorOf(queue, turns.states.get('lab/queue'))).toBeNull();
  });

  test('that saw nothing says why', () => {
    const turns = new Turns();
    expect(turns.saw({}).ticks).toMatchObject([{ outcome: 'nothing', because: 'unchanged' }]);
    expect(turns.saw({ because: 'the queue is empty' }).ticks).toMatchObject([
      { outcome: 'nothing', because: 'the queue is empty', request: null },
    ]);
    expect(turns.saw({ because: 'two came', requests: [{}] }).requests).toMatchObject([
      { because: 'two came' },
    ]);
  });

  test('asks for what has an id once, in one look and in all', () => {
    const turns = new Turns();
    const seen: Seen = { requests: [{ id: '41' }, { id: '42' }, { id: '41' }] };
    const first = turns.saw(seen);
    expect(first.requests.map(({ id }) => id)).toEqual(['lab/queue:41', 'lab/queue:42']);
    expect(first.ticks[2]).toMatchObject({ outcome: 'skipped', because: '41 was already requested' });
    const again = turns.saw({ requests: [{ id: '42' }, { id: '43' }] }, noon + HOUR);
    expect(again.requests.map(({ id }) => id)).toEqual(['lab/queue:43']);
    expect(again.ticks.map(({ outcome }) => outcome)).toEqual(['skipped', 'requested']);
  });

  test('asks for what has no id each time, also twice in one look or with a clock that was set back', () => {
    const turns = new Turns();
    const ids = () => turns.saw({ requests: [{}, {}] }).requests.map(({ id }) => id.split('Z')[1]);
    expect(ids()).toEqual(['', '.2']);
    expect(ids()).toEqual(['.3', '.4']);
  });

  test('may name a partition, and fields besides those that it has anyway', () => {
    const request = { partition: '2026-03-01', config: { 'lab/a': { limit: 2 }, 'lab/b': { deep: true } } };
    expect(new Turns().saw({ requests: [request] }).requests[0]?.target).toEqual({
      ...target,
      partition: '2026-03-01',
      config: { 'lab/a': { limit: 2, region: 'eu' }, 'lab/b': { deep: true } },
    });
  });

  test('that failed keeps its cursor, and says what it threw', () => {
    const turns = new Turns();
    turns.saw({ cursor: 7 });
    expect(turns.at(noon, { 'lab/queue': { failed: 'no connection' } })).toEqual({
      states: new Map(),
      requests: [],
      ticks: [
        {
          ...{ name: 'lab/queue', kind: 'sensor', at: noon, outcome: 'failed', because: 'no connection' },
          ...{ detail: null, request: null },
        },
      ],
    });
    expect(cursorOf(queue, turns.states.get('lab/queue'))).toBe(7);
  });

  test('that failed at its first look has its first look still before it', () => {
    const turns = new Turns();
    turns.at(noon, { 'lab/queue': { failed: 'no connection' } });
    expect(cursorOf(queue, turns.states.get('lab/queue'))).toBeUndefined();
  });

  test('that looks at something else has seen nothing there yet', () => {
    const turns = new Turns();
    const page = (address: string): NamedSensor => ({ ...queue, watch: { kind: 'url', address } });
    const [one, other] = [page('https://example.org/1'), page('https://example.org/2')];
    turns.at(noon, { 'lab/queue': { seen: { cursor: 'etag' } } }, [one]);
    const state = turns.states.get('lab/queue');
    expect(cursorOf(one, state)).toBe('etag');
    expect(cursorOf(other, state)).toBeUndefined();
    expect(cursorOf(queue, state)).toBeUndefined();
    expect([5, null, 'text', undefined].map((odd) => cursorOf(one, odd))).toEqual(Array(4).fill(undefined));
  });
});

test('what is decided of several is decided in one', () => {
  const turns = new Turns(hourly);
  turns.at(noon);
  const seen = { cursor: 1, requests: [{ id: 'x' }] };
  const { states, requests, ticks } = turns.at(noon + HOUR, { 'lab/queue': { seen } });
  expect([...states.keys()]).toEqual(['lab/hourly', 'lab/queue']);
  expect(requests.map(({ name }) => name)).toEqual(['lab/hourly', 'lab/queue']);
  expect(ticks).toHaveLength(2);
});
