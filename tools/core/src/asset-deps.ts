import type { AnyAsset } from './asset-model.ts';
import type { PartitionOptions } from './asset-partitions.ts';
import { AssetError } from './diagnostics.ts';
import { isPrevious, type Previous } from './partitions/previous.ts';

/** What a definition may depend on, by the name that `materialize` sees. */
export type DepsGiven = { readonly [alias: string]: AnyAsset | Previous };

interface DepOptions extends PartitionOptions {
  readonly deps?: DepsGiven | undefined;
}

/** The deps that are assets, and the alias of the own partition before; `null` where it is not asked for. */
export function splitDeps(options: DepOptions): {
  readonly deps: Readonly<Record<string, AnyAsset>>;
  readonly previous: string | null;
} {
  const deps: Record<string, AnyAsset> = {};
  const aliases: string[] = [];
  for (const [alias, dep] of Object.entries(options.deps ?? {})) {
    if (isPrevious(dep)) aliases.push(alias);
    else deps[alias] = dep;
  }
  const problem = aliases.length > 0 ? problemOf(options, aliases) : null;
  if (problem !== null) throw new AssetError('ASSET_OPTION_INVALID', problem);
  return { deps, previous: aliases[0] ?? null };
}

function problemOf({ partitions, backfill }: PartitionOptions, aliases: readonly string[]): string | null {
  if (aliases.length > 1)
    return `There is one partition before, and ${aliases.join(' and ')} are both previous().`;
  if (backfill === 'single-run')
    return 'A backfill in a single run makes many partitions at once: with previous() each waits for the one before.';
  switch (partitions?.spec.kind) {
    case undefined:
      return 'previous() is the partition before, and the asset has no `partitions`.';
    case 'product':
      return 'previous() is the partition before, and partitions in two dimensions have no order.';
    case 'dynamic':
      return 'previous() is the partition before, and dynamic partitions have no order that lasts.';
    default:
      return null;
  }
}
