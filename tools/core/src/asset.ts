import type { z } from 'zod';
import { checkChecks } from './asset-checks.ts';
import { type DepsGiven, splitDeps } from './asset-deps.ts';
import type { AssetDefinition, OneValue, ResultOf, ValueFrom } from './asset-definition.ts';
import { type Asset, isAsset, type Upstream, type ValueOf } from './asset-model.ts';
import { outputOf } from './asset-output.ts';
import { backfillOf, checkPartitions } from './asset-partitions.ts';
import { checkReads } from './asset-reads.ts';
import { type Condition, conditionProblem } from './automation/condition.ts';
import { toControl } from './control.ts';
import { AssetError } from './diagnostics.ts';
import { toFreshness } from './freshness.ts';
import type { Partitions } from './partitions/partitions.ts';
import type { Previous } from './partitions/previous.ts';
import { checkNames, type Resources } from './resource.ts';

/**
 * Defines an asset. Cheap and pure: it only checks and keeps what it is given.
 *
 * Throws `AssetError` (`ASSET_DESCRIPTION_MISSING`, `ASSET_VALUE_AMBIGUOUS`, `ASSET_DEP_INVALID`,
 * `ASSET_OPTION_INVALID`) when the definition is wrong.
 */
export function asset<
  const D extends DepsGiven = Record<never, never>,
  const R extends Resources = Record<never, never>,
  S extends z.ZodObject | undefined = undefined,
  V extends z.ZodType | undefined = undefined,
  P extends Partitions | undefined = undefined,
  C extends z.ZodObject | undefined = undefined,
>(
  definition: AssetDefinition<D, R, S, V, P, C> & OneValue<S, V>,
): Asset<ValueFrom<S, V, P>, Upstreams<D>, R, ResultOf<S, V>, SchemaOf<C>> {
  if (!definition.description?.trim()) {
    throw new AssetError('ASSET_DESCRIPTION_MISSING', 'An asset has no description.');
  }
  const { deps, previous } = splitDeps(definition);
  for (const [alias, dep] of Object.entries(deps)) {
    if (!isAsset(dep)) {
      const what = (dep as unknown) === undefined ? 'undefined' : 'not an asset';
      throw new AssetError('ASSET_DEP_INVALID', `The dep "${alias}" is ${what}.`);
    }
  }
  if (definition.config) checkNames(definition.config);
  const output = outputOf(definition);
  checkPartitions(definition, output);
  checkAutomation(definition.automation);
  return Object.freeze({
    type: 'asset',
    description: definition.description.trim(),
    kind: definition.kind ?? 'node',
    deps: Object.freeze(deps) as unknown as Upstreams<D>,
    ...(previous === null ? {} : { previous }),
    resources: Object.freeze({ ...definition.resources }) as R,
    config: (definition.config ?? null) as SchemaOf<C>,
    output,
    owners: definition.owners ?? [],
    tags: definition.tags ?? [],
    metadata: definition.metadata ?? {},
    env: definition.env ?? [],
    reads: checkReads(definition.reads),
    secrets: definition.secrets ?? [],
    freshness: definition.freshness ? toFreshness(definition.freshness) : null,
    isExternal: definition.isExternal ?? false,
    preview: definition.preview ?? true,
    checks: checkChecks({ checks: definition.checks, output, deps }),
    checked: null,
    control: toControl(definition),
    retryOn: definition.retry?.on ?? null,
    partitions: definition.partitions ?? null,
    backfill: backfillOf(definition, output),
    ...(definition.automation ? { automation: definition.automation } : {}),
    materialize: definition.materialize as unknown as Asset<
      unknown,
      Upstreams<D>,
      R,
      ResultOf<S, V>
    >['materialize'],
  } as const);
}

// Not exported, so that declarations have the deps of an asset and not its whole lineage.
type Upstreams<D extends DepsGiven> = {
  readonly [K in keyof D as D[K] extends Previous ? never : K]: Upstream<ValueOf<D[K]>>;
};

type SchemaOf<C> = C extends z.ZodObject ? C : null;

function checkAutomation(automation: Condition | undefined): void {
  const problem = automation === undefined ? null : conditionProblem(automation);
  if (problem !== null) throw new AssetError('AUTOMATION_INVALID', problem);
}
