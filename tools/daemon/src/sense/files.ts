import { globSync, type Stats, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { listText } from '../words.ts';
import { FIRST, type Sense, UNCHANGED } from './scope.ts';

/** Files by size and time, from the root. */
type Cursor = Readonly<Record<string, string>>;

/** Which files have come, changed or gone. One that is still being written is seen by the next look. */
export const senseFiles: Sense<'files'> = (watch, cursor, { root, now }) => {
  const before = (cursor ?? {}) as Cursor;
  const after: Record<string, string> = {};
  let busy = 0;
  for (const path of globSync(watch.pattern, { cwd: root })) {
    const full = resolve(root, path);
    const stats: Stats | undefined = statSync(full, { throwIfNoEntry: false });
    if (!stats?.isFile()) continue;
    const name = relative(root, full).replaceAll('\\', '/');
    const stamp = `${stats.size} ${stats.mtimeMs}`;
    // A time in the future is no sign of somebody who writes: it would be one for as long as it lies ahead.
    const isSettled = Math.abs(now.getTime() - stats.mtimeMs) >= watch.settle || before[name] === stamp;
    if (isSettled) after[name] = stamp;
    else {
      busy++;
      if (before[name] !== undefined) after[name] = before[name];
    }
  }
  const writing = busy === 0 ? '' : `; ${busy} still being written`;
  if (cursor === undefined) return Promise.resolve({ cursor: after, because: FIRST + writing });
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const come = names.filter((name) => before[name] === undefined);
  const gone = names.filter((name) => after[name] === undefined);
  const changed = names.filter(
    (name) => before[name] !== undefined && after[name] !== undefined && before[name] !== after[name],
  );
  const said = [sayOf(come, 'new'), sayOf(changed, 'changed'), sayOf(gone, 'missing')].filter(Boolean);
  if (said.length === 0) return Promise.resolve({ because: UNCHANGED + writing });
  return Promise.resolve({ cursor: after, requests: [{ because: said.join('; ') }] });
};

const sayOf = (names: readonly string[], word: string): string =>
  names.length === 0 ? '' : `${listText(names)} ${names.length === 1 ? 'is' : 'are'} ${word}`;
