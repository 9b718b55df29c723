import type { AssetKey, Json } from '@nx-assets/core';
import { type Condition, isOfLatest } from '@nx-assets/core/automation';
import type { PartitionKey } from '@nx-assets/engine';
import type { Decisions, NewRequest, NewTick } from '@nx-assets/event-log';
import type { ConditionedAsset } from './definitions.ts';
import { evaluate, type Evaluation } from './evaluate.ts';
import type { View } from './view.ts';
import { waitsFor } from './waiting.ts';
import { freeId, listText } from './words.ts';

/** What requests of conditions are called: one run brings several assets up to date. */
export const CONDITIONS = 'conditions';

/** What is remembered of an asset with a condition. */
type ConditionState = {
  /** When it was last asked for, or first seen. */
  readonly since: number;
  /** While the condition holds, by partition ('' without): what made it hold when it was asked for, and the request. */
  readonly asked: Readonly<Record<string, readonly [cause: string, request: string]>>;
};

interface Part {
  readonly partition: PartitionKey;
  readonly evaluation: Evaluation;
  /** `again`: it held before, for the same reason, and was asked for then. */
  readonly verdict: 'ask' | 'again' | 'no';
  readonly because: string;
}

export interface ConditionScene {
  readonly states: ReadonlyMap<string, Json>;
  readonly view: View;
  readonly now: number;
  isKnown(id: string): boolean;
}

/**
 * Asks the condition of each asset, and of each of its partitions. What holds for the same reason as when it was last
 * asked for is not asked for again: a run that failed fails again, until something changes. Pure.
 */
export function decideConditions(
  assets: readonly ConditionedAsset[],
  { states, view, now, isKnown }: ConditionScene,
): Decisions {
  const next = new Map<string, Json>();
  const ticks: NewTick[] = [];
  /** Assets that are asked for, by the partitions that are: those with the same ones are one run. */
  const asked = new Map<string, { partition: string | null; because: string[]; assets: AssetKey[] }>();
  const waits = waitsFor(view);
  const pending: { name: AssetKey; parts: readonly Part[]; state: ConditionState | undefined }[] = [];
  for (const { name, condition } of assets) {
    const state = stateOf(states.get(name));
    // A clock that was set back: what it showed before is over.
    const since = Math.min(state?.since ?? now, now);
    const parts = partsOf(name, condition, view).map((partition): Part => {
      const evaluation = evaluate(condition, { key: name, partition }, { view, now, since });
      const wait = evaluation.held ? waits(name, partition) : null;
      if (wait !== null)
        return {
          partition,
          evaluation,
          verdict: 'no',
          because: `${evaluation.because}, and waits for ${wait}`,
        };
      return { partition, evaluation, ...verdictOn(evaluation, state?.asked[partition ?? ''], view) };
    });
    pending.push({ name, parts, state });
    const wanted = parts.filter(({ verdict }) => verdict === 'ask');
    const [first] = wanted;
    if (!first) continue;
    const partition = first.partition === null ? null : wanted.map((part) => part.partition).join(',');
    const group = asked.get(partition ?? '') ?? { partition, because: [], assets: [] };
    group.assets.push(name);
    group.because.push(`${name}: ${first.because}`);
    asked.set(partition ?? '', group);
  }
  const ids = new Set<string>();
  const requests = [...asked.values()].map(({ partition, because, assets: keys }): NewRequest => {
    const id = freeId(requestId(now), (one) => ids.has(one) || isKnown(one));
    ids.add(id);
    const target = { job: null, select: keys.join(' or '), assets: keys, partition, config: {} };
    return { id, name: CONDITIONS, at: now, because: listText(because), target };
  });
  for (const { name, parts, state } of pending) {
    const request = requests.find(({ target }) => target.assets?.includes(name))?.id ?? null;
    const held = parts.flatMap(({ partition, evaluation, verdict }) => {
      const before = state?.asked[partition ?? ''];
      if (verdict === 'no') return [];
      const entry = verdict === 'ask' && request !== null ? ([evaluation.cause, request] as const) : before;
      return entry ? [[partition ?? '', entry] as const] : [];
    });
    const after: ConditionState = {
      since: request === null ? Math.min(state?.since ?? now, now) : now,
      asked: Object.fromEntries(held),
    };
    // Most assets stay as they are, and cost nothing.
    if (!state || JSON.stringify(after) !== JSON.stringify(state)) next.set(name, after);
    ticks.push(tickOf(name, parts, request, now));
  }
  return { states: next, ticks, requests };
}

