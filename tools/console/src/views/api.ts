import { hostname } from 'node:os';
import { AssetError } from '@nx-assets/core';
import { answersOf } from './answers.ts';
import { DefinitionWatch } from './definitions.ts';
import { EventReducer, HistoryFollower, missed } from './follow.ts';
import { type Looked, Snapshot } from './snapshot.ts';
import { planRequest, startRuns } from './start-run.ts';
import type { ConsoleApi, Listener, ServerEvent } from '../api.ts';
import type { LiveEvent, RunRequest } from '../wire/index.ts';
import { findRun } from '@nx-assets/workspace/history';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** What time alone changes (something gets too old) is looked for so often while somebody looks. */
const CLOCK_MS = 60_000;
/** A page that comes back gets a new look, unless there was one just now. */
const YOUNG_MS = 1_000;
/** After a step ends others often do. */
const SETTLE_MS = 100;
/** A run has the machine for itself: of the time, at most one part in so many goes into looking at it. */
const SHARE = 6;
/** So long a page waits for a run that was asked for. */
const BEGINS_MS = 20_000;
const BEGINS_STEP_MS = 50;

/** The console's answers on a real workspace. Close it. */
export class WorkspaceApi implements ConsoleApi {
  readonly #context: RunContext;
  readonly #command: string;
  readonly #snapshot: Snapshot;
  readonly #follower: HistoryFollower;
  readonly #reducer = new EventReducer();
  readonly #listeners = new Set<Listener>();
  readonly #definitions: DefinitionWatch;
  readonly #clock: NodeJS.Timeout;
  readonly answers: ConsoleApi['answers'];
  /** Since which event a status is as it is. */
  readonly #changedAt = new Map<string, number>();
  #begun: number;
  /** Runs that were started here and may not have begun yet. */
  readonly #expected = new Set<string>();
  /** Steps have ended since it was last looked. */
  #isBehind = false;
  /** Until it is looked again. */
  #settle: NodeJS.Timeout | undefined;
  /** Milliseconds that the last look took. */
  #lookTook = 0;

  /** `command` is the file of the `nx-assets` command, for the runs that pages ask for. */
  static async open(context: RunContext, command: string): Promise<WorkspaceApi> {
    const snapshot = await Snapshot.open(context);
    const box: { api?: WorkspaceApi } = {};
    const follower = await HistoryFollower.open(context.root, {
      events: async (gathered) => box.api?.onEvents(gathered),
      other: () => box.api?.publish({ type: 'automation' }),
      replaced: async () => box.api?.onReplaced(),
    });
    const api = new WorkspaceApi(context, command, snapshot, follower);
    await api.#reducer.begin(follower.history);
    return (box.api = api);
  }

