import { AssetError } from '@nx-assets/core';
import type { z } from 'zod';

/** How many offending rows a message shows. */
const SHOWN = 20;
/** Failing validation is slow; beyond this many failures the exact total is not worth the wait. */
export const COUNTED = 10_000;

/** Collects what is wrong with rows, and words it once. */
export class RowProblems {
  readonly #shown: string[] = [];
  #rows = 0;

  get count(): number {
    return this.#rows;
  }

  /** `row` counts from 1. */
  add(row: number, issues: readonly Pick<z.core.$ZodIssue, 'path' | 'message'>[]): void {
    this.#rows++;
    if (this.#shown.length >= SHOWN) return;
    const fields = issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'row'}: ${issue.message}`);
    const more = issues.length > 3 ? ` (and ${issues.length - 3} more)` : '';
    this.#shown.push(`  row ${row}, ${fields.join('; ')}${more}`);
  }

  /** `total`: how many rows there are. `problems`: how many offend, where another count knows better. */
  toError(source: string, total: number | null, problems = this.#rows): AssetError {
    const count = problems >= COUNTED ? `at least ${COUNTED}` : String(problems);
    const of = total === null ? 'rows' : `of ${total} rows`;
    const rest = problems > this.#shown.length ? `\n  … shown are the first ${this.#shown.length}.` : '';
    return new AssetError(
      'ROWS_INVALID',
      `${count} ${of} from ${source} do not match the schema:\n${this.#shown.join('\n')}${rest}\n`,
    );
  }
}
