/** `.ci/run` says THOROUGH=1 and tries everything, and more often; `npm test` what is worth waiting for. */
export const isThorough = process.env['THOROUGH'] === '1';

/** How often something that looks for rare faults is tried; the variable of that name has the last word. */
export function timesOf(name: 'KILLS' | 'RUNS', usual: number, thorough: number): number {
  return Number(process.env[name] ?? (isThorough ? thorough : usual));
}
