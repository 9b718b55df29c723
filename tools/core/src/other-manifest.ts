import type { ScheduleFacts } from './automation/schedule.ts';
import type { SensorFacts } from './automation/sensor.ts';
import type { NamedDefinition } from './definition.ts';
import type { JobFacts } from './job-manifest.ts';
import type { DefinitionKey } from './key.ts';

/** What each type of definition says of itself. A new type is one more member. */
export type OtherFacts = JobFacts | ScheduleFacts | SensorFacts;

/** A definition that is no asset, as data. */
export type OtherManifest = OtherFacts & {
  readonly key: DefinitionKey;
  readonly description: string;
  /** The file that declares it, from the workspace root. */
  readonly file: string;
};

/** A definition that is no asset: a job, a schedule or a sensor. */
export type OtherDefinition = NamedDefinition<OtherFacts>;

const TYPES: ReadonlySet<unknown> = new Set<OtherFacts['type']>(['job', 'schedule', 'sensor']);

/** Whether what a group exports is one of these, and not a constant that looks a little like it. */
export const isOtherDefinition = (value: unknown): value is OtherDefinition =>
  typeof value === 'object' &&
  value !== null &&
  TYPES.has((value as Partial<OtherDefinition>).type) &&
  typeof (value as Partial<OtherDefinition>).describe === 'function';
