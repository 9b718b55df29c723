import type { RunRequest, Tick } from '@nx-assets/event-log';
import type { Automations } from '../definitions.ts';
import { nextTime, type WatchFacts } from '@nx-assets/core/automation';
import { describeCondition } from '@nx-assets/workspace/describe-condition';

export interface Line {
  readonly name: string;
  readonly kind: Tick['kind'];
  readonly description: string;
  /** When it is asked. */
  readonly when: string;
  /** When it is due next, ISO 8601; `null` where that is not a matter of the clock. */
  readonly nextAt: string | null;
  readonly last: Tick | null;
  /** What became of what it asked for. */
  readonly request: Pick<RunRequest, 'status' | 'problem'> | null;
}

/** Everything that runs by itself, with what it came to last. */
export function linesOf(
  { schedules, sensors, conditions }: Automations,
  last: ReadonlyMap<string, Tick>,
  requests: ReadonlyMap<string, RunRequest>,
  now: number,
): Line[] {
  const line = (
    { name, description = '' }: { readonly name: string; readonly description?: string },
    kind: Tick['kind'],
    when: string,
    next: number | null,
  ): Line => {
    const tick = last.get(name) ?? null;
    const request = tick?.request ? (requests.get(tick.request) ?? null) : null;
    return {
      name,
      kind,
      description,
      when,
      nextAt: next === null || next === Infinity ? null : new Date(next).toISOString(),
      last: tick,
      request: request && { status: request.status, problem: request.problem },
    };
  };
  return [
    ...schedules.map((one) => line(one, 'schedule', `${one.cron} ${one.timeZone}`, nextTime(one, now))),
    ...sensors.map((one) =>
      line(one, 'sensor', `${describeWatch(one.watch)}, every ${span(one.every)}`, null),
    ),
    ...conditions.map((one) => line(one, 'condition', describeCondition(one.condition), null)),
  ];
}

function describeWatch(watch: WatchFacts | null): string {
  switch (watch?.kind) {
    case undefined:
      return 'a function';
    case 'files':
      return `files ${watch.pattern}`;
    case 'url':
      return watch.address;
    case 'asset':
      return `${watch.each === 'change' ? 'changes' : 'materializations'} of ${watch.asset}`;
    case 'runs':
      return `runs${watch.job ? ` of ${watch.job}` : ''}: ${watch.status.join(', ')}`;
  }
}

/** `10s`, `15m`: as it is written in the definition. */
function span(milliseconds: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
  ] as const;
  const unit = units.find(([size]) => milliseconds % size === 0);
  return unit ? `${milliseconds / unit[0]}${unit[1]}` : `${milliseconds / 1_000}s`;
}
