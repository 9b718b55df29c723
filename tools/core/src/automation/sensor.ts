import type { RunConfig } from '../config/run-config.ts';
import type { Json } from '../json.ts';
import type { Logger } from '../logger.ts';
import type { DefinitionScope, NamedDefinition } from '../definition.ts';
import { AssetError } from '../diagnostics.ts';
import { type Duration, milliseconds } from '../freshness.ts';
import { checkRunnable, type RunOptions, type Target, targetOf } from './target.ts';
import { type Watch, type WatchFacts, watchFacts } from './watch.ts';

export interface SensorContext {
  /** Folder of the workspace, absolute. */
  readonly root: string;
  readonly now: Date;
  readonly log: Logger;
  /** Aborts when its time is over. Hand it to whatever can wait. */
  readonly signal: AbortSignal;
}

/** One run that a sensor asks for. */
export interface RunRequest {
  /** Asked for once, however often the sensor says it. Without it, once for each look. */
  readonly id?: string;
  /** Instead of those of the sensor. */
  readonly partition?: string;
  /** Besides that of the sensor. */
  readonly config?: RunConfig;
  /** Why, for the history. */
  readonly because?: string;
}

/** What a sensor saw. */
export interface Seen {
  /** Handed to the next look. Left out: as it was. It is kept with the requests, or neither is. */
  readonly cursor?: Json;
  /** What to run. Default: nothing. */
  readonly requests?: readonly RunRequest[];
  /** What there was to see, for the history. */
  readonly because?: string;
}

export interface SensorFacts {
  readonly type: 'sensor';
  /** `null` where it looks by a function of its own. */
  readonly watch: WatchFacts | null;
  /** How long it waits between two looks, and for one, milliseconds. */
  readonly every: number;
  readonly timeout: number;
  readonly target: Target;
}

/** Looks at something again and again, and runs something when there is reason. Named by its export. */
export interface Sensor extends NamedDefinition<SensorFacts> {
  readonly type: 'sensor';
  /** One look. `null` where it watches what the framework can see itself. */
  readonly check: SensorFunction | null;
  describe(scope: DefinitionScope): SensorFacts;
}

/** Throws what it likes: the cursor stays then, and the next look comes in its time. */
export type SensorFunction = (cursor: Json, context: SensorContext) => Seen | Promise<Seen>;

export interface SensorDefinition extends RunOptions {
  /** One sentence: what it is for. */
  readonly description: string;
  /** What it looks at. The first look only remembers what is there. */
  readonly watch?: Watch;
  /** Or how: a function that gets the cursor of the last look, `null` at first. */
  readonly check?: SensorFunction;
  /** How long it waits between two looks. Default: `'30s'`. */
  readonly every?: Duration;
  /** How long a look may take. Default: `'1m'`. */
  readonly timeout?: Duration;
}

/** Exactly one of `watch` and `check`. The sentences are what the editor shows. */
export type OneLook =
  | { readonly watch: Watch; readonly check?: 'A sensor has a `watch` or a `check`, not both.' }
  | { readonly check: SensorFunction; readonly watch?: 'A sensor has a `watch` or a `check`, not both.' };

/**
 * Defines a sensor. Cheap and pure: it only checks and keeps what it is given.
 *
 * Throws `AUTOMATION_INVALID` and `SELECTION_INVALID`.
 */
export function sensor(definition: SensorDefinition & OneLook): Sensor {
  const { watch, check = null, every = '30s', timeout = '1m' } = definition as SensorDefinition;
  const description = definition.description?.trim();
  if (!description) throw new AssetError('AUTOMATION_INVALID', 'A sensor has no description.');
  if ((watch === undefined) === (check === null)) {
    throw new AssetError('AUTOMATION_INVALID', 'A sensor has either a `watch` or a `check`.');
  }
  if (check !== null && typeof check !== 'function')
    throw new AssetError('AUTOMATION_INVALID', 'The `check` of a sensor is a function.');
  if (watch !== undefined && typeof watch !== 'object')
    throw new AssetError(
      'AUTOMATION_INVALID',
      'The `watch` of a sensor is not valid: call the function, as in files(…).',
    );
  checkRunnable(definition.run);
  const times = { every: milliseconds(every), timeout: milliseconds(timeout) };
  return Object.freeze({
    type: 'sensor',
    description,
    check,
    describe: (scope: DefinitionScope): SensorFacts => ({
      type: 'sensor',
      watch: watch ? watchFacts(watch, scope) : null,
      ...times,
      target: targetOf(definition, scope),
    }),
  } as const);
}
