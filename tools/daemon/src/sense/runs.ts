import type { HistoryReader, Run } from '@nx-assets/event-log';
import { listText } from '../words.ts';
import { FIRST, type Sense, UNCHANGED } from './scope.ts';

interface Cursor {
  /** When the newest run that was seen began, milliseconds since the epoch. */
  readonly startedAt: number;
  /** Runs that had not ended then. */
  readonly open: readonly string[];
  /** Runs that began shortly before, and were seen. */
  readonly known: readonly string[];
}

const PAGE = 100;

/** Runs that begin at about the same time may be written down in another order. Milliseconds. */
const OVERLAP = 60_000;

/** Which runs have ended since the last look, as one request. Runs of the sensor itself do not count. */
export const senseRuns: Sense<'runs'> = async ({ job, status }, cursor, { history, ownRuns }) => {
  const was = cursor as unknown as Cursor | undefined;
  const fresh = history ? await newer(history, (was?.startedAt ?? 0) - OVERLAP, was === undefined) : [];
  const again = history ? await Promise.all((was?.open ?? []).map((id) => history.run(id))) : [];
  const all = [
    ...new Map([...fresh, ...again].flatMap((run) => (run ? [[run.runId, run] as const] : []))).values(),
  ];
  const startedAt = Math.max(was?.startedAt ?? 0, ...all.map((run) => run.startedAt));
  const next = {
    startedAt,
    open: all.filter((run) => run.status === 'running').map(({ runId }) => runId),
    known: all.filter((run) => run.startedAt >= startedAt - OVERLAP).map(({ runId }) => runId),
  };
  if (was === undefined) return { cursor: next, because: FIRST };
  const own = await ownRuns();
  const command = job?.replace('/', ':');
  const ended = all.filter(
    (run) =>
      (status as readonly string[]).includes(run.status) &&
      !own.has(run.runId) &&
      (was.open.includes(run.runId) || !was.known.includes(run.runId)) &&
      (command === undefined || run.command.includes(command)),
  );
  if (ended.length === 0) return { cursor: next, because: UNCHANGED };
  const words = listText(ended.map((run) => `${run.runId} ${run.status}`));
  return { cursor: next, requests: [{ because: `of runs, ${words}` }] };
};

/** Runs that began at a time or after it; at the first look the newest are enough. */
async function newer(history: HistoryReader, since: number, isFirst: boolean): Promise<Run[]> {
  const found: Run[] = [];
  let page = await history.runs({ limit: PAGE });
  for (;;) {
    const wanted = page.filter((run) => run.startedAt >= since);
    found.push(...wanted);
    const last = page.at(-1);
    if (isFirst || !last || wanted.length < page.length || page.length < PAGE) return found;
    page = await history.runs({ limit: PAGE, before: last });
  }
}
