import type { AnyAsset } from './asset.ts';
import type { ScheduleFacts } from './automation/schedule.ts';
import type { SensorFacts } from './automation/sensor.ts';
import type { JobFacts } from './job-manifest.ts';
import type { DefinitionKey, AssetKey } from './key.ts';
import type { AssetManifest } from './manifest.ts';

/** What a group may export next to its assets. Like an asset, it is named by its export. */
export interface OtherDefinition {
  readonly type: OtherFacts['type'];
  readonly description: string;
  /** Itself as plain data, for the manifest. Throws an `AssetError` where it names what is not there. */
  describe(scope: DefinitionScope): OtherFacts;
}

/** What each type of definition says of itself. A new type is one more member. */
export type OtherFacts = JobFacts | ScheduleFacts | SensorFacts;

/** A definition that is no asset, as data. */
export type OtherManifest = OtherFacts & {
  readonly key: DefinitionKey;
  readonly description: string;
  /** The file that declares it, from the workspace root. */
  readonly file: string;
};

/** What a definition may look at while it describes itself: the names of others, and all assets. */
export interface DefinitionScope {
  /** Throws `ASSET_DEP_NOT_EXPORTED`. */
  keyOf(asset: AnyAsset): AssetKey;
  /** Throws `DEFINITION_NOT_EXPORTED`. */
  keyOfOther(definition: OtherDefinition): DefinitionKey;
  readonly assets: readonly AssetManifest[];
}

const TYPES: ReadonlySet<unknown> = new Set<OtherFacts['type']>(['job', 'schedule', 'sensor']);

/** Whether what a group exports is one of these, and not a constant that looks a little like it. */
export const isOtherDefinition = (value: unknown): value is OtherDefinition =>
  typeof value === 'object' &&
  value !== null &&
  TYPES.has((value as Partial<OtherDefinition>).type) &&
  typeof (value as Partial<OtherDefinition>).describe === 'function';
