import type { DefinitionScope, NamedDefinition } from '../definition.ts';
import { AssetError } from '../diagnostics.ts';
import { type ScheduleSpec, type ScheduleTimes, toScheduleSpec } from './schedule-times.ts';
import { checkRunnable, type RunOptions, type Target, targetOf } from './target.ts';

export interface ScheduleFacts extends ScheduleSpec {
  readonly type: 'schedule';
  readonly target: Target;
}

/** Runs something by the clock. Named by its export, like an asset. */
export interface Schedule extends NamedDefinition<ScheduleFacts> {
  readonly type: 'schedule';
  describe(scope: DefinitionScope): ScheduleFacts;
}

export interface ScheduleDefinition extends ScheduleTimes, RunOptions {
  /** One sentence: what it is for. */
  readonly description: string;
}

/**
 * Defines a schedule. Cheap and pure: it only checks and keeps what it is given. `partition: 'latest'` is the last
 * window that had ended at the time that was due, also where it is run later.
 *
 * Throws `AUTOMATION_INVALID` and `SELECTION_INVALID`.
 */
export function schedule(definition: ScheduleDefinition): Schedule {
  const description = definition.description?.trim();
  if (!description) throw new AssetError('AUTOMATION_INVALID', 'A schedule has no description.');
  checkRunnable(definition.run);
  const spec = toScheduleSpec(definition);
  return Object.freeze({
    type: 'schedule',
    description,
    describe: (scope: DefinitionScope): ScheduleFacts => ({
      type: 'schedule',
      ...spec,
      target: targetOf(definition, scope),
    }),
  } as const);
}
