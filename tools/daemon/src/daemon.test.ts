import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastTimes } from '@nx-assets/core/automation';
import type { AutomationLedger, ProcessIdentity, RunRequest } from '@nx-assets/event-log';
import { MemoryLedger } from '@nx-assets/event-log/memory';
import { openSqliteHistory } from '@nx-assets/event-log/sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Daemon, type Ports } from './daemon.ts';
import type { Automations, NamedSchedule, NamedSensor } from './definitions.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TTL = 30 * SECOND;

const target = { job: null, select: 'a', assets: [], partition: null, config: {} };
const schedule = (
  name: string,
  cron: string,
  catchUp: 'all' | 'latest' | 'none',
  timeZone = 'Europe/Berlin',
) => ({ name, description: name, cron, timeZone, catchUp, limit: 100_000, target }) satisfies NamedSchedule;

const SCHEDULES = [
  schedule('a/each_minutes', '*/7 * * * *', 'all'),
  schedule('a/each_night', '30 2 * * *', 'all'),
  schedule('a/hourly_latest', '0 * * * *', 'latest'),
  schedule('a/hourly_none', '20 * * * *', 'none'),
];
const COUNTER: NamedSensor = {
  name: 'a/counter',
  description: 'counts',
  watch: null,
  every: 40 * SECOND,
  timeout: MINUTE,
  target,
};
const AUTOMATIONS: Automations = { schedules: SCHEDULES, sensors: [COUNTER], conditions: [] };

/** The kill of a process, wherever it is at that moment. */
class Killed extends Error {}

/** The same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

let ledger: AutomationLedger;
beforeEach(() => {
  ledger = new MemoryLedger();
});

const LEDGERS: Readonly<Record<string, () => Promise<AutomationLedger>>> = {
  'in memory': () => Promise.resolve(new MemoryLedger()),
  'in SQLite': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'automation-'));
    const history = await openSqliteHistory(join(folder, 'history.db'));
    onTestFinished(async () => {
      await history.close();
      rmSync(folder, { recursive: true, force: true });
    });
    return history.ledger;
  },
};

/** A world with a clock of its own, a thing that counts, and processes that can be killed. */
class World {
  now: number;
  counter = 0;
  /** Calls until the next kill; none where it is infinite. */
  fuse = Infinity;
  kills = 0;
  turns = 0;
  readonly claims: RunRequest[] = [];
  readonly children: { id: string; daemon: number; pid: number; request: RunRequest | null }[] = [];
  readonly gone = new Set<number>();
  readonly next: () => number;
  #pids = 0;

  constructor(start: number, seed: number) {
    this.now = start;
    this.next = random(seed);
  }

  process = (): ProcessIdentity => ({ pid: ++this.#pids, host: 'another', start: null });

  /** Anything that a daemon calls may be the last that it does: before it is done, or after. */
  #mortal<T extends object>(ports: T): T {
    const tick = () => {
      if (this.fuse-- <= 0) throw new Killed();
    };
    return new Proxy(ports, {
      get: (on, name) => {
        const value: unknown = Reflect.get(on, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          tick();
          const result: unknown = Reflect.apply(value, on, args);
          tick();
          return result;
        };
      },
    });
  }

  daemon(looksOnce = false): { readonly daemon: Daemon; readonly me: ProcessIdentity } {
    const me = this.process();
    const ports: Ports = {
      ledger: this.#mortal(ledger),
      now: () => this.now,
      automations: () => Promise.resolve(AUTOMATIONS),
      view: () => Promise.reject(new Error('nobody has a condition')),
      sense: (_sensor, cursor) => {
        const from = Number(cursor ?? 0);
        const to = this.counter;
        const requests = to > from ? [{ because: `${from + 1}..${to}` }] : [];
        return Promise.resolve({ seen: { cursor: to, requests } });
      },
      launch: (request) =>
        void this.children.push({ id: request.id, daemon: me.pid, pid: this.process().pid, request: null }),
      // Who launched it knows of it; a daemon that comes after does not.
      isLaunched: (id) => this.children.some((child) => child.id === id && child.daemon === me.pid),
      isGone: ({ pid }) => this.gone.has(pid),
      resultOf: () => Promise.resolve(null),
      report: () => undefined,
    };
    return {
      daemon: new Daemon(this.#mortal(ports), {
        owner: `${me.pid}`,
        me,
        ttl: TTL,
        every: 15 * SECOND,
        most: 4,
        looksOnce,
      }),
      me,
    };
  }

