import {
  type AnyAsset,
  AssetError,
  assetKey,
  type CheckResult,
  type FileValue,
  type Json,
  type Resource,
  type Resources,
  type RowOf,
  type Table,
  type ValueOf,
} from '@nx-assets/core';
import { outputOf } from '@nx-assets/engine/execution';
import type { AssetRecord } from '@nx-assets/storage/records';
import type { z } from 'zod';
import { StepRig, type StepRigInput, type StepRigOptions } from './step-rig.ts';
import { asLiteral, type LiteralOf } from './literal.ts';

type Assets = readonly AnyAsset[];

type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer Both) => void
  ? Both
  : never;

type Literals<A> = A extends AnyAsset ? { readonly [K in keyof A['deps']]: LiteralOf<A['deps'][K]> } : never;

/** Literals for the deps of the assets: for all of one alone, and for those of several that are not among them. */
type InputsFor<L extends Assets> = L extends readonly [infer Only]
  ? Literals<Only>
  : Partial<All<Literals<L[number]>>>;

type ClientOf<R> = R extends Resource<infer Client> ? Client : never;

type Clients<R extends Resources> = {
  readonly [K in keyof R]?: Partial<ClientOf<R[K]>> | Resource<ClientOf<R[K]>>;
};

type ClientsFor<L extends Assets> = All<
  L[number] extends infer A ? (A extends AnyAsset ? Clients<A['resources']> : never) : never
>;

type ConfigFields<A> = A extends { readonly config: infer C extends z.ZodObject } ? z.input<C> : unknown;

export interface MaterializeOptions<L extends Assets> extends StepRigOptions {
  /** What the assets depend on: rows, a value or a text, by the alias of the dep. */
  readonly inputs?: InputsFor<L>;
  /** Clients in place of those that resources would open, or other resources. */
  readonly resources?: ClientsFor<L>;
  /** What a run gives: each asset takes the fields that it has. */
  readonly config?: Partial<All<ConfigFields<L[number]>>>;
  /** Which partition to make of assets that have some. Literals for deps with partitions are those that it reads. */
  readonly partition?: string;
  /** What the partition before holds, for one asset that has `previous()`. Default: there is none before. */
  readonly previous?: L extends readonly [infer Only] ? LiteralOf<Only> : never;
}

/** What came out: rows of a table, the value of a JSON document, the text of a file. */
export type Materialized<A> = {
  readonly record: AssetRecord;
  readonly logs: readonly string[];
  readonly checks: readonly CheckResult[];
} & (ValueOf<A> extends Table<unknown>
  ? { readonly rows: readonly RowOf<A>[] }
  : ValueOf<A> extends FileValue
    ? { readonly text: string; readonly bytes: Buffer; readonly path: string }
    : { readonly value: ValueOf<A> });

/**
 * Materializes assets, those first that others of them depend on, through the same steps as a real run: schemas, checks,
 * Parquet and records included. What they need besides comes from `inputs`. Works in a temporary folder that is gone
 * afterwards, and gives what came of each, in the order of the list.
 *
 * Rejects with what a step rejects with, and with `UPSTREAM_MISSING` where nobody gives a dep.
 */
export async function materialize<const L extends Assets>(
  assets: L,
  options: MaterializeOptions<L> = {},
): Promise<{ readonly [I in keyof L]: Materialized<L[I]> }> {
  const bench = new StepRig(options);
  const literals = (options.inputs ?? {}) as Readonly<Record<string, unknown>>;
  const given = (options.resources ?? {}) as Readonly<Record<string, unknown>>;
  const config = (options.config ?? {}) as Readonly<Record<string, Json>>;
  const made = new Map<AnyAsset, Promise<AssetRecord>>();
  const logs = new Map<AnyAsset, string[]>();

  const literalOf = (alias: string, dep: AnyAsset): Promise<AssetRecord> => {
    if (literals[alias] === undefined) {
      throw new AssetError(
        'UPSTREAM_MISSING',
        `The dep "${alias}" is not among the assets, and no input gives it.`,
        {
          remedy: 'Give it among the inputs, or put its asset on the list.',
        },
      );
    }
    const chosen = options.partition === undefined ? {} : { partition: options.partition };
    return bench.step(`input_${made.size}_${alias}`, asLiteral(dep, literals[alias]), chosen);
  };
  const previousOf = async (asset: AnyAsset): Promise<StepRigInput> => {
    const { previous: literal, partition = '' } = options;
    const record =
      literal === undefined ? null : await bench.step('previous', asLiteral(asset, literal), { partition });
    return { record, partitioned: outputOf(asset, record?.key ?? assetKey('test', 'previous')) };
  };
  const make = async (asset: AnyAsset): Promise<AssetRecord> => {
    const inputs: Record<string, StepRigInput> = {};
    for (const [alias, dep] of Object.entries(asset.deps)) {
      // A mapping makes another object of an asset.
      const one = dep.mapped?.asset ?? dep;
      if (!made.has(one)) made.set(one, assets.includes(one) ? make(one) : literalOf(alias, one));
      const record = await (made.get(one) as Promise<AssetRecord>);
      inputs[alias] = { record, partitioned: dep.partitions ? outputOf(dep, record.key) : null };
    }
    if (asset.previous !== undefined) inputs[asset.previous] = await previousOf(asset);
    const { clients, resources } = standIns(asset, given);
    const fields = Object.entries(config).filter(([name]) => name in (asset.config?.shape ?? {}));
    const own: string[] = [];
    logs.set(asset, own);
    const name = assets.length === 1 ? 'asset' : `asset_${assets.indexOf(asset) + 1}`;
    const { partition } = options;
    if (asset.partitions && partition === undefined) {
      throw new AssetError('PARTITION_UNKNOWN', 'An asset is cut into partitions, and none was given.', {
        remedy: "Say which one to make: `{ partition: '2026-03-01' }`.",
      });
    }
    const chosen = partition === undefined ? {} : { partition };
    const step = { inputs, clients, config: Object.fromEntries(fields), logs: own, ...chosen };
    return bench.step(name, { ...asset, resources }, step);
  };

  try {
    const results: object[] = [];
    for (const asset of assets) {
      if (!made.has(asset)) made.set(asset, make(asset));
      const record = await (made.get(asset) as Promise<AssetRecord>);
      results.push({
        record,
        logs: logs.get(asset) ?? [],
        checks: record.checks,
        ...(await bench.read(record)),
      });
    }
    return results as unknown as { readonly [I in keyof L]: Materialized<L[I]> };
  } finally {
    await bench.close();
  }
}

/** The same for one asset alone, with literals for everything that it depends on. */
export async function materializeOne<A extends AnyAsset>(
  definition: A,
  options: MaterializeOptions<readonly [A]> = {},
): Promise<Materialized<A>> {
  const [result] = await materialize<readonly [A]>([definition], options);
  return result;
}

/** Which resources are opened, and which clients stand in for the others. */
function standIns({ resources }: AnyAsset, given: Readonly<Record<string, unknown>>) {
  const names = Object.keys(resources).filter((name) => Object.hasOwn(given, name));
  const others = names.filter((name) => isResource(given[name]));
  const clients = names.filter((name) => !others.includes(name)).map((name) => [name, given[name]] as const);
  const opened = others.map((name) => [name, given[name]] as const);
  return {
    clients: Object.fromEntries(clients),
    resources: { ...resources, ...Object.fromEntries(opened) } as Resources,
  };
}

function isResource(value: unknown): value is Resource<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { open, env, secrets } = value as Partial<Resource<unknown>>;
  return typeof open === 'function' && Array.isArray(env) && Array.isArray(secrets);
}
