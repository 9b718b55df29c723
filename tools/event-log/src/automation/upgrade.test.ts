import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { A, freshPath, logged, materialized, open, runFinished, runStarted } from '../test-support.ts';
import { stepFinished, stepStarted } from '../test-support.ts';
import type { Lease } from './model.ts';
import { decisions, ledgerChild, me, openLedger, request } from './test-support.ts';

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
  log.append([runStarted(), stepStarted(), logged(), materialized(), stepFinished(), runFinished()]);
  log.close();
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
  const ledger = await openLedger(path);
  const lease = ledger.lead('one', me, 0, 1_000) as Lease;
  expect(ledger.commit(lease, decisions({ requests: [request('lab/a@1')] }), 1, 1_000)).toBe(true);
  const database = new DatabaseSync(path);
  expect(versionOf(database)).toBe(2);
  expect(database.prepare('PRAGMA integrity_check').get()?.['integrity_check']).toBe('ok');
  database.close();
  const log = await open(path);
  expect(log.setAside).toBeNull();
  expect(await log.runs({ limit: 9 })).toMatchObject([{ runId: 'r1', status: 'succeeded' }]);
  expect(await log.steps('r1')).toMatchObject([{ key: A, status: 'materialized', logLines: 1 }]);
  expect(await log.events({ limit: 99 })).toHaveLength(6);
  log.append([runStarted({ runId: 'r2', at: 5_000 })]);
  expect(await log.runs({ limit: 9 })).toHaveLength(2);
});

test('it is brought up to date once, where several processes open it at the same moment', async () => {
  const path = await before();
  const children = Array.from({ length: 4 }, (_, n) =>
    ledgerChild(`
      console.log('ready');
      await go;
      const ledger = await Ledger.open(${JSON.stringify(path)});
      const lease = ledger.lead('${n}', me, 0, 1_000);
      console.log(lease ? 'leads' : 'waits');
    `),
  );
  await Promise.all(children.map(({ ready }) => ready));
  for (const { go } of children) go();
  await Promise.all(children.map(({ done }) => done));
  const log = await open(path);
  expect(log.setAside).toBeNull();
  expect(await log.runs({ limit: 9 })).toHaveLength(1);
  expect((await openLedger(path)).holder()).not.toBeNull();
});

test('a history without runs has a ledger, and a ledger alone is a history without runs', async () => {
  const path = freshPath();
  const ledger = await openLedger(path);
  expect([ledger.holder(), ledger.states().size, ledger.ticks({ limit: 9 })]).toEqual([null, 0, []]);
  expect(await (await open(path)).runs({ limit: 9 })).toEqual([]);
});

test('it can be closed twice', async () => {
  const ledger = await openLedger();
  ledger.close();
  ledger.close();
});
