import { problemOf } from './definitions.ts';
import { assetStatuses } from './status-view.ts';
import { workspaceView } from './workspace-view.ts';
import type { Problem, AssetStatus, WorkspaceView } from '../wire/index.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { manifestStamp } from '@nx-assets/workspace/manifest';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** What was learned by looking again. */
export interface Looked {
  readonly definitionsChanged: boolean;
  readonly problemChanged: boolean;
  /** Assets that stand otherwise than before. */
  readonly statuses: Readonly<Record<string, AssetStatus>>;
}

/** How the workspace is: definitions that last loaded, and how everything stands. Looked at again when asked to. */
export class Snapshot {
  readonly #context: RunContext;
  #workspace: Workspace;
  #statuses: Readonly<Record<string, AssetStatus>> = {};
  #problem: Problem | null = null;
  #revision = 1;
  #stamp: string | null;
  #looking: Promise<Looked> | null = null;
  #isOld = false;
  #at = 0;

  private constructor(context: RunContext, workspace: Workspace) {
    this.#context = context;
    this.#workspace = workspace;
    this.#stamp = manifestStamp(context.root);
  }

  /** Where definitions do not load, with what is known of them from before. */
  static async open(context: RunContext): Promise<Snapshot> {
    const { workspace, problem } = await opened(context, () => Workspace.known(context));
    const snapshot = new Snapshot(context, workspace);
    snapshot.#problem = problem;
    snapshot.#statuses = await assetStatuses(snapshot.#workspace);
    snapshot.#at = context.now().getTime();
    return snapshot;
  }

  get revision(): number {
    return this.#revision;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  get statuses(): Readonly<Record<string, AssetStatus>> {
    return this.#statuses;
  }
  /** When it was last looked. */
  get at(): number {
    return this.#at;
  }

  /** As a command would see it now: files are read anew. */
  async workspace(): Promise<Workspace> {
    return (this.#workspace = await this.#open());
  }

  /** Looks again. Who asks while that goes on gets the look after it: the one under way may have begun too early. */
  look(): Promise<Looked> {
    if (this.#looking) {
      this.#isOld = true;
      return this.#looking;
    }
    this.#looking = this.#lookUntilNew().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #lookUntilNew(): Promise<Looked> {
    let all: Looked = { definitionsChanged: false, problemChanged: false, statuses: {} };
    do {
      this.#isOld = false;
      const { definitionsChanged, problemChanged, statuses } = await this.#lookOnce();
      all = {
        definitionsChanged: all.definitionsChanged || definitionsChanged,
        problemChanged: all.problemChanged || problemChanged,
        statuses: { ...all.statuses, ...statuses },
      };
    } while (this.#isOld);
    return all;
  }

  async #lookOnce(): Promise<Looked> {
    const [problem, stamp] = [JSON.stringify(this.#problem), this.#stamp];
    this.#workspace = await this.#open();
    const before = this.#statuses;
    this.#statuses = await assetStatuses(this.#workspace);
    this.#at = this.#context.now().getTime();
    const definitionsChanged = this.#stamp !== stamp && this.#problem === null;
    if (definitionsChanged) this.#revision++;
    const changed = Object.entries(this.#statuses).filter(
      ([key, status]) => JSON.stringify(before[key]) !== JSON.stringify(status),
    );
    return {
      definitionsChanged,
      problemChanged: JSON.stringify(this.#problem) !== problem,
      statuses: Object.fromEntries(changed),
    };
  }

  /** The workspace with definitions as they are; with those that last loaded, where they do not load. */
  async #open(): Promise<Workspace> {
    const { workspace, problem } = await opened(this.#context, () => this.#workspace.again());
    this.#problem = problem;
    if (problem === null) this.#stamp = manifestStamp(this.#context.root);
    return workspace;
  }

  view(cursor: number): Omit<WorkspaceView, 'running'> {
    return {
      ...workspaceView(this.#workspace, this.#statuses),
      revision: this.#revision,
      problem: this.#problem,
      cursor,
      at: this.#at,
    };
  }
}

async function opened(
  context: RunContext,
  otherwise: () => Workspace,
): Promise<{ readonly workspace: Workspace; readonly problem: Problem | null }> {
  try {
    return { workspace: await Workspace.open({ ...context, cwd: context.root }), problem: null };
  } catch (error) {
    return { workspace: otherwise(), problem: problemOf(error) };
  }
}
