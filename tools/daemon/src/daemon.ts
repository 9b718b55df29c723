import type { Json } from '@nx-assets/core';
import { nextTime } from '@nx-assets/core/automation';
import type {
  AutomationLedger,
  Decisions,
  Lease,
  ProcessIdentity,
  RunRequest,
  RequestResult,
  RequestStatus,
} from '@nx-assets/event-log';
import { cursorOf, type Sensed } from './decide.ts';
import type { Automations, NamedSensor } from './definitions.ts';
import { decideWithRequests } from './request-lookup.ts';
import type { StateView } from './view.ts';

/** Everything that the daemon does not decide itself. */
export interface Ports {
  readonly ledger: AutomationLedger;
  /** Milliseconds since the epoch. */
  now(): number;
  /** What runs by itself, as the definitions are now. */
  automations(): Promise<Automations>;
  /** How things are now, for conditions. */
  view(open: readonly RunRequest[]): Promise<StateView>;
  /** One look of a sensor. It takes its own time, and never rejects. */
  sense(sensor: NamedSensor, cursor: Json | undefined): Promise<Sensed>;
  /** Starts a process that claims the request and runs it. */
  launch(request: RunRequest): void;
  /** Whether a process that was launched for it may still claim it. */
  isLaunched(id: string): boolean;
  /** Whether it is certain that a process has ended. */
  isGone(process: ProcessIdentity): boolean;
  /** What runs came to, as the history knows; `null` where it does not. */
  resultOf(runs: readonly string[]): Promise<Exclude<RequestResult, 'lost'> | null>;
  report(event: DaemonEvent): void;
}

export type DaemonEvent =
  | { readonly type: 'leads'; readonly epoch: number }
  | { readonly type: 'waits' }
  | { readonly type: 'decided'; readonly decisions: Decisions }
  | { readonly type: 'ended'; readonly request: RunRequest; readonly status: RequestStatus };

export interface DaemonOptions {
  /** Tells this process from all others, also from a later one with the same pid. */
  readonly owner: string;
  readonly me: ProcessIdentity;
  /** How long the lead holds without a sign of life, milliseconds. */
  readonly ttl: number;
  /** How often conditions are asked, and definitions looked at. Milliseconds. */
  readonly every: number;
  /** How many requests may run at the same time. */
  readonly most: number;
  /** Each sensor looks once and not again: for who waits for the end of all that a turn led to. */
  readonly looksOnce?: boolean;
}

/** What a turn came to. */
export interface Turn {
  /** Whether it leads: only then it has done anything. */
  readonly leads: boolean;
  /** When there is something to do again, milliseconds since the epoch. */
  readonly wakeAt: number;
  /** Requests that have not come to their end, and looks that have not. */
  readonly open: number;
}

/** After so many turns old ticks are removed. */
const FORGET = 500;

/**
 * Decides what is due, and sees that it is run: turn by turn. All that must outlive it is in the ledger; what it keeps
 * itself may be lost at any moment.
 */
export class Daemon {
  readonly #ports: Ports;
  readonly #options: DaemonOptions;
  #lease: Lease | null = null;
  #hasAsked = false;
  #turns = 0;
  #askedAt = -Infinity;
  /** Requests that were open at the last turn: where one has ended, conditions are asked again. */
  #open: ReadonlySet<string> = new Set();
  readonly #lookedAt = new Map<string, number>();
  readonly #looking = new Set<string>();
  readonly #hasLooked = new Set<string>();
  readonly #sensed = new Map<string, Sensed>();

  constructor(ports: Ports, options: DaemonOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Says that it is alive. Between turns, or beside a long one. */
  async renew(): Promise<void> {
    const { ledger, now } = this.#ports;
    const { owner, me, ttl } = this.#options;
    const lease = await ledger.acquireLease(owner, me, now(), ttl);
    if (lease?.epoch !== this.#lease?.epoch || !this.#hasAsked) {
      this.#ports.report(lease ? { type: 'leads', epoch: lease.epoch } : { type: 'waits' });
      // Somebody else may have led in between.
      this.#sensed.clear();
    }
    this.#lease = lease;
    this.#hasAsked = true;
  }

  /** Lets another lead. */
  async resign(): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    if (lease) await this.#ports.ledger.releaseLease(lease);
  }

