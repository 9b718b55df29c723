import { test } from 'vitest';

/** `.ci/run` says THOROUGH=1 and tries everything, and more often; `npm test` what is worth waiting for. */
export const isThorough = process.env['THOROUGH'] === '1';

/** How often something that looks for rare faults is tried; the variable of that name has the last word. */
export function timesOf(name: 'KILLS' | 'RUNS', usual: number, thorough: number): number {
  return Number(process.env[name] ?? (isThorough ? thorough : usual));
}

const IN_BATCH = { mode: 'in one process', flags: [] as readonly string[] };
const ALONE = { mode: 'with --batch=false', flags: ['--batch=false'] };

/** How Nx runs steps. A process for each takes five times as long. */
export const MODES = isThorough ? [IN_BATCH, ALONE] : [IN_BATCH];

/** A test that takes long for what it adds to the tests of packages: `npm test` leaves it to `.ci/run`. */
export const thorough = test.runIf(isThorough);
