import type { AssetKey, AssetManifest } from '@nx-assets/core';
import { type History } from '@nx-assets/event-log';
import { runAssets } from '@nx-assets/runner/run-assets';
import { RUN_ID } from '@nx-assets/runner/run-id';
import { RunHistory } from '@nx-assets/runner/run-history';
import { TestWorkspace } from '@nx-assets/testing';
import { openHistory } from '@nx-assets/workspace/history';
import { Workspace } from '@nx-assets/workspace/workspace';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** As a command has it that was started in that folder. */
export function contextIn(root: string, env: NodeJS.ProcessEnv = {}): RunContext {
  return {
    root,
    cwd: root,
    env,
    argv: [],
    conditions: [],
    stdout: { write: () => true },
    stderr: { write: () => true },
    now: () => new Date(),
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
  };
}

/** A workspace with a group, `lab`, of which assets are made without nx; and with others, where these are given. */
export class Lab {
  readonly #files: TestWorkspace;
  readonly context: RunContext;

  constructor(source: string, env: NodeJS.ProcessEnv = {}, others: Readonly<Record<string, string>> = {}) {
    this.#files = new TestWorkspace().group('lab', { 'index.ts': source });
    for (const [name, text] of Object.entries(others)) this.#files.group(name, { 'index.ts': text });
    this.context = contextIn(this.#files.root, env);
  }

  get root(): string {
    return this.#files.root;
  }

  open(): Promise<Workspace> {
    return Workspace.open(this.context);
  }

  edit(from: string | RegExp, to: string): void {
    this.#files.edit('packages/lab/src/index.ts', (text) => text.replace(from, to));
  }

  /** Makes these, as one run. */
  async run(runId: string, names: readonly string[], at = Date.now()): Promise<void> {
    const keys = names.map((name) => `lab/${name}` as AssetKey);
    await this.open();
    const context = { ...this.context, env: { ...this.context.env, [RUN_ID]: runId } };
    const history = await RunHistory.open(context, runId);
    await history.begin(['run-many', '-t', 'materialize'], keys, at);
    const outcomes = await runAssets({ context, keys, refresh: false });
    const isFine = [...outcomes.values()].every(({ status }) => status !== 'failed');
    await history.end(isFine ? 'succeeded' : 'failed', [], Date.now());
    await history.close();
  }

  async history<T>(use: (history: History) => Promise<T>): Promise<T> {
    const history = await openHistory(this.root);
    try {
      return await use(history);
    } finally {
      await history.close();
    }
  }

  write(path: string, text: string): void {
    this.#files.write({ [path]: text });
  }

  has(path: string): boolean {
    return this.#files.exists(path);
  }

  remove(path: string): void {
    this.#files.remove(path);
  }

  dispose(): void {
    this.#files.dispose();
  }
}

/** The manifest of an asset of the group. */
export function manifestOf(workspace: Workspace, name: string): AssetManifest {
  const found = workspace.graph.nodes.get(`lab/${name}` as AssetKey);
  if (!found) throw new Error(`There is no asset lab/${name}.`);
  return found;
}
