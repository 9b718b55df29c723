import type { z } from 'zod';
import type { AnyAsset, Asset, Deps, InputsOf, Siblings, Upstream, ValueOf } from './asset-model.ts';
import { asset } from './asset.ts';
import type { AssetDefinition, OneValue, ResultOf, ValueFrom } from './asset-definition.ts';
import type { Context } from './context.ts';
import { AssetError } from './diagnostics.ts';
import type { Resources } from './resource.ts';

/** What is said once for all outputs: how they are made. */
type Shared =
  | 'kind'
  | 'deps'
  | 'resources'
  | 'env'
  | 'secrets'
  | 'reads'
  | 'freshness'
  | 'retry'
  | 'timeout'
  | 'pool'
  | 'isolated'
  | 'duckdb'
  | 'priority';

/** What is said of each output: what it is. The compiler holds it to the same rules as the options of `asset`. */
export interface OutputDefinition extends Partial<
  Pick<
    AssetDefinition<Deps, Resources, undefined, undefined>,
    'description' | 'file' | 'owners' | 'tags' | 'metadata' | 'preview'
  >
> {
  readonly schema?: z.ZodObject;
  readonly value?: z.ZodType;
  readonly orderBy?: readonly string[];
  readonly checks?: readonly unknown[];
}

export type Outputs = { readonly [name: string]: OutputDefinition };

type SchemaIn<O> = O extends { readonly schema: infer S extends z.ZodObject } ? S : undefined;
type DocumentIn<O> = O extends { readonly value: infer V extends z.ZodType } ? V : undefined;
type FilesIn<O extends Outputs> = {
  [K in keyof O]: O[K] extends { readonly file: string } ? K : never;
}[keyof O];

/** What the compiler holds each output to, as `asset` does. */
type Rules<O extends Outputs> = {
  readonly [K in keyof O]: OneValue<SchemaIn<O[K]>, DocumentIn<O[K]>> &
    Pick<AssetDefinition<Deps, Resources, SchemaIn<O[K]>, DocumentIn<O[K]>>, 'orderBy' | 'checks'>;
};

/** What `materialize` returns: for each output what `asset` would have it return, and nothing for files. */
type Results<O extends Outputs> = {
  readonly [K in Exclude<keyof O, FilesIn<O>>]: ResultOf<SchemaIn<O[K]>, DocumentIn<O[K]>>;
};

/** The context of a function with several outputs: a file for each output that is one. Metadata goes into all records. */
type MultiContext<R extends Resources, O extends Outputs> = Omit<Context<R>, 'file'> & {
  readonly files: { readonly [K in FilesIn<O>]: string };
};

// As in `asset`: not exported, so that declarations have the deps and not their deps as well.
type Upstreams<D extends Deps> = { readonly [K in keyof D]: Upstream<ValueOf<D[K]>> };

type Made<O extends Outputs, D extends Deps, R extends Resources> = {
  readonly [K in keyof O]: Asset<ValueFrom<SchemaIn<O[K]>, DocumentIn<O[K]>>, Upstreams<D>, R>;
};

export interface MultiAssetDefinition<D extends Deps, R extends Resources, O extends Outputs> extends Pick<
  AssetDefinition<D, R, undefined, undefined>,
  Shared
> {
  /** One sentence: what the outputs hold together. For each output that says nothing of its own. */
  readonly description: string;
  /** Two or more, by the names under which `materialize` returns them. */
  readonly outputs: O & Rules<NoInfer<O>>;
  materialize(
    inputs: InputsOf<NoInfer<D>>,
    context: MultiContext<NoInfer<R>, NoInfer<O>>,
  ): Results<NoInfer<O>> | Promise<Results<NoInfer<O>>>;
}

/**
 * Defines several assets that one function makes: `export const { users, orders } = multiAsset({…})`. Each has its own
 * key, target, record and data version. Who runs one of them runs the function, and all of them are replaced: when one
 * does not fit its schema or fails its checks, none is.
 *
 * Throws what `asset` throws.
 */
export function multiAsset<
  const O extends Outputs,
  const D extends Deps = Record<never, never>,
  const R extends Resources = Record<never, never>,
>(definition: MultiAssetDefinition<D, R, O>): Made<O, D, R> {
  const { description, outputs, materialize, ...shared } = definition;
  const names = Object.keys(outputs);
  if (names.length < 2) {
    throw new AssetError('ASSET_OPTION_INVALID', `multiAsset() has ${names.length} outputs.`, {
      remedy: 'Give it two or more, or use asset().',
    });
  }
  const made: Record<string, AnyAsset> = {};
  const siblings: Siblings = {
    outputs: made,
    async materialize(inputs, context) {
      const results = ((await materialize(inputs, context)) ?? {}) as Readonly<Record<string, unknown>>;
      const unknown = Object.keys(results).find((name) => !names.includes(name));
      if (unknown === undefined) return results;
      const facts = `The function returned "${unknown}", which is not among its outputs ${names.join(', ')}.`;
      throw new AssetError('MATERIALIZE_RESULT', facts);
    },
  };
  for (const [name, output] of Object.entries<OutputDefinition>(outputs)) {
    const single = asset({
      description,
      ...shared,
      ...output,
      // For a test of this output alone. A run calls the function once for all.
      materialize: async (inputs: never, context: Context) => {
        const files = Object.fromEntries(
          names.map((other) => [other, other === name ? context.file : `${context.scratch}/${other}`]),
        );
        return (await siblings.materialize(inputs, { ...context, files } as never))[name];
      },
    } as never) as AnyAsset;
    made[name] = Object.freeze({ ...single, siblings });
  }
  return Object.freeze(made) as unknown as Made<O, D, R>;
}
