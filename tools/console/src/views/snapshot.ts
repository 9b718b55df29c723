import { problemOf } from './definitions.ts';
import { standingViews } from './standing-view.ts';
import { workspaceView } from './workspace-view.ts';
import type { Problem, Standing, WorkspaceView } from '../wire.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { manifestStamp } from '@nx-assets/workspace/manifest';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** What was learned by looking again. */
export interface Looked {
  readonly definitionsChanged: boolean;
  readonly problemChanged: boolean;
  /** Assets that stand otherwise than before. */
  readonly standings: Readonly<Record<string, Standing>>;
}

/** How the workspace is: definitions that last loaded, and how everything stands. Looked at again when asked to. */
export class Snapshot {
  readonly #context: RunContext;
  #workspace: Workspace;
  #standings: Readonly<Record<string, Standing>> = {};
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
    snapshot.#standings = await standingViews(snapshot.#workspace);
    snapshot.#at = context.now().getTime();
    return snapshot;
  }

  get revision(): number {
    return this.#revision;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  get standings(): Readonly<Record<string, Standing>> {
    return this.#standings;
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
    let all: Looked = { definitionsChanged: false, problemChanged: false, standings: {} };
    do {
      this.#isOld = false;
      const { definitionsChanged, problemChanged, standings } = await this.#lookOnce();
      all = {
        definitionsChanged: all.definitionsChanged || definitionsChanged,
        problemChanged: all.problemChanged || problemChanged,
        standings: { ...all.standings, ...standings },
      };
    } while (this.#isOld);
    return all;
  }

  async #lookOnce(): Promise<Looked> {
    const [problem, stamp] = [JSON.stringify(this.#problem), this.#stamp];
    this.#workspace = await this.#open();
    const before = this.#standings;
    this.#standings = await standingViews(this.#workspace);
    this.#at = this.#context.now().getTime();
    const definitionsChanged = this.#stamp !== stamp && this.#problem === null;
    if (definitionsChanged) this.#revision++;
    const changed = Object.entries(this.#standings).filter(
      ([key, standing]) => JSON.stringify(before[key]) !== JSON.stringify(standing),
    );
    return {
      definitionsChanged,
      problemChanged: JSON.stringify(this.#problem) !== problem,
      standings: Object.fromEntries(changed),
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
      ...workspaceView(this.#workspace, this.#standings),
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
