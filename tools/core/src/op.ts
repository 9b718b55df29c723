import type { z } from 'zod';
import { type Deps, type InputsOf, isAsset } from './asset-model.ts';
import { secretNamesIn } from './config/variable.ts';
import { type Control, type ControlOptions, type RetryPolicy, toControl } from './control.ts';
import type { Logger } from './logger.ts';
import { AssetError } from './diagnostics.ts';
import type { DefinitionKey } from './key.ts';
import type { Resource, Resources } from './resource.ts';
import type { Sql } from './sql.ts';

/** What an op gets besides its inputs. */
export interface OpContext<R extends Resources = Resources> {
  readonly job: DefinitionKey;
  readonly op: string;
  readonly runId: string;
  /** Folder of the workspace, absolute. */
  readonly root: string;
  readonly log: Logger;
  /** Aborts when the run is cancelled, or the time of this attempt is over. Hand it to whatever can wait. */
  readonly signal: AbortSignal;
  readonly resources: { readonly [K in keyof R]: R[K] extends Resource<infer Client> ? Client : never };
  /** A folder of this op alone, gone when it ends. */
  readonly scratch: string;
  /** Runs a query over the tables among its inputs and gives its rows as plain objects. */
  query<Row = Record<string, unknown>>(query: Sql): Promise<Row[]>;
}

/** A unit of work that makes no asset, such as: vacuum, publish, notify. */
export interface AnyOp {
  readonly type: 'op';
  readonly name: string;
  readonly description: string;
  readonly inputs: z.ZodObject | null;
  readonly output: z.ZodObject | null;
  readonly deps: Deps;
  readonly resources: Resources;
  readonly env: readonly string[];
  readonly secrets: readonly string[];
  readonly control: Control;
  readonly retryOn: RetryPolicy['on'] | null;
  run(inputs: never, context: never): unknown;
}

/** `Takes` is what ops before it have to give, and `Gives` is what it adds for those after it. */
export interface Op<N extends string = string, Takes = unknown, Gives = unknown> extends AnyOp {
  readonly name: N;
  /** Only in types. */
  readonly ' takes'?: Takes;
  readonly ' gives'?: Gives;
}

type Nothing = Record<never, never>;
type Shape = z.ZodObject | undefined;

/** By name: what ops before gave, and the values of assets. */
type OpInputs<I, D extends Deps> = (I extends z.ZodObject ? z.output<I> : Nothing) & InputsOf<D>;
type OpResult<O> = O extends z.ZodObject ? z.input<O> : void;

export interface OpDefinition<
  N extends string,
  I extends Shape,
  O extends Shape,
  D extends Deps,
  R extends Resources,
> extends Pick<ControlOptions, 'retry' | 'timeout'> {
  /** In reports and in the history: lower-case letters, digits and underscores. */
  readonly name: N;
  /** One sentence: what it does. */
  readonly description: string;
  /** What it takes of what ops before it gave, by name. */
  readonly inputs?: I;
  /** What it gives, by name, for the ops after it. */
  readonly output?: O;
  /** Imported assets whose values it takes, as they are when it runs. */
  readonly deps?: D;
  /** Clients to inject. */
  readonly resources?: R;
  /** Environment variables that nobody may read: kept out of logs, messages and the history. */
  readonly secrets?: readonly string[];
  run(
    inputs: OpInputs<NoInfer<I>, NoInfer<D>>,
    context: OpContext<NoInfer<R>>,
  ): OpResult<O> | Promise<OpResult<O>>;
}

const NAME = /^[a-z][a-z0-9_]*$/;

/** Defines an op. Cheap and pure: it only checks and keeps what it is given. Throws `OP_INVALID`. */
export function op<
  const N extends string,
  I extends Shape = undefined,
  O extends Shape = undefined,
  const D extends Deps = Nothing,
  const R extends Resources = Nothing,
>(
  definition: OpDefinition<N, I, O, D, R>,
): Op<N, I extends z.ZodObject ? z.input<I> : Nothing, O extends z.ZodObject ? z.output<O> : Nothing> {
  const { name, description, inputs = null, output = null, deps, resources, secrets = [], run } = definition;
  if (!NAME.test(name)) {
    throw new AssetError('OP_INVALID', `"${name}" is not a name for an op.`, {
      remedy: 'Use lower-case letters, digits and underscores, starting with a letter.',
    });
  }
  if (name === ASSETS) {
    throw new AssetError('OP_INVALID', `No op is called "${ASSETS}": reports call the assets of a job so.`);
  }
  if (!description?.trim()) throw new AssetError('OP_INVALID', `The op ${name} has no description.`);
  for (const [alias, dep] of Object.entries(deps ?? {})) {
    if (!isAsset(dep)) {
      const what = (dep as unknown) === undefined ? 'undefined' : 'not an asset';
      throw new AssetError('ASSET_DEP_INVALID', `The dep "${alias}" of the op ${name} is ${what}.`);
    }
    if (Object.hasOwn(inputs?.shape ?? {}, alias)) {
      throw new AssetError('OP_INVALID', `The op ${name} takes "${alias}" from an op and from an asset.`);
    }
  }
  return Object.freeze({
    type: 'op',
    name,
    description: description.trim(),
    inputs,
    output,
    deps: Object.freeze({ ...deps }),
    resources: Object.freeze({ ...resources }),
    env: Object.values(resources ?? {}).flatMap((resource) => resource.env),
    secrets: [
      ...secrets,
      // Also those in the values of a config: secret('TOKEN').
      ...Object.values(resources ?? {}).flatMap((one) => [
        ...one.secrets,
        ...secretNamesIn(one.config?.values),
      ]),
    ],
    control: toControl(definition),
    retryOn: definition.retry?.on ?? null,
    run: run as AnyOp['run'],
  } as const);
}

/** What the assets of a job are called among its steps. */
export const ASSETS = 'assets';

export const isOp = (value: unknown): value is AnyOp =>
  typeof value === 'object' && value !== null && (value as Partial<AnyOp>).type === 'op';
