// The entry for golden tables. It needs vitest, which says where a test lies and whether it was asked to update.
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { compareGolden, type GoldenMode } from './kit/golden-file.ts';
import type { GoldenRow } from './kit/table-text.ts';

export interface GoldenOptions<Row> {
  /** Columns that tell rows apart, so that a change is shown as one. Default: all columns. */
  readonly key?: Extract<keyof Row, string> | readonly Extract<keyof Row, string>[];
}

/** Rows of a table, or what `materialize` gave of one. */
type Given<Row> = readonly Row[] | { readonly rows: readonly Row[] };

/**
 * Compares a table with the one that was found right, in `__golden__/<name>.csv` beside the test. Fails with the rows and
 * cells that differ. `vitest -u` writes it anew; one that is not there is written by the first run, but never in CI.
 */
export function expectTable<Row extends object>(given: Given<Row>, options: GoldenOptions<Row> = {}) {
  return {
    toMatchGolden(name: string): void {
      const { testPath, snapshotState } = expect.getState();
      if (testPath === undefined) throw new Error('toMatchGolden() works inside of a test only.');
      if (!/^\w[\w .-]*$/.test(name)) {
        throw new Error(`"${name}" cannot be the name of a golden table: it names a file beside the test.`);
      }
      const path = join(dirname(testPath), '__golden__', `${name}.csv`);
      const rows = ('rows' in given ? given.rows : given) as readonly GoldenRow[];
      const problem = compareGolden({
        name,
        path,
        rows,
        key: [options.key ?? []].flat(),
        mode: modeOf(snapshotState),
      });
      if (problem !== null) throw new Error(problem);
    },
  };
}

/** In CI nothing is written: a golden table is somebody's word, and that is given where it is reviewed. */
function modeOf(state: object): GoldenMode {
  const isCi = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false';
  if (isCi) return 'read';
  const { snapshotUpdateState } = state as { readonly snapshotUpdateState?: string };
  return snapshotUpdateState === 'all' ? 'update' : snapshotUpdateState === 'none' ? 'read' : 'create';
}
