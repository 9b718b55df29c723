// The main job against one plain process and against forked run-commands: the 17 assets as they are, and with much data.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkspace } from '@nx-assets/testing';
import { referenceWorkspace } from '../tests/support/reference.ts';
import { writeData } from './data.ts';
import { cpuOf, type Line, wallOf } from './lines.ts';
import { measure, type Measurement } from './measure.ts';

const NX = createRequire(import.meta.url).resolve('nx/bin/nx.js');
const SETTINGS = { NX_ISOLATE_PLUGINS: 'false' };
const EVERYTHING = ['run-many', '-t', 'materialize'];
export const LARGE_PLAIN = '100k users and 1M posts, one plain process';

export interface Size {
  /** How often each command is measured. */
  readonly repeats: number;
  readonly users: number;
  readonly posts: number;
}

const say = (text: string) => process.stdout.write(`${text}\n`);

const nx = (workspace: TestWorkspace, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  measure([process.execPath, NX, ...args], { cwd: workspace.root, env: { ...SETTINGS, ...env } });

async function repeat(
  times: number,
  name: string,
  run: (round: number) => Promise<Measurement>,
): Promise<Line> {
  const runs: Measurement[] = [];
  for (let round = 0; round < times; round++) runs.push(await run(round));
  const line = { name, runs };
  say(`${name}: ${cpuOf(line).toFixed(2)} CPU-s, ${Math.round(wallOf(line))} ms`);
  return line;
}

const forgetResults = (workspace: TestWorkspace) =>
  workspace.remove('output').remove('.nx/cache').remove('.nx/workspace-data');

/** Nx Assets as people use it. */
export async function assets(size: Size): Promise<Line[]> {
  const workspace = referenceWorkspace();
  try {
    await nx(workspace, EVERYTHING);
    return [
      await repeat(size.repeats, 'nx-assets, cold', () => nx(forgetResults(workspace), EVERYTHING)),
      await repeat(size.repeats, 'nx-assets, nothing changed', () => nx(workspace, EVERYTHING)),
      await repeat(size.repeats, 'nx-assets, a comment in users_cleaned', (round) => {
        workspace.edit('packages/transforms/src/users_cleaned.ts', (code) => `${code}// ${round}\n`);
        return nx(workspace, EVERYTHING);
      }),
      await repeat(size.repeats, 'nx-assets, another top_authors', (round) => {
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
export async function plain(size: Size): Promise<Line[]> {
  const workspace = referenceWorkspace();
  try {
    const script = join(import.meta.dirname, 'plain.ts');
    return [
      await repeat(size.repeats, 'one plain process, all 17 in order', () =>
        measure([process.execPath, script], { cwd: workspace.root }),
      ),
    ];
  } finally {
    workspace.dispose();
  }
}

/** The same graph and steps as `nx:run-commands`, each command a process of its own. */
export async function runCommands(size: Size): Promise<Line[]> {
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
      await repeat(size.repeats, 'nx:run-commands, cold', () => nx(forgetResults(workspace), EVERYTHING)),
      await repeat(size.repeats, 'nx:run-commands, nothing changed', () => nx(workspace, EVERYTHING)),
    ];
  } finally {
    workspace.dispose();
  }
}

/** What the plugin adds to a command that runs nothing. */
export async function inference(size: Size): Promise<Line[]> {
  const workspace = referenceWorkspace();
  try {
    await nx(workspace, ['show', 'projects']);
    const withPlugin = await repeat(size.repeats, 'nx show projects', () =>
      nx(workspace, ['show', 'projects']),
    );
    workspace.edit('nx.json', (text) => text.replace('"nx-assets"', ''));
    const without = await repeat(size.repeats, 'nx show projects, without the plugin', () =>
      nx(workspace, ['show', 'projects']),
    );
    return [withPlugin, without];
  } finally {
    workspace.dispose();
  }
}

/** Many users and posts through the real executor. */
export async function scale(size: Size): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'nx-assets-data-'));
  const workspace = referenceWorkspace();
  writeData(folder, size.users, size.posts);
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
    const floor = join(import.meta.dirname, 'floor.ts');
    const bare = await measure([process.execPath, floor, folder, workspace.root], { cwd: workspace.root });
    return [
      { name: '100k users and 1M posts, cold', runs: [run] },
      { name: '100k users and 1M posts, nothing changed', runs: [again] },
      { name: LARGE_PLAIN, runs: [inOneProcess] },
      { name: '100k users and 1M posts, bare DuckDB', runs: [bare] },
    ];
  } finally {
    server.disconnect();
    workspace.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
