import { type AssetKey, type AssetManifest, partitionName } from '@nx-assets/core';
import { type Condition, lastTimes } from '@nx-assets/core/automation';
import { inputsOf, type PartitionKey } from '@nx-assets/engine';
import { listText, timeText } from './words.ts';
import type { View } from './view.ts';

/** A condition, whether it held, and why: as a tree of the same shape. */
export interface Evaluation {
  readonly kind: Condition['kind'];
  readonly held: boolean;
  readonly because: string;
  /** What made it hold, so that the same is not acted upon twice; '' where that is not known by itself. */
  readonly cause: string;
  readonly of?: readonly Evaluation[];
}

export interface Subject {
  readonly key: AssetKey;
  readonly partition: PartitionKey;
}

export interface EvaluationScene {
  readonly view: View;
  readonly now: number;
  /** When the asset was last asked for, or first seen: times that a clock has shown since count. */
  readonly since: number;
}

/** Whether a condition holds of an asset, or a partition of it. Looks at all parts: the whole reason is worth knowing. Pure. */
export function evaluate(condition: Condition, subject: Subject, scene: EvaluationScene): Evaluation {
  const { view } = scene;
  const isThere = exists(subject, view);
  const leaf = (held: boolean, because: string, cause = ''): Evaluation => ({
    kind: condition.kind,
    held,
    because,
    cause: held ? cause : '',
  });
  switch (condition.kind) {
    case 'missing':
      if (!isThere) return leaf(true, 'it does not exist yet', 'not there');
      return view.made(subject.key, subject.partition) === null
        ? leaf(true, 'it is missing', `missing ${ingredientsOf(subject, view)}`)
        : leaf(false, 'it exists');
    case 'data-changed':
      return dataChanged(subject, scene, leaf);
    case 'code-changed': {
      const made = isThere ? view.made(subject.key, subject.partition) : null;
      const version = view.manifest(subject.key)?.code.version ?? '';
      return made !== null && made.codeVersion !== version
        ? leaf(true, 'its code has changed', `code ${version}`)
        : leaf(false, 'its code is unchanged');
    }
    case 'in-progress': {
      const maker = isThere ? view.maker(subject.key, subject.partition) : null;
      return maker === null ? leaf(false, 'nothing is making it') : leaf(true, `${maker} is making it`);
    }
    case 'latest-window':
      return latestWindow(subject, view, leaf);
    case 'cron': {
      const [last] = lastTimes(condition, scene.since, scene.now, 1);
      const zone = condition.timeZone;
      return last === undefined
        ? leaf(false, `it is not ${condition.cron} (${zone}) yet`)
        : leaf(true, `it was due ${timeText(last, zone)}`, `at ${last}`);
    }
    case 'any-upstream':
    case 'all-upstreams':
      return upstreams(condition, subject, scene);
    case 'not': {
      const inner = evaluate(condition.of, subject, scene);
      return { kind: 'not', held: !inner.held, because: inner.because, cause: '', of: [inner] };
    }
    case 'and':
    case 'or': {
      const of = condition.of.map((part) => evaluate(part, subject, scene));
      const held = condition.kind === 'and' ? of.every((part) => part.held) : of.some((part) => part.held);
      // What decided it: all that held, or all that did not.
      const deciding = of.filter((part) => part.held === held);
      const cause = held ? joined(deciding.map((part) => part.cause)) : '';
      // Where it holds, what has a cause says more than that nobody makes it.
      const telling = held && cause !== '' ? deciding.filter((part) => part.cause !== '') : deciding;
      const because = isUnchanged(condition, held) ? `unchanged: ${sentence(telling)}` : sentence(telling);
      return { kind: condition.kind, held, because, cause, of };
    }
  }
}

/** A partition that is needed may not exist, though a file of that name does. */
function exists({ key, partition }: Subject, { partitioning }: View): boolean {
  return partition === null || (partitioning.set(key)?.has(partition) ?? false);
}

type Leaf = (held: boolean, because: string, cause?: string) => Evaluation;

/** What it would be made from: a run that failed may succeed with other data, or other code. */
function ingredientsOf({ key, partition }: Subject, view: View): string {
  const manifest = view.manifest(key);
  const inputs = manifest ? Object.values(inputsNow(manifest, partition, view)) : [];
  const versions = inputs.map(({ key: dep, dataVersion }) => `${dep}=${dataVersion ?? 'none'}`);
  return [`code ${manifest?.code.version ?? ''}`, ...versions].join(' ');
}