/** The requests that conditions will ask about: those that they remember, and the one that they may make. */
export const requestsNeeded = (
  assets: readonly ConditionedAsset[],
  { states, now }: Pick<ConditionScene, 'states' | 'now'>,
): string[] => [
  requestId(now),
  ...assets.flatMap(({ name }) => Object.values(stateOf(states.get(name))?.asked ?? {}).map(([, id]) => id)),
];

const requestId = (now: number): string => `${CONDITIONS}@${new Date(now).toISOString()}`;

/** Something else may have had that name before. */
function stateOf(state: Json | undefined): ConditionState | undefined {
  const known = state as Partial<ConditionState> | null | undefined;
  return known?.asked ? (known as ConditionState) : undefined;
}

/** The partitions that are worth asking; `null` for an asset that has none. */
function partsOf(key: AssetKey, condition: Condition, view: View): readonly PartitionKey[] {
  const { partitioning } = view;
  const set = partitioning.set(key);
  if (!set || !isOfLatest(condition)) return partitioning.partitionsOf(key);
  const latest = set.keys.findLast((one) => set.windowOf(one) !== null);
  const end = latest === undefined ? undefined : set.windowOf(latest)?.end.getTime();
  return end === undefined ? set.keys : set.keys.filter((one) => set.windowOf(one)?.end.getTime() === end);
}

function verdictOn(
  { held, because, cause }: Evaluation,
  before: readonly [cause: string, request: string] | undefined,
  view: View,
): Pick<Part, 'verdict' | 'because'> {
  if (!held) return { verdict: 'no', because };
  if (!before) return { verdict: 'ask', because };
  const [was, request] = before;
  const status = view.requested(request);
  // Its run may still take in what has changed since. When it has ended, one can tell.
  if (status === 'pending' || status === 'running')
    return { verdict: 'again', because: `${because}: it is asked for already` };
  if (was !== cause) return { verdict: 'ask', because };
  switch (status) {
    // Nobody knows what became of it.
    case 'lost':
      return { verdict: 'ask', because: `${because}, and the run that was asked for is lost` };
    case null:
      return { verdict: 'again', because: `${because}: it was asked for, and nothing has changed since` };
    default:
      return {
        verdict: 'again',
        because: `${because}: it was asked for and ${status}; nothing has changed since`,
      };
  }
}

function tickOf(name: AssetKey, parts: readonly Part[], request: string | null, now: number): NewTick {
  const wanted = parts.filter(({ verdict }) => verdict === 'ask');
  const told =
    wanted[0] ??
    parts.find(({ verdict }) => verdict === 'again') ??
    // What waits has more to say than what has no reason to.
    parts.find(({ evaluation }) => evaluation.held) ??
    parts[0];
  const names = listText(wanted.map(({ partition }) => partition ?? ''));
  const where =
    told?.partition == null
      ? ''
      : wanted.length > 0
        ? `${names}: `
        : parts.length > 1
          ? `none of ${parts.length} partitions, for example ${told.partition}: `
          : `${told.partition}: `;
  const because = told ? `${where}${told.because}` : 'it has no partitions yet';
  return {
    name,
    kind: 'condition',
    at: now,
    outcome: request === null ? 'nothing' : 'requested',
    because,
    detail: told ? (told.evaluation as unknown as Json) : null,
    request,
  };
}
