import type { AnyAsset, Table, ValueOf } from '@nx-assets/core';
import { z } from 'zod';
import { buildValue, type JsonSchema } from './build-value.ts';

type Source = z.ZodType | AnyAsset;

/** What a source describes: what a schema gives out, a row of a table asset, or the value of a document. */
type Described<S> = S extends z.ZodType
  ? z.output<S>
  : ValueOf<S> extends Table<infer Row>
    ? Row
    : ValueOf<S>;

/** What a test says of it: of an object some fields, as the schema takes them; otherwise nothing. */
type Said<S> = S extends z.ZodType
  ? z.input<S> extends object
    ? Partial<z.input<S>>
    : z.input<S>
  : Partial<Described<S>>;

export interface FixtureOptions {
  /** Another number gives other values. Default: 1. */
  readonly seed?: number;
}

/**
 * One row or value that fits a schema, or the schema of an asset: what the test says, and for the rest something that
 * is the same each time. Throws where what comes out does not fit: then the schema has a rule of its own, and the test
 * has to say the field.
 */
export function fixture<S extends Source>(
  source: S,
  said?: NoInfer<Said<S>>,
  options: FixtureOptions = {},
): Described<S> {
  const schema = schemaOf(source);
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    cycles: 'ref',
    reused: 'inline',
  });
  const built = buildValue(json as JsonSchema, 'value', options.seed ?? 1);
  const isObject = typeof built === 'object' && built !== null && !Array.isArray(built);
  const given = isObject && typeof said === 'object' ? { ...built, ...(said as object) } : (said ?? built);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data as Described<S>;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || 'value'}: ${message}`,
  );
  throw new Error(
    `The fixture does not fit its schema. Say these fields in the test:\n${problems.join('\n')}`,
  );
}

/** Several of them that differ: so many, or one for each thing that the test says. */
export function fixtures<S extends Source>(
  source: S,
  said: number | readonly NoInfer<Said<S>>[],
  { seed = 1 }: FixtureOptions = {},
): Described<S>[] {
  const all = typeof said === 'number' ? Array.from({ length: said }, () => undefined) : said;
  return all.map((one, index) => fixture(source, one, { seed: seed + index }));
}

function schemaOf(source: Source): z.ZodType {
  if (!('output' in source && 'materialize' in source)) return source as z.ZodType;
  const { output } = source as AnyAsset;
  if (output.type === 'file') throw new Error('A file has no schema: write its text.');
  return output.schema;
}