  /** Looks once at everything that is due. With `onSensed` called, another turn is worth its while. */
  async turn(onSensed: () => void = () => undefined): Promise<Turn> {
    const { ledger, now } = this.#ports;
    const { ttl, every } = this.#options;
    await this.renew();
    if (!this.#lease) return { leads: false, wakeAt: now() + ttl / 3, open: 0 };
    const automations = await this.#ports.automations();
    const open = await this.#settle(await ledger.openRequests());
    const hasEnded = [...this.#open].some((id) => !open.some((request) => request.id === id));
    const asks = automations.conditions.length > 0 && (hasEnded || this.#isAskDue());
    const states = await ledger.states();
    const view = asks ? await this.#ports.view(open) : null;
    const at = now();
    const sensed = new Map(this.#sensed);
    const decisions = await decideWithRequests(ledger, { automations, states, sensed, view, now: at });
    if (!isEmpty(decisions)) {
      // Renewing beside the turn may have found another leader.
      const lease = this.#lease as Lease | null;
      if (!lease || !(await ledger.commit(lease, decisions, at, ttl))) {
        // Somebody else leads by now: nothing of this was kept.
        await this.renew();
        return { leads: false, wakeAt: now() + ttl / 3, open: 0 };
      }
      this.#ports.report({ type: 'decided', decisions });
    }
    for (const name of sensed.keys()) this.#sensed.delete(name);
    if (asks) this.#askedAt = at;
    this.#look(automations.sensors, new Map([...states, ...decisions.states]), onSensed);
    const left = this.#launch(await ledger.openRequests());
    this.#open = new Set(left.map(({ id }) => id));
    if (++this.#turns % FORGET === 0) await ledger.prune(at);
    const wakes = [
      ...automations.schedules.map((schedule) => nextTime(schedule, at)),
      ...automations.sensors.map((sensor) => this.#nextLook(sensor)),
      ...(automations.conditions.length > 0 ? [this.#askedAt + every] : []),
      // Definitions may change in between.
      at + every,
    ];
    return { leads: true, wakeAt: Math.min(...wakes), open: left.length + this.#firstLooks() };
  }

  /** Sensors that have not seen anything yet. Who waits for them waits for one look of each, and not for ever. */
  #firstLooks(): number {
    return [...this.#looking].filter((name) => !this.#hasLooked.has(name)).length;
  }

  #isAskDue(): boolean {
    const now = this.#ports.now();
    // A clock that was set back does not keep anybody waiting.
    return now >= this.#askedAt + this.#options.every || now < this.#askedAt;
  }

  #nextLook({ name, every }: NamedSensor): number {
    if (this.#looking.has(name)) return Infinity;
    const lookedAt = this.#lookedAt.get(name);
    if (lookedAt !== undefined && this.#options.looksOnce) return Infinity;
    const now = this.#ports.now();
    return lookedAt === undefined || lookedAt > now ? now : lookedAt + every;
  }

  /** Sensors look beside the turns: one that hangs holds up nothing but itself. */
  #look(sensors: readonly NamedSensor[], states: ReadonlyMap<string, Json>, onSensed: () => void): void {
    const now = this.#ports.now();
    for (const sensor of sensors) {
      const { name } = sensor;
      // What it saw last is not kept yet.
      if (this.#sensed.has(name) || this.#nextLook(sensor) > now) continue;
      this.#lookedAt.set(name, now);
      this.#looking.add(name);
      const epoch = this.#lease?.epoch;
      void this.#ports.sense(sensor, cursorOf(sensor, states.get(name))).then((result) => {
        this.#looking.delete(name);
        this.#hasLooked.add(name);
        if (epoch === this.#lease?.epoch) this.#sensed.set(name, result);
        onSensed();
      });
    }
  }

  /** Ends requests whose process is gone without a word. Gives those that are still open. */
  async #settle(requests: readonly RunRequest[]): Promise<RunRequest[]> {
    const { ledger, isGone, resultOf, now, report } = this.#ports;
    const open: RunRequest[] = [];
    for (const request of requests) {
      if (request.process === null || !isGone(request.process)) {
        open.push(request);
        continue;
      }
      const status = (request.runs.length > 0 ? await resultOf(request.runs) : null) ?? 'lost';
      const problem = status === 'lost' ? 'its process ended without a word' : null;
      await ledger.finish(request.id, status, problem, now());
      report({ type: 'ended', request, status });
    }
    return open;
  }

  /** Launches what is pending, the oldest first. Whoever claims it runs it, so to launch it twice does no harm. */
  #launch(requests: readonly RunRequest[]): readonly RunRequest[] {
    const { isLaunched, launch } = this.#ports;
    let busy = requests.filter(({ id, status }) => status === 'running' || isLaunched(id)).length;
    for (const request of requests) {
      if (request.status !== 'pending' || isLaunched(request.id)) continue;
      if (busy++ >= this.#options.most) break;
      launch(request);
    }
    return requests;
  }
}

const isEmpty = ({ states, ticks, requests }: Decisions): boolean =>
  states.size === 0 && ticks.length === 0 && requests.length === 0;
