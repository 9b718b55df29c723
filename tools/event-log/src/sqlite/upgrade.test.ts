import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Lease } from '../automation.ts';
import type { LogEvent } from '../events.ts';
import { decisions, me, request } from '../contracts/sample-decisions.ts';
import {
  A,
  logged,
  materialized,
  runFinished,
  runStarted,
  stepFinished,
  stepStarted,
} from '../contracts/sample-events.ts';
import { child, freshPath, open } from './test-support.ts';

const versionOf = (database: DatabaseSync) => database.prepare('PRAGMA user_version').get()?.['user_version'];
const tablesOf = (database: DatabaseSync) =>
  database
    .prepare("select name from sqlite_master where type = 'table' order by name")
    .all()
    .map(({ name }) => String(name));

/** A history as the version before automation left it: with its runs, and no word of anything newer. */
async function before(): Promise<string> {
  const path = freshPath();
  const log = await open(path);
  await log.append([runStarted(), stepStarted(), logged(), materialized(), stepFinished(), runFinished()]);
  await log.close();
  const database = new DatabaseSync(path);
  for (const table of tablesOf(database).filter((name) => name.startsWith('automation_'))) {
    database.exec(`drop table ${table}`);
  }
  database.exec("delete from kysely_migration where name > '0001_events'; PRAGMA user_version = 1");
  expect(tablesOf(database)).toEqual([
    ...['events', 'kysely_migration', 'kysely_migration_lock', 'runs', 'sqlite_sequence', 'steps'],
  ]);
  database.close();
  return path;
}

test('a history of before automation is brought up to date, with its runs', async () => {
  const path = await before();
  const { ledger } = await open(path);
  const lease = (await ledger.acquireLease('one', me, 0, 1_000)) as Lease;
  expect(await ledger.commit(lease, decisions({ requests: [request('lab/a@1')] }), 1, 1_000)).toBe(true);
  const database = new DatabaseSync(path);
  expect(versionOf(database)).toBe(3);
  expect(database.prepare('PRAGMA integrity_check').get()?.['integrity_check']).toBe('ok');
  database.close();
  const log = await open(path);
  expect(log.setAside).toBeNull();
  expect(await log.runs({ limit: 9 })).toMatchObject([{ runId: 'r1', status: 'succeeded' }]);
  expect(await log.steps('r1')).toMatchObject([{ key: A, status: 'materialized', logLines: 1 }]);
  expect(await log.events({ limit: 99 })).toHaveLength(6);
  await log.append([runStarted({ runId: 'r2', at: 5_000 })]);
  expect(await log.runs({ limit: 9 })).toHaveLength(2);
});

test('an old history speaks of steps and their reasons in the words of today', async () => {
  const path = freshPath();
  const log = await open(path);
  const kept = (partition: string) => stepFinished({ partition, status: 'up-to-date', changed: false });
  const renamed = { ...kept('x'), reasons: [{ kind: 'sibling-runs', key: A }] } as LogEvent;
  const written = [runStarted(), stepFinished(), renamed, kept('y')];
  await log.append(written);
  await log.close();
  const database = new DatabaseSync(path);
  for (const [partition, word] of [
    ['x', 'reused'],
    ['y', 'cached'],
  ] as const) {
    database.prepare('update steps set status = ? where partition = ?').run(word, partition);
    database
      .prepare("update events set payload = json_set(payload, '$.status', ?) where partition = ?")
      .run(word, partition);
  }
  const reasons = JSON.stringify([{ kind: 'made-together', key: A }]);
  database.prepare("update steps set reasons = ? where partition = 'x'").run(reasons);
  database
    .prepare("update events set payload = json_set(payload, '$.reasons', json(?)) where partition = 'x'")
    .run(reasons);
  database.exec("delete from kysely_migration where name > '0002_automation'; PRAGMA user_version = 2");
  database.close();
  const upgraded = await open(path);
  const words = [
    [null, 'materialized'],
    ['x', 'up-to-date'],
    ['y', 'up-to-date'],
  ];
  const steps = await upgraded.steps('r1');
  expect(steps.map(({ partition, status }) => [partition, status])).toEqual(words);
  expect(steps[1]?.reasons).toEqual([{ kind: 'sibling-runs', key: A }]);
  const events = (await upgraded.events({ limit: 9 })).flatMap(({ event }) =>
    event.type === 'step-finished' ? [[event.partition, event.status]] : [],
  );
  expect(events).toEqual(words);
  expect(await upgraded.events({ limit: 9 })).toMatchObject(written.map((event) => ({ event })));
});

test('it is brought up to date once, where several processes open it at the same moment', async () => {
  const path = await before();
  const children = Array.from({ length: 4 }, (_, n) =>
    child(`
      console.log('ready');
      await go;
      const { ledger } = await openHistory(${JSON.stringify(path)});
      const lease = await ledger.acquireLease('${n}', me, 0, 1_000);
      console.log(lease ? 'leads' : 'waits');
    `),
  );
  await Promise.all(children.map(({ ready }) => ready));
  for (const { go } of children) go();
  await Promise.all(children.map(({ done }) => done));
  const log = await open(path);
  expect(log.setAside).toBeNull();
  expect(await log.runs({ limit: 9 })).toHaveLength(1);
  expect(await (await open(path)).ledger.currentLease()).not.toBeNull();
});

test('a history without runs has a ledger, and a ledger alone is a history without runs', async () => {
  const path = freshPath();
  const { ledger } = await open(path);
  expect([
    await ledger.currentLease(),
    (await ledger.states()).size,
    await ledger.ticks({ limit: 9 }),
  ]).toEqual([null, 0, []]);
  expect(await (await open(path)).runs({ limit: 9 })).toEqual([]);
});
