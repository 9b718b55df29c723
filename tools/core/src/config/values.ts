import type { z } from 'zod';
import type { Json } from '../json.ts';
import { isVariable, nameOfVariable, type Variable } from './variable.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What an environment variable fits: text, and what makes something of text. The sentence is what the editor shows. */
type VariableFor<T> = unknown extends T
  ? Variable
  : [Extract<T, string>] extends [never]
    ? NoVariable
    : Variable;

/** Where no text fits. A shape of its own: of a bare sentence the compiler would show nothing but the name of a type. */
interface NoVariable {
  readonly $env: 'A variable is text: let the schema make something of it, for example z.coerce.number().';
}

type Nested<T> = T extends readonly unknown[]
  ? never
  : T extends object
    ? { readonly [K in keyof T]: Given<T[K]> }
    : never;

/** A value as a definition gives it: itself, or a variable where a text fits, at any depth. */
export type Given<T> = T | VariableFor<Exclude<T, undefined>> | Nested<T>;

/** Values of a config by environment. Those of `default` hold wherever an environment says nothing else. */
export interface ConfigValues<S extends z.ZodObject> {
  readonly default?: GivenFields<S>;
  readonly dev?: GivenFields<S>;
  readonly ci?: GivenFields<S>;
  readonly prod?: GivenFields<S>;
  readonly [environment: string]: GivenFields<S> | undefined;
}

type GivenFields<S extends z.ZodObject> = { readonly [K in keyof z.input<S>]?: Given<z.input<S>[K]> };

/** The same without its types, as a manifest keeps it. */
export type AnyValues = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** Values of one environment, with what its variables hold. */
export interface Resolved {
  /** By field. A field whose variable is not set is not there. */
  readonly fields: Readonly<Record<string, Json>>;
  /** Path of each variable, with dots, to its name and whether it is set. */
  readonly variables: ReadonlyMap<string, ResolvedVariable>;
}

interface ResolvedVariable {
  readonly name: string;
  readonly isSet: boolean;
  readonly isSecret: boolean;
}

/** What a config is given in an environment. */
export function resolveValues(values: AnyValues, environment: string, env: Env): Resolved {
  const given = { ...values.default, ...values[environment] };
  const variables = new Map<string, ResolvedVariable>();
  const fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    const resolved = resolve(value, name, env, variables);
    if (resolved !== undefined) fields[name] = resolved;
  }
  return { fields, variables };
}

function resolve(
  value: unknown,
  path: string,
  env: Env,
  variables: Map<string, ResolvedVariable>,
): Json | undefined {
  if (isVariable(value)) {
    const name = nameOfVariable(value);
    const text = env[name]?.trim() ? env[name] : undefined;
    const found = text ?? value.fallback;
    variables.set(path, { name, isSet: found !== undefined, isSecret: '$secret' in value });
    return found;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => resolve(item, `${path}.${index}`, env, variables) ?? null);
  }
  if (typeof value !== 'object' || value === null) return value as Json | undefined;
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    const resolved = resolve(inner, `${path}.${name}`, env, variables);
    return resolved === undefined ? [] : [[name, resolved] as const];
  });
  return Object.fromEntries(entries);
}