  async turn(daemon: Daemon): Promise<{ leads: boolean; open: number } | 'killed'> {
    this.turns++;
    try {
      const turn = await daemon.turn();
      await Promise.resolve();
      return turn;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.kills++;
      return 'killed';
    }
  }

  /** Lets launched processes get on: they claim, they end, and some are killed on the way. */
  async work(mayDie: boolean): Promise<void> {
    for (const child of [...this.children]) {
      const chance = this.next();
      const drop = () => this.children.splice(this.children.indexOf(child), 1);
      if (mayDie && chance < 0.05) {
        this.gone.add(child.pid);
        drop();
      } else if (chance < 0.4) continue;
      else if (child.request === null) {
        child.request = await ledger.claim(
          child.id,
          { pid: child.pid, host: 'another', start: null },
          this.now,
        );
        if (child.request) this.claims.push(child.request);
        else drop();
      } else {
        await ledger.finish(child.id, 'succeeded', null, this.now);
        drop();
      }
    }
  }
}

const started = Date.parse('2026-03-20T10:00:30Z');

/** As often as `.ci/run` tries it, and as often as is worth waiting for. */
const TURNS = process.env['THOROUGH'] === '1' ? 10_000 : 600;

/** What must be true however often everything was killed. */
function expectOnceEach(world: World): void {
  const ids = world.claims.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const claimed = (name: string) =>
    world.claims
      .filter((request) => request.name === name)
      .map(({ at }) => at)
      .sort((a, b) => a - b);
  const first = Math.min(...world.claims.map(({ createdAt }) => createdAt));
  expect(first).toBeGreaterThan(started);
  for (const one of SCHEDULES.filter(({ catchUp }) => catchUp === 'all')) {
    const due = lastTimes(one, started, world.now, 100_000);
    expect(claimed(one.name)).toEqual(due);
    expect(due.length).toBeGreaterThan(2);
  }
  const [latest, none] = [SCHEDULES[2], SCHEDULES[3]] as const;
  for (const one of [latest, none]) {
    const due = new Set(lastTimes(one as NamedSchedule, started, world.now, 100_000));
    expect(claimed((one as NamedSchedule).name).every((at) => due.has(at))).toBe(true);
  }
  expect(claimed('a/hourly_latest').at(-1)).toBe(lastTimes(latest as NamedSchedule, 0, world.now, 1)[0]);
  const late = world.claims.filter(({ name }) => name === 'a/hourly_none');
  expect(late.every(({ at, createdAt }) => createdAt - at <= 2 * MINUTE)).toBe(true);
  // What the sensor saw: each number once, and none left out.
  const seen = world.claims.filter(({ name }) => name === 'a/counter').map(({ because }) => because);
  const numbers = seen.flatMap((because) => {
    const [from = 0, to = 0] = because.split('..').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  expect(numbers.sort((a, b) => a - b)).toEqual(
    Array.from({ length: world.counter }, (_, index) => index + 1),
  );
}

async function drain(world: World, daemons: readonly Daemon[]): Promise<void> {
  world.fuse = Infinity;
  world.now += TTL + 1;
  for (let round = 0; round < 5_000; round++) {
    let open = 0;
    for (const daemon of daemons) {
      const turn = await world.turn(daemon);
      if (turn !== 'killed' && turn.leads) open += turn.open;
    }
    await world.work(false);
    if (open === 0 && world.children.length === 0 && round > 10) return;
    world.now += SECOND;
    // The sensor has its own pace.
    if (round === 5) world.now += 2 * COUNTER.every;
  }
  throw new Error('it never came to an end');
}

describe('whatever is killed', () => {
  test.each(Object.entries(LEDGERS))(
    '%s, each time that was due is run once and none is lost, over many turns with kills, days of sleep and clocks set back',
    { timeout: 300_000 },
    async (_, openLedger) => {
      ledger = await openLedger();
      const world = new World(started, 20_260_329);
      const daemons = [world.daemon(), world.daemon()];
      await world.turn((daemons[0] as { daemon: Daemon }).daemon);
      await world.turn((daemons[0] as { daemon: Daemon }).daemon);
      while (world.turns < TURNS) {
        const chance = world.next();
        world.now +=
          chance < 0.001 ? DAY + 3 * HOUR : chance < 0.02 ? HOUR : Math.ceil(world.next() * 3 * MINUTE);
        if (world.next() < 0.005) world.now -= Math.ceil(world.next() * 3 * HOUR);
        if (world.next() < 0.2) world.counter++;
        if (world.next() < 0.1) world.fuse = Math.floor(world.next() * 40);
        const which = world.next() < 0.8 ? 0 : 1;
        const { daemon, me } = daemons[which] as (typeof daemons)[number];
        if ((await world.turn(daemon)) === 'killed') {
          world.gone.add(me.pid);
          world.fuse = Infinity;
          daemons[which] = world.daemon();
        }
        await world.work(true);
      }
      await drain(
        world,
        daemons.map(({ daemon }) => daemon),
      );
      expect(world.kills).toBeGreaterThan(TURNS * 0.03);
      expectOnceEach(world);
    },
  );
});

test('who waits for an end lets each sensor look once', async () => {
  const world = new World(started, 1);
  const { daemon } = world.daemon(true);
  for (let look = 0; look < 5; look++) {
    world.counter++;
    await world.turn(daemon);
    world.now += 2 * COUNTER.every;
  }
  expect((await ledger.requests({ name: COUNTER.name, limit: 10 })).map(({ because }) => because)).toEqual([
    '1..1',
  ]);
});

describe('the lead', () => {
  test('is one process at a time, and passes on when its time is over', async () => {
    const world = new World(started, 1);
    const [one, other] = [world.daemon().daemon, world.daemon().daemon];
    expect(await world.turn(one)).toMatchObject({ leads: true });
    expect(await world.turn(other)).toMatchObject({ leads: false });
    world.now += TTL - 1;
    expect(await world.turn(other)).toMatchObject({ leads: false });
    world.now += 2;
    expect(await world.turn(other)).toMatchObject({ leads: true });
    expect(await world.turn(one)).toMatchObject({ leads: false });
  });

  test('passes on at once where it is given up', async () => {
    const world = new World(started, 1);
    const [one, other] = [world.daemon().daemon, world.daemon().daemon];
    await world.turn(one);
    await one.resign();
    expect(await world.turn(other)).toMatchObject({ leads: true });
  });

  test('that was lost in the middle of a turn keeps nothing of that turn', async () => {
    const world = new World(started, 1);
    const [one, other] = [world.daemon().daemon, world.daemon().daemon];
    await world.turn(one);
    world.now += 20 * MINUTE;
    const taken = ledger.acquireLease.bind(ledger);
    // Between the decision of one and its commit the other takes over.
    const commit = ledger.commit.bind(ledger);
    ledger.commit = async (...args) => {
      ledger.commit = commit;
      await taken('other', { pid: 0, host: 'another', start: null }, world.now + 2 * TTL, TTL);
      return commit(...args);
    };
    expect(await world.turn(one)).toMatchObject({ leads: false });
    expect(await ledger.openRequests()).toEqual([]);
    expect(await ledger.ticks({ limit: 10 })).toEqual([]);
    world.now += 4 * TTL;
    await world.turn(other);
    expect((await ledger.openRequests()).map(({ name }) => name)).toContain('a/each_minutes');
  });
});
