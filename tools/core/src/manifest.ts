import type { Backfill, Check } from './asset-model.ts';
import type { Condition } from './automation/condition.ts';
import type { Json } from './json.ts';
import type { Control } from './control.ts';
import type { Freshness } from './freshness.ts';
import type { AssetKey } from './key.ts';
import type { Mapping } from './partitions/mapping-spec.ts';
import type { PartitionSpec } from './partitions/spec.ts';
import type { ResourceConfig } from './resource.ts';
import type { Column } from './table.ts';

/** An asset as data: what every command needs to know of a definition without loading it. */
export interface AssetManifest {
  readonly key: AssetKey;
  readonly description: string;
  readonly kind: string;
  /** Alias to key. */
  readonly deps: Readonly<Record<string, AssetKey>>;
  readonly output: OutputManifest;
  readonly owners: readonly string[];
  readonly tags: readonly string[];
  readonly metadata: { readonly [name: string]: Json };
  /** Names of the environment variables that its data depends on, its resources' included. */
  readonly env: readonly string[];
  /** Those of them that nobody may read. */
  readonly secrets: readonly string[];
  /** Patterns of the files that it opens by path, from the workspace root; absent where there are none. */
  readonly reads?: readonly string[];
  /** How old the data that it is made from may get. */
  readonly freshness: Freshness | null;
  /** Made elsewhere: its value says what was seen there. */
  readonly isExternal: boolean;
  readonly preview: boolean;
  readonly checks: readonly CheckManifest[];
  /** The asset that these checks are on, where it is not this one. */
  readonly checked: AssetKey | null;
  /** Checks that must have passed before it runs. They decide nothing of its data. */
  readonly blockingChecks: readonly AssetKey[];
  readonly control: Control;
  /** How it is cut into parts; `null` where it is one. */
  readonly partitions: PartitionSpec | null;
  /** For each dep that has partitions, which of them a partition is made from. */
  readonly mappings: Readonly<Record<string, Mapping>>;
  /** The alias under which a partition gets the one before; absent where it does not. */
  readonly previous?: string;
  readonly backfill: Backfill | null;
  /** Absent where nothing is configured. */
  readonly config?: ConfigManifest;
  /** All assets that its function makes, sorted, itself among them; absent where it makes one. */
  readonly siblings?: readonly AssetKey[];
  /** When it brings itself up to date; absent where it waits to be asked. */
  readonly automation?: Condition;
  readonly code: CodeManifest;
}

/** What configures an asset. */
export interface ConfigManifest {
  /** The values of its resources, by alias. */
  readonly resources: Readonly<Record<string, Pick<ResourceConfig, 'values' | 'dataFree'>>>;
  /** The fields that a run may give, with the default of those that have one. */
  readonly fields: Readonly<Record<string, { readonly default?: Json }>>;
}

type CheckManifest = Pick<Check, 'name' | 'description' | 'severity'>;

export type OutputManifest =
  | { readonly type: 'table'; readonly columns: readonly Column[]; readonly path: string }
  | { readonly type: 'json'; readonly path: string }
  | { readonly type: 'file'; readonly path: string };

/** What computes an asset, and the hash over it. */
export interface CodeManifest {
  /** sha256 over everything below. */
  readonly version: string;
  /** The file that declares the asset, from the workspace root. */
  readonly file: string;
  /** Its import closure up to the assets it depends on: workspace path to content hash. */
  readonly files: Readonly<Record<string, string>>;
  /** Of files that count in part, the hash of all of it. */
  readonly whole?: Readonly<Record<string, string>> | undefined;
  /** Installed packages of the closure, each with what it depends on: `name` to `version` or hash. */
  readonly packages: Readonly<Record<string, string>>;
  /** Hash of the definition itself: schema, kind and options. */
  readonly definition: string;
  /** Hash of the framework's own code that writes values. */
  readonly runtime: string;
  /** The files that it opens by path: workspace path to content hash; absent where it declares none. */
  readonly reads?: Readonly<Record<string, string>> | undefined;
}
