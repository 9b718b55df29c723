import type { ChangeFeed, History, HistoryReader, StopWatching, StoredEvent } from '@nx-assets/event-log';
import { runView, stepAfter, stepName, stepView } from './run-view.ts';
import { openHistory } from '@nx-assets/workspace/history';
import type { LiveEvent, LogLine, StepView } from '../wire/index.ts';
import type { Listener, ServerEvent } from '../api.ts';

const PAGE = 1_000;
/** Who has missed more asks for everything again. */
const MISSED = 5_000;
/** Runs of other processes write often: what comes together is told together. */
const GATHER_MS = 25;
/** Nobody has more runs at the same time. */
const AT_ONCE = 50;

/** Who hears of what is written. */
export interface FollowerEvents {
  events(gathered: Gathered): Promise<void>;
  /** What else is in the file: what automation decides. */
  other(): void;
  /** The history was removed or replaced: what was told so far is over, and all of the new one follows. */
  replaced(): Promise<void>;
}

/** What a batch of events came to. */
export interface Gathered {
  readonly id: number;
  readonly events: readonly StoredEvent[];
}

/** Reads what is written into the history as it is written, whoever writes it. */
export class HistoryFollower {
  readonly #told: FollowerEvents;
  readonly #history: History;
  #cursor = 0;
  #generation = 0;
  #stamp: string | null = null;
  #stopWatching: StopWatching | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | null = null;
  #isOld = false;

  private constructor(history: History, told: FollowerEvents) {
    this.#history = history;
    this.#told = told;
  }

  static async open(root: string, told: FollowerEvents): Promise<HistoryFollower> {
    const follower = new HistoryFollower(await openHistory(root), told);
    await follower.#watch();
    follower.#stamp = await follower.#history.stamp();
    follower.#cursor = await follower.#history.lastEvent();
    return follower;
  }

  get history(): HistoryReader & Pick<ChangeFeed, 'events'> {
    return this.#history;
  }
  /** The newest event that was told. */
  get cursor(): number {
    return this.#cursor;
  }

  async #watch(): Promise<void> {
    this.#stopWatching = await this.#history.watch(() => this.#touch());
  }

  #touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.read();
    }, GATHER_MS);
  }

  /** Reads what is new now. */
  read(): Promise<void> {
    if (this.#reading) {
      this.#isOld = true;
      return this.#reading;
    }
    this.#reading = this.#readAll().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    do {
      this.#isOld = false;
      try {
        await this.#beginAnew();
        const stamp = await this.#history.stamp();
        if (stamp === this.#stamp) continue;
        this.#stamp = stamp;
        const before = this.#cursor;
        for (;;) {
          const events = await this.#history.events({ after: this.#cursor, limit: PAGE });
          // Of another history than the one that the cursor is of.
          if ((await this.#history.generation()) !== this.#generation) this.#isOld = true;
          const last = events.at(-1);
          if (!last || this.#isOld) break;
          this.#cursor = last.id;
          await this.#told.events({ id: last.id, events });
          if (events.length < PAGE) break;
        }
        if (this.#cursor === before) this.#told.other();
      } catch {
        return; // locked, or just being replaced: the next look sees it
      }
    } while (this.#isOld);
  }

  /** A damaged file is set aside, and `nx reset` removes it: then the history goes on with a new one. */
  async #beginAnew(): Promise<void> {
    const generation = await this.#history.generation();
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#cursor = 0;
    this.#stamp = null;
    await this.#told.replaced();
  }

  async close(): Promise<void> {
    await this.#stopWatching?.();
    clearTimeout(this.#timer);
    await this.#history.close();
  }
}

/** Events as pages hear of them. Keeps the steps that are under way, as each event says a part. */
export class EventReducer {
  readonly #steps = new Map<string, StepView>();

  /** Begins with what is under way already, and with nothing else. */
  async begin(history: HistoryReader): Promise<void> {
    this.#steps.clear();
    for (const { runId } of await history.runs({ status: 'running', limit: AT_ONCE })) {
      for (const step of await history.steps(runId)) {
        const view = stepView(step);
        if (view.status === 'running') this.#steps.set(stepName(runId, step.key, step.partition), view);
      }
    }
  }

  /** Steps that are under way. Those of a run that was killed end with it. */
  async under(history: HistoryReader): Promise<readonly StepView[]> {
    const ids = [...new Set([...this.#steps.values()].map(({ runId }) => runId))];
    const runs = await Promise.all(ids.map((id) => history.run(id)));
    const going = new Set(runs.flatMap((run) => (run?.status === 'running' ? [run.runId] : [])));
    for (const [name, { runId }] of this.#steps) if (!going.has(runId)) this.#steps.delete(name);
    return [...this.#steps.values()];
  }

  /** Partitions of an asset that are being made. */
  running(key: string): ReadonlySet<string> {
    const own = [...this.#steps.values()].filter((step) => step.key === key);
    return new Set(own.map(({ partition }) => partition ?? ''));
  }

  async of(
    { id, events }: Gathered,
    history: HistoryReader,
    lines: ReadonlySet<string>,
  ): Promise<ServerEvent[]> {
    const said: LiveEvent[] = [];
    const steps = new Map<string, StepView>();
    const logs = new Map<string, LogLine[]>();
    const runs = new Set<string>();
    for (const { id: place, event } of events) {
      switch (event.type) {
        case 'run-started':
        case 'run-finished':
          runs.add(event.runId);
          break;
        case 'step-started':
        case 'step-retried':
        case 'step-finished': {
          runs.add(event.runId);
          const name = stepName(event.runId, event.key, event.partition);
          const step = stepAfter(this.#steps.get(name), event);
          steps.set(name, step);
          if (event.type === 'step-finished') this.#steps.delete(name);
          else this.#steps.set(name, step);
          break;
        }
        case 'log': {
          if (!lines.has(event.runId)) break;
          const { runId, at, key, partition, level, message } = event;
          const own = logs.get(runId) ?? [];
          own.push({ id: place, at, key, partition, level, message });
          logs.set(runId, own);
          break;
        }
        case 'materialized':
        case 'observed':
        case 'checked':
          break;
      }
    }
    for (const runId of runs) {
      const run = await history.run(runId);
      if (run) said.push({ type: 'run', run: runView(run) });
    }
    if (steps.size > 0) said.push({ type: 'steps', steps: [...steps.values()] });
    for (const [runId, own] of logs) said.push({ type: 'logs', runId, lines: own });
    return said.map((event) => ({ id, event }));
  }
}

/** What a listener has missed; `null` where that is too much to tell. */
export async function missed(
  history: HistoryReader & Pick<ChangeFeed, 'events'>,
  after: number,
  listener: Listener,
): Promise<ServerEvent[] | null> {
  const events = await history.events({ after, limit: MISSED + 1 });
  const last = events.at(-1);
  if (!last) return [];
  if (events.length > MISSED) return null;
  return new EventReducer().of(
    { id: last.id, events },
    history,
    new Set(listener.run === null ? [] : [listener.run]),
  );
}
