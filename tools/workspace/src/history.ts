import { pluginOptions } from './plugin-options.ts';
import { STATE } from '@nx-assets/storage/records';
import { isAbsolute, join } from 'node:path';
import type { CheckResult as Kept, History, HistoryReader, Run } from '@nx-assets/event-log';
import { existsSync } from 'node:fs';
import { AssetError, type CheckResult } from '@nx-assets/core';

/** Where the history lies: `history` among the options of the plugin in nx.json, from the root. */
export function historyPath(root: string): string {
  const path = pluginOptions(root).history ?? `${STATE}/history.db`;
  return isAbsolute(path) ? path : join(root, path);
}

/** Opens the history, or begins one. Rejects with `HISTORY_UNREADABLE` and `STORAGE_WRITE_FAILED`. */
export async function openHistory(root: string): Promise<History> {
  const { openSqliteHistory } = await import('@nx-assets/event-log/sqlite');
  return openSqliteHistory(historyPath(root));
}

/** The same, where there is a history already: to read begins none. */
export const findHistory = (root: string): Promise<History | null> =>
  existsSync(historyPath(root)) ? openHistory(root) : Promise.resolve(null);

/** What a read of the history gives; `otherwise` where there is none, or none that can be read. */
export async function fromHistory<T>(
  root: string,
  read: (history: HistoryReader) => Promise<T>,
  otherwise: T,
): Promise<T> {
  if (!existsSync(historyPath(root))) return otherwise;
  const history = await openHistory(root).catch(() => null);
  try {
    return history ? await read(history) : otherwise;
  } catch {
    return otherwise; // what runs did is worth knowing, and no command fails without it
  } finally {
    await history?.close();
  }
}

/** What a check saw, and rows that did not pass: facts may be called like anything, so the two lie side by side. */
export function seenBy({ facts }: Pick<Kept, 'facts'>): Pick<CheckResult, 'facts' | 'rows'> {
  const { seen = {}, rows = [] } = (facts ?? {}) as {
    readonly seen?: CheckResult['facts'];
    readonly rows?: CheckResult['rows'];
  };
  return { facts: seen, rows };
}

/** The run that a text names: its id, the beginning of it, or `last`. */
export async function findRun(history: HistoryReader | null, text: string): Promise<Run> {
  const exact = text === 'last' ? (await history?.runs({ limit: 1 }))?.[0] : await history?.run(text);
  if (exact) return exact;
  // Every id begins with nothing at all, so that names none.
  const runs = text === '' ? [] : await history?.runs({ limit: 1000 });
  const similar = runs?.filter((run) => run.runId.startsWith(text)) ?? [];
  const [only] = similar;
  if (only && similar.length === 1) return only;
  const facts =
    similar.length === 0 ? `There is no run ${text || '""'}.` : `${similar.length} runs begin with ${text}.`;
  throw new AssetError('COMMAND_INVALID', facts, { remedy: 'See the runs with `nx-assets runs`.' });
}
