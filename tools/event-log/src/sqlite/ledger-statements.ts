import type { DatabaseSync } from 'node:sqlite';

export type Statements = ReturnType<typeof prepare>;

/** Plain SQL, prepared once: the daemon calls it for each asset at each tick. */
export const prepare = (database: DatabaseSync) => ({
  lease: database.prepare('select * from automation_lease where id = 1'),
  take: database.prepare(
    `insert into automation_lease (id, epoch, owner, pid, host, process_start, since, expires_at)
      values (1, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set epoch = excluded.epoch, owner = excluded.owner, pid = excluded.pid,
        host = excluded.host, process_start = excluded.process_start, since = excluded.since,
        expires_at = excluded.expires_at`,
  ),
  renew: database.prepare(
    'update automation_lease set expires_at = ? where id = 1 and epoch = ? and owner = ? returning epoch',
  ),
  expire: database.prepare(
    'update automation_lease set expires_at = 0 where id = 1 and epoch = ? and owner = ?',
  ),
  states: database.prepare('select name, state from automation_states'),
  setState: database.prepare(
    `insert into automation_states (name, state) values (?, ?)
      on conflict (name) do update set state = excluded.state`,
  ),
  lastTick: database.prepare(
    'select id, outcome, because from automation_ticks where name = ? order by id desc limit 1',
  ),
  repeatTick: database.prepare('update automation_ticks set times = times + 1, last_at = ? where id = ?'),
  addTick: database.prepare(
    `insert into automation_ticks (name, kind, at, last_at, outcome, because, detail, request)
      values (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  ticks: database.prepare('select * from automation_ticks where id < ? order by id desc limit ?'),
  ticksOf: database.prepare(
    'select * from automation_ticks where name = ? and id < ? order by id desc limit ?',
  ),
  lastTicks: database.prepare(
    'select * from automation_ticks where id in (select max(id) from automation_ticks group by name)',
  ),
  addRequest: database.prepare(
    `insert into automation_requests (id, name, at, created_at, because, target, status)
      values (?, ?, ?, ?, ?, ?, 'pending') on conflict (id) do nothing`,
  ),
  request: database.prepare('select * from automation_requests where id = ?'),
  requestsById: database.prepare(
    'select * from automation_requests where id in (select value from json_each(?))',
  ),
  openRequests: database.prepare(
    "select * from automation_requests where status in ('pending', 'running') order by seq",
  ),
  lastRequests: database.prepare('select * from automation_requests order by seq desc limit ?'),
  lastRequestsOf: database.prepare(
    'select * from automation_requests where name = ? order by seq desc limit ?',
  ),
  claim: database.prepare(
    `update automation_requests set status = 'running', pid = ?, host = ?, process_start = ?, started_at = ?
      where id = ? and status = 'pending' returning *`,
  ),
  addRun: database.prepare(
    `update automation_requests set runs = json_insert(runs, '$[#]', ?) where id = ? and status = 'running'`,
  ),
  finish: database.prepare(
    `update automation_requests set status = ?, problem = ?, finished_at = ? where id = ? and status = 'running'`,
  ),
  forgetTicks: database.prepare(
    `delete from automation_ticks where id in (select id from (select id, row_number()
      over (partition by name order by id desc) as place from automation_ticks) where place > ?)`,
  ),
  // What a sensor names by an id of its own, after a colon, is asked for once for ever: it must still be known then.
  forgetRequests: database.prepare(
    `delete from automation_requests where finished_at < ? and substr(id, 1, length(name) + 1) <> name || ':'
      and id not in (select request from automation_ticks where request is not null)`,
  ),
});
