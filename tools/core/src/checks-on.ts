import { z } from 'zod';
import type { AnyAsset, Asset, Deps, ValueOf } from './asset-model.ts';
import { asset } from './asset.ts';
import { checkChecks } from './asset-checks.ts';
import type { Check } from './asset-model.ts';
import type { CheckFunction } from './check-model.ts';
import type { Json } from './json.ts';
import { AssetError } from './diagnostics.ts';
import type { Table } from './table.ts';

/** What came of checks, as the value of an asset of its own. */
const CheckResults = z.array(
  z.object({
    name: z.string(),
    description: z.string(),
    severity: z.enum(['warn', 'error']),
    passed: z.boolean(),
    facts: z.record(z.string(), z.unknown()),
    rows: z.array(z.unknown()),
  }),
);

/** What checks of an asset look at: one row, the document, or the file. */
type CheckedIn<A> = ValueOf<A> extends Table<infer Row> ? Row : ValueOf<A>;

export interface ChecksOnOptions<A extends AnyAsset, D extends Deps> {
  /** The asset that is checked: one's own, or another team's. */
  readonly on: A;
  /** One sentence: what must hold, and for whom. */
  readonly description: string;
  readonly checks: readonly (Check<CheckedIn<A>> | CheckFunction<ValueOf<A>>)[];
  /** The assets that checks refer to. */
  readonly deps?: D;
  /** Files of the workspace that functions among the checks open, as in `asset()`. */
  readonly reads?: readonly string[];
  /**
   * Whether what depends on the asset waits for these checks, and does not run when one of severity `error` does not
   * pass. Default: `false`, since it is somebody else's pipeline that stops.
   */
  readonly blocking?: boolean;
  readonly owners?: readonly string[];
  readonly tags?: readonly string[];
  readonly metadata?: { readonly [name: string]: Json };
}

/**
 * Checks on an asset that somebody else defines. They are an asset of their own: with an owner, a target, a record and a
 * history. They run when the data that they look at has changed, and after it was published.
 *
 * Throws `ASSET_OPTION_INVALID` as `asset` does.
 */
export function checksOn<A extends AnyAsset, const D extends Deps = Record<never, never>>(
  options: ChecksOnOptions<A, D>,
): Asset<z.output<typeof CheckResults>> {
  const { on, checks: given, deps, blocking = false, ...rest } = options;
  if (given.length === 0) throw new AssetError('ASSET_OPTION_INVALID', 'checksOn() has no checks.');
  const made = asset({
    ...rest,
    kind: 'check',
    deps: { ...deps, [CHECKED]: on } as Deps,
    value: CheckResults,
    materialize: () => [],
  });
  const checks = checkChecks({ checks: given as never, output: on.output, deps: made.deps });
  return Object.freeze({ ...made, checks, checked: { isBlocking: blocking } });
}

/** The alias of the asset that is checked. No name that anybody chooses has a space. */
export const CHECKED = 'checked asset';