const inputsNow = (manifest: AssetManifest, partition: PartitionKey, view: View) =>
  inputsOf(manifest, partition, view.partitioning, (dep, part) => view.made(dep, part)?.dataVersion ?? null);

function dataChanged({ key, partition }: Subject, { view }: EvaluationScene, leaf: Leaf): Evaluation {
  const manifest = view.manifest(key);
  const made = view.made(key, partition);
  if (!manifest || made === null) return leaf(false, 'it has not been made yet');
  const changed = Object.entries(inputsNow(manifest, partition, view)).filter(
    ([alias, { key: dep, dataVersion }]) => {
      const was = made.inputs[alias];
      // What is missing has not changed: nothing can be made from it.
      return dataVersion !== null && (was?.key !== dep || was.dataVersion !== dataVersion);
    },
  );
  if (changed.length === 0) return leaf(false, 'the data of its upstreams is unchanged');
  const names = listText(changed.map(([, { key: dep }]) => dep));
  const versions = changed.map(([, { key: dep, dataVersion }]) => `${dep}=${dataVersion}`);
  return leaf(true, `the data of ${names} has changed`, versions.join(' '));
}

function latestWindow({ key, partition }: Subject, { partitioning }: View, leaf: Leaf): Evaluation {
  const set = partitioning.set(key);
  const latest = set?.keys.findLast((one) => set.windowOf(one) !== null);
  if (!set || latest === undefined || partition === null) return leaf(true, 'it is not cut by time');
  const end = (one: string) => set.windowOf(one)?.end.getTime() ?? 0;
  return end(partition) >= end(latest)
    ? leaf(true, `${partition} is the latest window`)
    : leaf(false, `${latest} is the latest window`);
}

function upstreams(
  condition: Extract<Condition, { kind: 'any-upstream' | 'all-upstreams' | 'not' }>,
  { key, partition }: Subject,
  scene: EvaluationScene,
): Evaluation {
  const { view } = scene;
  const manifest = view.manifest(key);
  const subjects = Object.entries(manifest?.deps ?? {}).flatMap(([alias, dep]): Subject[] => {
    const parts = manifest ? view.partitioning.upstream(manifest, alias, partition) : null;
    if (!manifest || parts === null) return [{ key: dep, partition: null }];
    const missing = view.partitioning.missing(manifest, alias, partition);
    return [...parts, ...missing].map((part) => ({ key: dep, partition: part }));
  });
  const found = subjects.map((subject) => [subject, evaluate(condition.of, subject, scene)] as const);
  const isAny = condition.kind === 'any-upstream';
  const held = isAny ? found.some(([, one]) => one.held) : found.every(([, one]) => one.held);
  const deciding = found.filter(([, one]) => one.held === held);
  const cause = held ? joined(deciding.map(([, one]) => one.cause)) : '';
  if (found.length === 0) return { kind: condition.kind, held, because: 'it has no upstreams', cause };
  const name = ({ key, partition }: Subject) => partitionName(key, partition);
  const reasons = [...Map.groupBy(deciding, ([, { because }]) => because)].map(([reason, ones]) => {
    const isAll = found.length > 1 && ones.length === found.length;
    const of = isAll ? 'each upstream' : listText(ones.map(([one]) => name(one)));
    return `of ${of}: ${reason}`;
  });
  const because = listText(reasons);
  return { kind: condition.kind, held, because, cause };
}

const CHANGES: ReadonlySet<Condition['kind']> = new Set(['missing', 'data-changed', 'code-changed']);

const isUnchanged = ({ kind, of }: Extract<Condition, { kind: 'and' | 'or' }>, held: boolean): boolean =>
  !held && kind === 'or' && of.every((part) => CHANGES.has(part.kind));

const joined = (causes: readonly string[]): string =>
  [...new Set(causes.filter((cause) => cause !== ''))].sort().join('; ');

/** Why, in one sentence. What was looked at and is as it was is said in one go. */
function sentence(parts: readonly Evaluation[]): string {
  return listText([...new Set(parts.map(({ because }) => because))], 6);
}