  private constructor(context: RunContext, command: string, snapshot: Snapshot, follower: HistoryFollower) {
    this.#context = context;
    this.#command = command;
    this.#snapshot = snapshot;
    this.#follower = follower;
    this.#begun = follower.cursor;
    this.#definitions = new DefinitionWatch(() => void this.#look());
    this.#clock = setInterval(() => this.#listeners.size > 0 && void this.#look(), CLOCK_MS);
    this.#clock.unref();
    this.answers = answersOf({
      root: context.root,
      snapshot,
      follower,
      reducer: this.#reducer,
      catchUp: async () => {
        if (this.#isBehind || Date.now() - snapshot.at > YOUNG_MS) await this.#look();
      },
      begins: (id) => this.#begins(id),
    });
    void snapshot.workspace().then((workspace) => this.#definitions.look(workspace));
  }

  async plan(request: RunRequest) {
    const workspace = await this.#latest();
    return (await planRequest(workspace, this.#snapshot.statuses, request, this.#follower.history)).started;
  }

  async start(request: RunRequest) {
    const workspace = await this.#latest();
    const { planned, started } = await planRequest(
      workspace,
      this.#snapshot.statuses,
      request,
      this.#follower.history,
    );
    for (const id of started.runs) this.#expected.add(id);
    startRuns(
      this.#context,
      this.#command,
      planned,
      (code, said) => void this.#ended(started.runs, code, said),
    );
    return started;
  }

  async cancel(runId: string): Promise<void> {
    const run = await findRun(this.#follower.history, runId);
    if (run.status !== 'running') return;
    if (run.host !== hostname()) {
      throw new AssetError('COMMAND_INVALID', `Run ${runId} is still running on ${run.host}.`, {
        remedy: 'Cancel it there, with Ctrl-C.',
      });
    }
    // `running` says that this process is the one that began the run, and not a later one of the same number.
    process.kill(run.pid, 'SIGINT');
  }

  follow(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#isBehind) this.#lookSoon();
    return () => void this.#listeners.delete(listener);
  }

  async since(after: number, listener: Listener): Promise<readonly ServerEvent[]> {
    const id = this.#follower.cursor;
    const said = after > id ? null : await missed(this.#follower.history, after, listener);
    // Too much, or the history is another one by now.
    if (said === null) return [{ id, event: { type: 'definitions', revision: this.#snapshot.revision } }];
    const statuses = Object.fromEntries(
      Object.entries(this.#snapshot.statuses).filter(
        ([key]) => after < this.#begun || (this.#changedAt.get(key) ?? -1) >= after,
      ),
    );
    if (Object.keys(statuses).length === 0) return said;
    return [...said, { id, event: { type: 'statuses', statuses } }];
  }

  async close(): Promise<void> {
    clearInterval(this.#clock);
    clearTimeout(this.#settle);
    this.#definitions.close();
    await this.#follower.close();
  }

  /** What was written into the history just now. */
  async onEvents(gathered: Parameters<EventReducer['of']>[0]): Promise<void> {
    const wanted = new Set([...this.#listeners].flatMap(({ run }) => (run === null ? [] : [run])));
    for (const said of await this.#reducer.of(gathered, this.#follower.history, wanted)) this.#send(said);
    const isOver = gathered.events.some(
      ({ event: { type } }) => type === 'step-finished' || type === 'run-finished',
    );
    if (!isOver) return;
    this.#isBehind = true;
    // Where nobody looks, who comes next asks.
    if (this.#listeners.size > 0) this.#lookSoon();
  }

  /** The history is another one: ids begin again, and pages ask for everything anew. */
  async onReplaced(): Promise<void> {
    this.#changedAt.clear();
    this.#begun = this.#follower.cursor;
    await this.#reducer.begin(this.#follower.history);
    await this.#look();
    this.publish({ type: 'definitions', revision: this.#snapshot.revision });
  }

  #lookSoon(): void {
    this.#settle ??= setTimeout(
      () => {
        this.#settle = undefined;
        if (this.#isBehind) void this.#look();
      },
      Math.max(SETTLE_MS, SHARE * this.#lookTook),
    );
  }

  publish(event: LiveEvent): void {
    this.#send({ id: this.#follower.cursor, event });
  }

  #send(sent: ServerEvent): void {
    for (const listener of this.#listeners) {
      if (sent.event.type === 'logs' && sent.event.runId !== listener.run) continue;
      listener.onEvent(sent);
    }
  }

  async #look(): Promise<Looked> {
    this.#isBehind = false;
    const began = performance.now();
    const looked = await this.#snapshot.look();
    this.#lookTook = performance.now() - began;
    const id = this.#follower.cursor;
    for (const key of Object.keys(looked.statuses)) this.#changedAt.set(key, id);
    if (looked.problemChanged) this.publish({ type: 'problem', problem: this.#snapshot.problem });
    if (looked.definitionsChanged) {
      this.#definitions.look(await this.#snapshot.workspace());
      this.publish({ type: 'definitions', revision: this.#snapshot.revision });
    } else if (Object.keys(looked.statuses).length > 0) {
      this.publish({ type: 'statuses', statuses: looked.statuses });
    }
    return looked;
  }

  /** The workspace, and a snapshot that knows of every step that has ended. */
  async #latest() {
    if (this.#isBehind) await this.#look();
    return this.#snapshot.workspace();
  }

  /** Waits for a run that was asked for just now: nx takes a second to begin it, and its page may be open by then. */
  async #begins(id: string): Promise<void> {
    for (let waited = 0; this.#expected.has(id) && waited < BEGINS_MS; waited += BEGINS_STEP_MS) {
      if (await this.#follower.history.run(id)) this.#expected.delete(id);
      else await new Promise((resolve) => setTimeout(resolve, BEGINS_STEP_MS));
    }
  }

  /** A command that ended before its run began has told nobody why. */
  async #ended(runs: readonly string[], code: number, said: string): Promise<void> {
    for (const id of runs) this.#expected.delete(id);
    if (code === 0 || (await this.#isTold(runs))) return;
    const message = said.trim().split('\n').slice(-12).join('\n') || `nx ended with exit code ${code}.`;
    this.publish({ type: 'notice', code: 'RUN_NOT_STARTED', message });
  }

  /** Whether the last of these runs that began says why the rest did not, or none is left. */
  async #isTold(runs: readonly string[]): Promise<boolean> {
    try {
      await this.#follower.read();
      for (const id of runs) {
        const run = await this.#follower.history.run(id);
        if (!run) return false;
        if (run.status !== 'succeeded') return true;
      }
      return true;
    } catch {
      return false; // a history that cannot be read tells nothing
    }
  }
}
