import type { AnyAsset } from './asset-model.ts';
import { type ScheduleTimes, toScheduleSpec } from './automation/schedule-times.ts';
import type { Json } from './json.ts';
import type { DefinitionScope, NamedDefinition } from './definition.ts';
import { AssetError } from './diagnostics.ts';
import { type Hook, hookName, isMessenger } from './hook.ts';
import type { JobFacts, OpFacts } from './job-manifest.ts';
import { type AnyOp, isOp } from './op.ts';
import { chosenBy, textOf } from './selected.ts';
import { parseSelection } from './selection/index.ts';
import type { GivenAfter, Wired } from './wiring.ts';

/** A saved selection, with what comes before and after it. Named by its export, like an asset. */
export interface Job extends NamedDefinition<JobFacts> {
  readonly type: 'job';
  readonly before: readonly AnyOp[];
  readonly after: readonly AnyOp[];
  readonly onSuccess: readonly Hook[];
  readonly onFailure: readonly Hook[];
  describe(scope: DefinitionScope): JobFacts;
}

/** Assets in words, or imported. */
export type JobSelection = string | AnyAsset | readonly (string | AnyAsset)[];

export interface JobDefinition<B extends readonly AnyOp[], A extends readonly AnyOp[]> {
  /** One sentence: what it is for. */
  readonly description: string;
  /** Which assets it brings up to date, with what they need: the language of selections, or imported assets. */
  readonly select?: JobSelection;
  /** Ops that come first, one after another. */
  readonly before?: B & Wired<B, unknown>;
  /** Ops that come last, one after another. They take what all ops before them gave. */
  readonly after?: A & Wired<A, GivenAfter<B, unknown>>;
  /** The partitions that its assets are run for, as a command line names them: `latest`, a key, a range, a list. */
  readonly partition?: string;
  /** What its run gives to assets: fields by asset key, checked before anything starts. */
  readonly config?: { readonly [key: `${string}/${string}`]: { readonly [field: string]: Json } };
  /** When it is due, and what becomes of times that nobody watched. `automation serve` fires it. */
  readonly schedule?: ScheduleTimes;
  /** Told when it has succeeded. */
  readonly onSuccess?: readonly Hook[];
  /** Told when it has failed. */
  readonly onFailure?: readonly Hook[];
}

/**
 * Defines a job. Cheap and pure: it only checks and keeps what it is given.
 *
 * Throws `JOB_INVALID`, `SELECTION_INVALID` and, of its schedule, `AUTOMATION_INVALID`.
 */
export function job<
  const B extends readonly AnyOp[] = readonly [],
  const A extends readonly AnyOp[] = readonly [],
>(definition: JobDefinition<B, A>): Job {
  const { description, before = [], after = [], onSuccess = [], onFailure = [] } = definition;
  if (!description?.trim()) throw new AssetError('JOB_INVALID', 'A job has no description.');
  const ops = [...before, ...after] as readonly AnyOp[];
  checkOps(ops);
  checkHooks([...onSuccess, ...onFailure]);
  const { select: chosen, partition = null, config = {} } = definition;
  const words = [chosen ?? []].flat() as readonly (string | AnyAsset)[];
  if (words.length === 0 && ops.length === 0) {
    throw new AssetError('JOB_INVALID', 'A job has neither assets nor ops.', {
      remedy: 'Give it `select`, `before` or `after`.',
    });
  }
  // Wrong words are found here, where the author's line is on the stack.
  for (const word of words) if (typeof word === 'string') parseSelection(word);
  const schedule = definition.schedule ? toScheduleSpec(definition.schedule) : null;
  return Object.freeze({
    type: 'job',
    description: description.trim(),
    before: before as readonly AnyOp[],
    after: after as readonly AnyOp[],
    onSuccess,
    onFailure,
    describe(scope: DefinitionScope): JobFacts {
      const text = textOf(words, scope);
      return {
        type: 'job',
        select: text,
        assets: text === '' ? [] : chosenBy(text, scope),
        before: (before as readonly AnyOp[]).map((op) => factsOf(op, scope)),
        after: (after as readonly AnyOp[]).map((op) => factsOf(op, scope)),
        partition,
        config,
        schedule,
        onSuccess: onSuccess.map(hookName),
        onFailure: onFailure.map(hookName),
        secrets: secretsOf(ops, [...onSuccess, ...onFailure]),
      };
    },
  } as const);
}

function checkOps(ops: readonly AnyOp[]): void {
  const names = new Set<string>();
  for (const op of ops) {
    if (!isOp(op)) {
      const what = (op as unknown) === undefined ? 'undefined' : 'not an op';
      throw new AssetError('JOB_INVALID', `Among the ops of a job is one that is ${what}.`, {
        remedy: 'An op is what `op({…})` gives. If an import is undefined, two files import each other.',
      });
    }
    if (names.has(op.name)) {
      throw new AssetError('JOB_INVALID', `The op ${op.name} is there twice.`, {
        remedy: 'Give one of them another name.',
      });
    }
    names.add(op.name);
  }
}

function checkHooks(hooks: readonly unknown[]): void {
  if (hooks.every((hook) => typeof hook === 'function' || isMessenger(hook))) return;
  throw new AssetError(
    'JOB_INVALID',
    'Among the hooks of a job is one that is neither a function nor a webhook.',
  );
}

const factsOf = ({ name, description, deps, control }: AnyOp, { keyOf }: DefinitionScope): OpFacts => ({
  name,
  description,
  deps: Object.fromEntries(Object.entries(deps).map(([alias, dep]) => [alias, keyOf(dep)])),
  control,
});

const secretsOf = (ops: readonly AnyOp[], hooks: readonly Hook[]): readonly string[] =>
  [...new Set([...ops, ...hooks.filter(isMessenger)].flatMap(({ secrets }) => secrets))].sort();
