// `npm run bench`: measures the main job against one plain process and against forked run-commands, and writes
// what came out to README.md beside this file. About five minutes on two cores.
import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { TestWorkspace } from '@nx-assets/testing';
import { referenceWorkspace } from '../tests/support/reference.ts';
import { writeData } from './data.ts';
import { measure, type Measurement } from './measure.ts';

const NX = createRequire(import.meta.url).resolve('nx/bin/nx.js');
const SETTINGS = { NX_ISOLATE_PLUGINS: 'false' };
const EVERYTHING = ['run-many', '-t', 'materialize'];
const REPEATS = 5;

interface Line {
  readonly name: string;
  readonly runs: readonly Measurement[];
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const cpuOf = (line: Line): number => median(line.runs.map(({ cpu }) => cpu));
const wallOf = (line: Line): number => median(line.runs.map(({ wall }) => wall));
const say = (text: string) => process.stdout.write(`${text}\n`);

const nx = (workspace: TestWorkspace, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  measure([process.execPath, NX, ...args], { cwd: workspace.root, env: { ...SETTINGS, ...env } });

async function repeat(name: string, run: (round: number) => Promise<Measurement>): Promise<Line> {
  const runs: Measurement[] = [];
  for (let round = 0; round < REPEATS; round++) runs.push(await run(round));
  const line = { name, runs };
  say(`${name}: ${cpuOf(line).toFixed(2)} CPU-s, ${Math.round(wallOf(line))} ms`);
  return line;
}

const forgetResults = (workspace: TestWorkspace) =>
  workspace.remove('output').remove('.nx/cache').remove('.nx/workspace-data');

/** Nx Assets as people use it. */
async function assets(): Promise<Line[]> {
  const workspace = referenceWorkspace();
  try {
    await nx(workspace, EVERYTHING);
    return [
      await repeat('nx-assets, cold', () => nx(forgetResults(workspace), EVERYTHING)),
      await repeat('nx-assets, nothing changed', () => nx(workspace, EVERYTHING)),
      await repeat('nx-assets, a comment in users_cleaned', (round) => {
        workspace.edit('packages/transforms/src/users_cleaned.ts', (code) => `${code}// ${round}\n`);
        return nx(workspace, EVERYTHING);
      }),
      await repeat('nx-assets, another top_authors', (round) => {
        workspace.edit('packages/analytics/src/top_authors.ts', (code) =>
          code.replace(/limit: \d+/, `limit: ${(round % 4) + 1}`),
        );
        return nx(workspace, EVERYTHING);
      }),
    ];
  } finally {
    workspace.dispose();
  }
}

/** The same functions in one process, one after the other, nothing remembered. */
async function plain(): Promise<Line[]> {
  const workspace = referenceWorkspace();
  try {
    const script = join(import.meta.dirname, 'plain.ts');
    return [
      await repeat('one plain process, all 17 in order', () =>
        measure([process.execPath, script], { cwd: workspace.root }),
      ),
    ];
  } finally {
    workspace.dispose();
  }
}

/** The same graph and steps as `nx:run-commands`, each command a process of its own. */
async function runCommands(): Promise<Line[]> {
  const workspace = referenceWorkspace();
  try {
    await nx(workspace, [...EVERYTHING, '--graph=graph.json']);
    interface TaskFile {
      readonly tasks: { readonly dependencies: Readonly<Record<string, readonly string[]>> };
    }
    const { dependencies } = (JSON.parse(workspace.read('graph.json')) as TaskFile).tasks;
    const step = join(import.meta.dirname, 'step.ts');
    const projects = new Map<string, Record<string, object>>();
    for (const [id, deps] of Object.entries(dependencies)) {
      const [project = '', target = ''] = id.split(':');
      const dependsOn = deps.map((dep) => {
        const [projectName = '', name = ''] = dep.split(':');
        return { projects: [projectName], target: name };
      });
      const targets = projects.get(project) ?? {};
      targets[target] =
        target === 'materialize'
          ? { executor: 'nx:noop', dependsOn }
          : {
              command: `${process.execPath} ${step} ${project}/${target}`,
              cache: true,
              dependsOn,
              inputs: ['{projectRoot}/src/**/*.ts', { dependentTasksOutputFiles: '**/*' }],
              outputs: [`{workspaceRoot}/output/${project}/${target}.*`, `{workspaceRoot}/output/*.csv`],
            };
      projects.set(project, targets);
    }
    const manifest = workspace.read('.nx/nx-assets/manifest.json');
    workspace.edit('nx.json', (text) => text.replace('"nx-assets"', ''));
    for (const [project, targets] of projects) {
      workspace.edit(`packages/${project}/package.json`, (text) => {
        const json = JSON.parse(text) as { nx: object };
        return JSON.stringify({ ...json, nx: { ...json.nx, targets } });
      });
    }
    workspace.write({ 'manifest.json': manifest });
    return [
      await repeat('nx:run-commands, cold', () => nx(forgetResults(workspace), EVERYTHING)),
      await repeat('nx:run-commands, nothing changed', () => nx(workspace, EVERYTHING)),
    ];
  } finally {
    workspace.dispose();
  }
}

/** What the plugin adds to a command that runs nothing. */
async function inference(): Promise<Line[]> {
  const workspace = referenceWorkspace();
  try {
    await nx(workspace, ['show', 'projects']);
    const withPlugin = await repeat('nx show projects', () => nx(workspace, ['show', 'projects']));
    workspace.edit('nx.json', (text) => text.replace('"nx-assets"', ''));
    const without = await repeat('nx show projects, without the plugin', () =>
      nx(workspace, ['show', 'projects']),
    );
    return [withPlugin, without];
  } finally {
    workspace.dispose();
  }
}

/** 100 000 users and 1 000 000 posts through the real executor. */
async function scale(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'nx-assets-data-'));
  const workspace = referenceWorkspace();
  writeData(folder, 100_000, 1_000_000);
  const server = fork(join(import.meta.dirname, 'serve.ts'), [folder]);
  try {
    const port = await new Promise<number>((resolve) =>
      server.once('message', (message) => resolve(Number(message))),
    );
    const env = { JSONPLACEHOLDER_URL: `http://127.0.0.1:${port}` };
    const run = await nx(workspace, EVERYTHING, env);
    say(run.output);
    const again = await nx(workspace, EVERYTHING, env);
    const script = join(import.meta.dirname, 'plain.ts');
    const inOneProcess = await measure([process.execPath, script], { cwd: workspace.root, env });
    largeSteps = stepsOf(inOneProcess.output);
    const floor = join(import.meta.dirname, 'floor.ts');
    const bare = await measure([process.execPath, floor, folder, workspace.root], { cwd: workspace.root });
    return [
      { name: '100k users and 1M posts, cold', runs: [run] },
      { name: '100k users and 1M posts, nothing changed', runs: [again] },
      { name: '100k users and 1M posts, one plain process', runs: [inOneProcess] },
      { name: '100k users and 1M posts, bare DuckDB', runs: [bare] },
    ];
  } finally {
    server.disconnect();
    workspace.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The steps of a plain run that took a quarter of a CPU second or more, the longest first. */
function stepsOf(output: string): string {
  const steps = [...output.matchAll(/^(\S+) materialized ([\d.]+) CPU-s/gm)]
    .map(([, key = '', cpu = '0']) => ({ key, cpu: Number(cpu) }))
    .filter(({ cpu }) => cpu >= 0.25)
    .sort((a, b) => b.cpu - a.cpu);
  return steps.map(({ key, cpu }) => `| ${key} | ${cpu.toFixed(2)} |`).join('\n');
}

let largeSteps = '';
let shortTable = '';
let checksTable = '';
const only = process.argv[2];
const parts = { assets, plain, runCommands, inference, scale };
const lines: Line[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (only === undefined || only === name) lines.push(...(await part()));
}
if (only === undefined) {
  shortTable = spawnSync(process.execPath, [join(import.meta.dirname, 'short.ts'), '1000', '5000'], {
    encoding: 'utf8',
  }).stdout.trim();
  checksTable = spawnSync(process.execPath, [join(import.meta.dirname, 'checks.ts')], {
    encoding: 'utf8',
  }).stdout.trim();
  writeReport();
} else {
  for (const line of lines) say(rowOf(line));
  say(largeSteps);
}

function rowOf(line: Line): string {
  const peak = Math.max(...line.runs.map((run) => run.peak)) / 1e6;
  return `| ${line.name} | ${cpuOf(line).toFixed(2)} | ${(wallOf(line) / 1000).toFixed(2)} | ${Math.round(peak)} |`;
}

function writeReport(): void {
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
    largeSteps,
    short: shortTable,
    checks: checksTable,
    largeToBare: ratio('100k users and 1M posts, cold', '100k users and 1M posts, bare DuckDB'),
  };
  const text = template.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key] ?? '?');
  writeFileSync(join(import.meta.dirname, 'README.md'), text);
  say(text);
}
