import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { LARGE_PLAIN } from './flow.ts';
import { cpuOf, type Line, rowOf, stepsOf } from './lines.ts';

/** Fills the template with what came out. */
export function writeReport(lines: readonly Line[], tables: Readonly<Record<string, string>>): void {
  const line = (name: string) => lines.find((candidate) => candidate.name === name);
  const cpu = (name: string) => {
    const found = line(name);
    return found ? cpuOf(found) : Number.NaN;
  };
  const ratio = (a: string, b: string) => `${(cpu(a) / cpu(b)).toFixed(2)}×`;
  const git = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim();
  const template = readFileSync(join(import.meta.dirname, 'README.template.md'), 'utf8');
  const added = (cpu('nx show projects') - cpu('nx show projects, without the plugin')) * 1000;
  const values: Record<string, string> = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}`,
    commit: git,
    date: new Date().toISOString().slice(0, 10),
    table: lines.map(rowOf).join('\n'),
    coldToPlain: ratio('nx-assets, cold', 'one plain process, all 17 in order'),
    coldToCommands: ratio('nx-assets, cold', 'nx:run-commands, cold'),
    noopToCommands: ratio('nx-assets, nothing changed', 'nx:run-commands, nothing changed'),
    leafToCold: ratio('nx-assets, another top_authors', 'nx-assets, cold'),
    inference: `${Math.round(added)} ms`,
    largeSteps: stepsOf(line(LARGE_PLAIN)?.runs[0]?.output ?? ''),
    ...tables,
    largeToBare: ratio('100k users and 1M posts, cold', '100k users and 1M posts, bare DuckDB'),
  };
  const text = template.replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`README.template.md asks for ${key}, which nothing measures.`);
    return value;
  });
  writeFileSync(join(import.meta.dirname, 'README.md'), text);
}
