import { spawnSync } from 'node:child_process';
import type { DefinitionKey } from '@nx-assets/core';
import type { WatchedStatus } from '@nx-assets/core/automation';
import type { History } from '@nx-assets/event-log';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Sensing, openHistory, runFinished, runStarted } from './test-support.ts';

let history: History;
beforeEach(async () => {
  history = await openHistory();
});
const looksAt = (status: readonly WatchedStatus[] = ['failed'], job: string | null = null) =>
  new Sensing({ kind: 'runs', job: job as DefinitionKey | null, status }, { history });
const NOTHING = [false, 'unchanged'];

let clock = 1_000_000;
const start = (runId: string, fields = {}) => history.append([runStarted({ runId, at: ++clock, ...fields })]);
const end = (runId: string, status: 'succeeded' | 'failed' | 'cancelled' = 'failed') =>
  history.append([runFinished({ runId, at: ++clock, status })]);

describe('runs', () => {
  test('that ended before the first look are remembered', async () => {
    const looks = looksAt();
    await start('r1');
    await end('r1');
    expect(await looks.look()).toEqual([false, 'first check: it remembers what is there']);
    expect(await looks.look()).toEqual(NOTHING);
  });

  test('that begin and end between two looks are seen once', async () => {
    const looks = looksAt();
    await looks.look();
    await start('r1');
    await end('r1');
    expect(await looks.look()).toEqual([true, 'of runs, r1 failed']);
    expect(await looks.look()).toEqual(NOTHING);
  });

  test('that go on are seen when they end', async () => {
    const looks = looksAt();
    await start('r1');
    await looks.look();
    await start('r2');
    expect(await looks.look()).toEqual(NOTHING);
    await end('r1');
    expect(await looks.look()).toEqual([true, 'of runs, r1 failed']);
    await end('r2');
    expect(await looks.look()).toEqual([true, 'of runs, r2 failed']);
    expect(await looks.look()).toEqual(NOTHING);
  });

  test('that go on for hours, while others come and go, are seen when they end', async () => {
    const looks = looksAt();
    await start('slow');
    await looks.look();
    for (let n = 0; n < 5; n++) {
      clock += 3_600_000;
      await start(`r${n}`);
      await end(`r${n}`, 'succeeded');
      expect(await looks.look()).toEqual(NOTHING);
    }
    await end('slow');
    expect(await looks.look()).toEqual([true, 'of runs, slow failed']);
  });

  test('count by what they came to', async () => {
    const [bad, good] = [looksAt(['failed', 'cancelled']), looksAt(['succeeded'])];
    await Promise.all([bad.look(), good.look()]);
    for (const status of ['succeeded', 'failed', 'cancelled'] as const) {
      await start(status);
      await end(status, status);
    }
    expect(await bad.look()).toEqual([true, 'of runs, cancelled cancelled and failed failed']);
    expect(await good.look()).toEqual([true, 'of runs, succeeded succeeded']);
  });

  test('whose process was killed are lost', async () => {
    const looks = looksAt(['lost']);
    await looks.look();
    await start('r1', { pid: spawnSync(process.execPath, ['-e', '0']).pid });
    expect(await looks.look()).toEqual([true, 'of runs, r1 lost']);
    expect(await looks.look()).toEqual(NOTHING);
  });

  test('of a job are those of its target', async () => {
    const looks = looksAt(['failed'], 'jobs/nightly');
    await looks.look();
    for (const target of ['jobs:nightly', 'jobs:nightly_2', 'lab:users']) {
      await start(target, { command: ['nx', 'run', target] });
      await end(target);
    }
    expect(await looks.look()).toEqual([true, 'of runs, jobs:nightly failed']);
  });

  test('that the sensor itself has started do not count', async () => {
    const looks = looksAt();
    await looks.look();
    for (const runId of ['own', 'other']) {
      await start(runId);
      await end(runId);
    }
    const ownRuns = () => Promise.resolve(new Set(['own']));
    expect(await looks.look({ ownRuns })).toEqual([true, 'of runs, other failed']);
    expect(await looks.look({ ownRuns })).toEqual(NOTHING);
  });

  test('that are written down a little later than others that began after them are seen', async () => {
    const looks = looksAt();
    await start('r1');
    await looks.look();
    await history.append([runStarted({ runId: 'r0', at: clock - 50_000 })]);
    await end('r0');
    expect(await looks.look()).toEqual([true, 'of runs, r0 failed']);
    expect(await looks.look()).toEqual(NOTHING);
  });

  test('of many pages are all counted', async () => {
    const looks = looksAt();
    await start('r0');
    await looks.look();
    clock += 120_000;
    for (let n = 1; n <= 250; n++) {
      await start(`r${n}`);
      await end(`r${n}`);
    }
    expect(await looks.look()).toEqual([true, 'of runs, r250 failed, r249 failed and 248 more']);
    expect(await looks.look()).toEqual(NOTHING);
  });

  test('of a workspace without a history are none', async () => {
    const looks = looksAt();
    expect((await looks.look({ history: null }))[0]).toBe(false);
    expect(await looks.look({ history: null })).toEqual(NOTHING);
    await start('r1');
    await end('r1');
    expect(await looks.look()).toEqual([true, 'of runs, r1 failed']);
  });
});

test('each run that ends after the first look is seen once, whenever somebody looks', async () => {
  // A turn: how much later it is, whether a run begins, and how far before now; and which of those that go on ends.
  const turn = fc.record({
    wait: fc.constantFrom(0, 1, 1_000, 50_000, 90_000),
    begins: fc.boolean(),
    before: fc.constantFrom(0, 0, 1, 40_000),
    ends: fc.option(fc.nat(5)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 30 }), fc.nat(2), async (turns, rhythm) => {
      const looks = looksAt();
      const [going, ended]: [string[], string[]] = [[], []];
      const seen: string[] = [];
      await looks.look();
      for (const [index, { wait, begins, before, ends }] of turns.entries()) {
        clock += wait;
        const runId = `${clock}-${index}`;
        if (begins) {
          await history.append([runStarted({ runId, at: clock - before })]);
          going.push(runId);
        }
        const [one] = ends === null ? [] : going.splice(ends % Math.max(going.length, 1), 1);
        if (one !== undefined) {
          await end(one);
          ended.push(one);
        }
        if (index % (rhythm + 1) === 0) seen.push(...idsIn((await looks.look())[1]));
      }
      seen.push(...idsIn((await looks.look())[1]));
      expect(seen.sort()).toEqual(ended.sort());
      expect(await looks.look()).toEqual(NOTHING);
      // Those that go on are of no concern to the next history.
      for (const runId of going) await end(runId, 'succeeded');
      clock += 600_000;
    }),
    { numRuns: 15 },
  );
});

const idsIn = (because: string): string[] => [...because.matchAll(/(\S+) failed/g)].map(([, id = '']) => id);
