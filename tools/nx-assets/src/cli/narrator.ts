import type { AssetError } from '@nx-assets/core';
import { nextTime } from '@nx-assets/core/automation';
import { type Automations, type DaemonEvent, timeText } from '@nx-assets/daemon';
import type { AutomationLedger, NewTick, RunRequest, RequestStatus } from '@nx-assets/event-log';
import { colours as pc } from '@nx-assets/workspace/colours';
import { print, printJson } from './output.ts';
import { duration } from '@nx-assets/workspace/format';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

const SIGNS: Readonly<Record<NewTick['outcome'] | RequestStatus, string>> = {
  requested: pc.cyan('▸'),
  skipped: pc.yellow('◌'),
  nothing: pc.dim('·'),
  failed: pc.red('✖'),
  pending: pc.dim('·'),
  running: pc.cyan('▸'),
  succeeded: pc.green('✔'),
  cancelled: pc.yellow('◌'),
  lost: pc.yellow('◌'),
};

export const signOf = (status: NewTick['outcome'] | RequestStatus): string => SIGNS[status];

/** Says what the daemon does: a line for each thing that happens, or a JSON document. */
export class Narrator {
  readonly #context: ProcessContext;
  readonly #json: boolean;
  readonly #verbose: boolean;
  /** Requests of which nobody has heard the end. */
  readonly #open = new Set<string>();
  #leads: boolean | undefined;
  hasFailed = false;
  /** Whether anything was there to be told. */
  hasTold = false;

  constructor(
    context: ProcessContext,
    { json, verbose }: { readonly json: boolean; readonly verbose: boolean },
  ) {
    this.#context = context;
    this.#json = json;
    this.#verbose = verbose;
  }

  async begin({ schedules, sensors, conditions }: Automations, ledger: AutomationLedger): Promise<void> {
    if (this.#json) return;
    const amounts = [
      [schedules.length, 'schedule'],
      [sensors.length, 'sensor'],
      [conditions.length, 'asset with a condition', 'assets with conditions'],
    ] as const;
    const texts = amounts.map(([amount, one, many = `${one}s`]) => `${amount} ${amount === 1 ? one : many}`);
    print(this.#context, `Watching ${texts.join(', ')}. Press Ctrl-C to stop it; runs in progress continue.`);
    const due = schedules
      .map((schedule) => ({ schedule, at: nextTime(schedule, this.#context.now().getTime()) }))
      .sort((a, b) => a.at - b.at)[0];
    if (due)
      print(
        this.#context,
        pc.dim(`Next: ${due.schedule.name} at ${timeText(due.at, due.schedule.timeZone)}`),
      );
    for (const { id } of await ledger.openRequests()) this.#open.add(id);
  }

  tell(event: DaemonEvent): void {
    switch (event.type) {
      case 'leads':
        if (this.#leads === false) this.#line('', 'This process is now the leader.');
        this.#leads = true;
        if (this.#json)
          printJson(this.#context, { at: this.#context.now().getTime(), event: 'leads', epoch: event.epoch });
        return;
      case 'waits':
        if (this.#leads !== false) this.#line('', 'Another process is the leader; this one is on standby.');
        this.#leads = false;
        if (this.#json) printJson(this.#context, { at: this.#context.now().getTime(), event: 'waits' });
        return;
      case 'decided':
        for (const tick of event.decisions.ticks) this.#tick(tick);
        for (const { id } of event.decisions.requests) this.#open.add(id);
        return;
      case 'ended':
        return; // said with all others that have ended
    }
  }

  #tick({ name, kind, at, outcome, because, request }: NewTick): void {
    this.hasTold = true;
    if (outcome === 'failed') this.hasFailed = true;
    if (this.#json) {
      if (outcome !== 'nothing' || this.#verbose)
        printJson(this.#context, {
          at: this.#context.now().getTime(),
          event: 'tick',
          name,
          kind,
          dueAt: at,
          outcome,
          because,
          request,
        });
      return;
    }
    const word = outcome === 'nothing' ? '' : `${outcome}: `;
    if (outcome !== 'nothing' || this.#verbose)
      this.#line(SIGNS[outcome], `${name}  ${pc.dim(`${word}${because}`)}`);
  }

  /** Says of requests that have ended what they came to. */
  async settled(ledger: AutomationLedger): Promise<void> {
    const ids = [...this.#open];
    const requests = await ledger.requestsById(ids);
    for (const id of ids) {
      const request = requests.get(id);
      if (request?.status === 'pending' || request?.status === 'running') continue;
      this.#open.delete(id);
      if (request) this.#ended(request);
    }
  }

  #ended({ id, name, status, startedAt, finishedAt, runs, problem }: RunRequest): void {
    if (status !== 'succeeded') this.hasFailed = true;
    const took = (finishedAt ?? 0) - (startedAt ?? 0);
    if (this.#json) {
      printJson(this.#context, {
        at: this.#context.now().getTime(),
        event: 'ended',
        request: id,
        name,
        status,
        milliseconds: took,
        runs,
        problem,
      });
      return;
    }
    const facts = [status, duration(took), ...runs.map((run) => `run ${run}`), ...(problem ? [problem] : [])];
    this.#line(SIGNS[status], `${name}  ${pc.dim(facts.join(' · '))}`);
  }

  log(name: string, message: string): void {
    if (this.#json)
      printJson(this.#context, { at: this.#context.now().getTime(), event: 'log', name, message });
    else this.#line(' ', `${pc.dim(name)} ${message}`);
  }

  problem(error: AssetError | null): void {
    const text = error
      ? `The definitions do not load; the last version that loaded stays in use. ${error.message}`
      : 'The definitions load again.';
    if (this.#json)
      printJson(this.#context, {
        at: this.#context.now().getTime(),
        event: 'definitions',
        problem: error?.message ?? null,
      });
    else this.#line(error ? pc.red('✖') : pc.green('✔'), text);
  }

  nothing(): void {
    this.#line('', 'Nothing was due. New schedules, sensors and conditions are watched from now on.');
  }

  end(open: readonly RunRequest[]): void {
    const running = open.filter(({ status }) => status === 'running');
    if (this.#json || running.length === 0) return;
    print(
      this.#context,
      `Stopped. ${running.length === 1 ? 'One run continues' : `${running.length} runs continue`}: see nx-assets runs.`,
    );
  }

  #line(sign: string, text: string): void {
    if (this.#json) return;
    const time = this.#context.now().toTimeString().slice(0, 8);
    print(this.#context, `${pc.dim(time)} ${sign === '' ? ' ' : sign} ${text}`);
  }
}
