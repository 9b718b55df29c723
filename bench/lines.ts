import type { Measurement } from './measure.ts';

/** What was measured once or several times, under one name. */
export interface Line {
  readonly name: string;
  readonly runs: readonly Measurement[];
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
export const cpuOf = (line: Line): number => median(line.runs.map(({ cpu }) => cpu));
export const wallOf = (line: Line): number => median(line.runs.map(({ wall }) => wall));

export function rowOf(line: Line): string {
  const peak = Math.max(...line.runs.map((run) => run.peak)) / 1e6;
  return `| ${line.name} | ${cpuOf(line).toFixed(2)} | ${(wallOf(line) / 1000).toFixed(2)} | ${Math.round(peak)} |`;
}

/** The steps of a plain run that took a quarter of a CPU second or more, the longest first. */
export function stepsOf(output: string): string {
  const steps = [...output.matchAll(/^(\S+) materialized ([\d.]+) CPU-s/gm)]
    .map(([, key = '', cpu = '0']) => ({ key, cpu: Number(cpu) }))
    .filter(({ cpu }) => cpu >= 0.25)
    .sort((a, b) => b.cpu - a.cpu);
  return steps.map(({ key, cpu }) => `| ${key} | ${cpu.toFixed(2)} |`).join('\n');
}
