import type { Json } from '@nx-assets/core';
import type { Seen } from '@nx-assets/core/automation';
import { mergeRunConfigs } from '@nx-assets/core/config';
import type { Decisions, NewRequest, NewTick } from '@nx-assets/event-log';
import { decideConditions } from './decide-conditions.ts';
import type { Automations, NamedSchedule, NamedSensor } from './definitions.ts';
import { dueOf } from './due.ts';
import type { View } from './view.ts';
import { freeId } from './words.ts';

/** What a look of a sensor came to. */
export type Sensed = { readonly seen: Seen } | { readonly failed: string };

export interface Scene {
  readonly automations: Automations;
  /** What definitions remember, by name. */
  readonly states: ReadonlyMap<string, Json>;
  /** Sensors that have looked since the last turn. */
  readonly sensed: ReadonlyMap<string, Sensed>;
  /** `null` where conditions are not to be asked in this turn. */
  readonly view: View | null;
  /** Ids of requests that are there already. */
  isKnown(id: string): boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What is to be run now, and why; and why nothing is. Pure: what it says is yet to be kept. */
export function decide(scene: Scene): Decisions {
  const { automations } = scene;
  const parts = [
    ...automations.schedules.map((schedule) => decideSchedule(schedule, scene)),
    ...automations.sensors.map((sensor) => decideSensor(sensor, scene)),
    ...(scene.view ? [decideConditions(automations.conditions, { ...scene, view: scene.view })] : []),
  ];
  return {
    states: new Map(parts.flatMap(({ states }) => [...states])),
    ticks: parts.flatMap(({ ticks }) => ticks),
    requests: parts.flatMap(({ requests }) => requests),
  };
}

const NOTHING: Decisions = { states: new Map(), ticks: [], requests: [] };

interface ScheduleState {
  /** Times up to this one have been decided. */
  readonly until: number;
  /** By which clock. */
  readonly by: string;
}

function decideSchedule(schedule: NamedSchedule, { states, isKnown, now }: Scene): Decisions {
  const { name, target } = schedule;
  const state = states.get(name) as ScheduleState | undefined;
  const by = `${schedule.cron} ${schedule.timeZone}`;
  // What would have been due before anybody knew of it is not.
  if (state?.by !== by) return { ...NOTHING, states: new Map([[name, { until: now, by }]]) };
  // The clock was set back. What it shows again and was asked for then has its id, and is not asked for twice.
  if (state.until > now) return { ...NOTHING, states: new Map([[name, { until: now, by }]]) };
  const { run, skipped } = dueOf(schedule, state.until, now);
  if (run.length === 0 && skipped === null) return NOTHING;
  const requests = run
    .map(({ at, because }): NewRequest => ({
      id: `${name}@${new Date(at).toISOString()}`,
      name,
      at,
      because,
      target,
    }))
    .filter(({ id }) => !isKnown(id));
  const tick = (facts: Pick<NewTick, 'at' | 'outcome' | 'because' | 'request'>): NewTick => ({
    name,
    kind: 'schedule',
    detail: null,
    ...facts,
  });
  const until = Math.max(skipped?.at ?? 0, run.at(-1)?.at ?? 0);
  return {
    states: new Map([[name, { until, by }]]),
    requests,
    ticks: [
      ...(skipped ? [tick({ ...skipped, outcome: 'skipped', request: null })] : []),
      ...requests.map(({ id, at, because }) => tick({ at, outcome: 'requested', because, request: id })),
    ],
  };
}

interface SensorState {
  /** What it looked at: what was seen there says nothing of anything else. */
  readonly by: string;
  readonly cursor: Json;
}

const lookOf = ({ watch }: NamedSensor): string => (watch === null ? 'check' : JSON.stringify(watch));

/** What a sensor saw last; `undefined` where it has not looked yet, or looked at something else. */
export function cursorOf(sensor: NamedSensor, state: Json | undefined): Json | undefined {
  const known = state as SensorState | null | undefined;
  return known?.by === lookOf(sensor) ? known.cursor : undefined;
}

function decideSensor(sensor: NamedSensor, { states, sensed, isKnown, now }: Scene): Decisions {
  const { name, target } = sensor;
  const result = sensed.get(name);
  if (!result) return NOTHING;
  const was = cursorOf(sensor, states.get(name));
  const tick = (facts: Pick<NewTick, 'outcome' | 'because' | 'request'>): NewTick => ({
    name,
    kind: 'sensor',
    at: now,
    detail: null,
    ...facts,
  });
  if ('failed' in result) {
    const ticks = [tick({ outcome: 'failed', because: result.failed, request: null })];
    return { ...NOTHING, ticks };
  }
  const { cursor = was ?? null, requests: asked = [], because } = result.seen;
  const time = new Date(now).toISOString();
  const requests: NewRequest[] = [];
  const ticks: NewTick[] = [];
  for (const { id: own, partition, config, because: reason = because ?? '' } of asked) {
    const isTaken = (id: string) => isKnown(id) || requests.some((request) => request.id === id);
    const id = own === undefined ? freeId(`${name}@${time}`, isTaken) : `${name}:${own}`;
    if (isTaken(id)) {
      ticks.push(tick({ outcome: 'skipped', because: `${own} was already requested`, request: null }));
      continue;
    }
    const given = {
      ...target,
      partition: partition ?? target.partition,
      config: config ? mergeRunConfigs([target.config, config]) : target.config,
    };
    requests.push({ id, name, at: now, because: reason, target: given });
    ticks.push(tick({ outcome: 'requested', because: reason, request: id }));
  }
  if (asked.length === 0)
    ticks.push(tick({ outcome: 'nothing', because: because ?? 'unchanged', request: null }));
  // Most looks see what was seen before, and cost no write.
  const isSame = was !== undefined && JSON.stringify(cursor) === JSON.stringify(was);
  const state = { by: lookOf(sensor), cursor };
  return { states: new Map(isSame ? [] : [[name, state]]), requests, ticks };
}
