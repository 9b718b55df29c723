import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeDiff, diffTables } from './table-diff.ts';
import { type GoldenRow, readText, toTextTable, writeText } from './table-text.ts';

/** `create` writes a file that is not there, `update` any. */
export type GoldenMode = 'read' | 'create' | 'update';

interface Comparison {
  readonly name: string;
  readonly path: string;
  readonly rows: readonly GoldenRow[];
  readonly key: readonly string[];
  readonly mode: GoldenMode;
}

/** What is wrong with rows, compared with a golden file; `null` where nothing is, or where they were written. */
export function compareGolden({ name, path, rows, key, mode }: Comparison): string | null {
  const now = toTextTable(rows);
  const text = writeText(now);
  const file = join(basename(dirname(path)), basename(path));
  const before = existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\r\n', '\n') : null;
  if (before === text) return null;
  if (mode === 'update' || (mode === 'create' && before === null)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return null;
  }
  if (before === null)
    return `${name}: there is no ${file}. Run the test where it may write it, and commit it.`;
  const difference = describeDiff(diffTables(readText(before), now, key));
  // Another way to write the same table is no difference.
  if (difference === null) return null;
  return `${name} is not what ${file} says. ${difference}\nWhere it is right now: vitest run -u`;
}
