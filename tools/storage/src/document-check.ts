import { identifier } from '@nx-assets/core';
import type { z } from 'zod';
import { literal } from './duckdb.ts';
import { SUSPECT_NUMBER } from './exact-json.ts';

/**
 * The condition under which a JSON value fits a zod schema and comes out of it as it went in, for DuckDB; `null`
 * where the engine cannot tell. Each value is looked at once: the condition is most of what a large document costs.
 */
export function fits(schema: z.core.$ZodType, json: string, isItem = false): string | null {
  const { inner, missing, nullable } = unwrap(schema);
  const fitting = fitsPresent(inner, json);
  if (fitting === null) return null;
  const all = fitting.length > 0 ? fitting.join(' AND ') : 'TRUE';
  // A missing field and a null look the same in a column, so both must be welcome, or zod has to look.
  const mayBeAbsent = nullable && (missing || isItem);
  const isNull = `(${json} IS NULL OR CAST(${json} AS VARCHAR) = 'null')`;
  return mayBeAbsent ? `(${isNull} OR (${all}))` : fitting.length > 0 ? `(${all})` : `(NOT ${isNull})`;
}

function unwrap(schema: z.core.$ZodType): { inner: z.core.$ZodType; missing: boolean; nullable: boolean } {
  let inner = schema;
  let missing = false;
  let nullable = false;
  for (;;) {
    const { def } = (inner as z.core.$ZodTypes)._zod;
    // A check of the wrapper is one of the value: `z.string().nullable().refine(…)`.
    if ((def.checks?.length ?? 0) > 0) return { inner, missing, nullable };
    if (def.type === 'nullable') nullable = true;
    else if (def.type === 'optional') missing = true;
    else if (def.type === 'default' && def.defaultValue === null) missing = true;
    else return { inner, missing, nullable };
    inner = def.innerType;
  }
}

// The reader writes each value without white space, so that its first characters tell what it is: looking at them costs
// a third of what parsing it again would.
const IS = {
  string: (text) => `starts_with(${text}, '"')`,
  // As an integer is written in one way only: neither 1.0 nor 1e3 nor "1".
  integer: (text) => `CAST(TRY_CAST(${text} AS BIGINT) AS VARCHAR) = ${text}`,
  // 1e400 is JSON, and no number that a double can hold; and of 16 digits it may not hold the last.
  number: (text) =>
    `(json_type(${text}) IN ('UBIGINT', 'BIGINT', 'DOUBLE') AND isfinite(TRY_CAST(${text} AS DOUBLE))
      AND (strlen(${text}) < 16 OR abs(TRY_CAST(${text} AS DOUBLE)) <= ${Number.MAX_SAFE_INTEGER}
        OR NOT regexp_matches(${text}, '^-?[0-9]{16}')))`,
  boolean: (text) => `${text} IN ('true', 'false')`,
  object: (text) => `starts_with(${text}, '{')`,
  array: (text) => `starts_with(${text}, '[')`,
} as const satisfies Record<string, (text: string) => string>;

/** What must hold of a value that is not null. */
function fitsPresent(schema: z.core.$ZodType, json: string): string[] | null {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const is = (kind: keyof typeof IS) => IS[kind](`CAST(${json} AS VARCHAR)`);
  if ((def.checks?.length ?? 0) > 0 || ('coerce' in def && def.coerce === true)) return null;
  switch (def.type) {
    case 'unknown':
    case 'any':
      return [
        `CAST(${json} AS VARCHAR) <> 'null'`,
        `NOT regexp_matches(CAST(${json} AS VARCHAR), '${SUSPECT_NUMBER}', 'i')`,
      ];
    case 'boolean':
      return [is('boolean')];
    case 'string':
      return 'format' in def ? null : [is('string')];
    case 'enum': {
      const values = Object.values(def.entries);
      if (!values.every((value) => typeof value === 'string')) return null;
      return [is('string'), `(${json}->>'$') IN (${values.map(literal).join(', ')})`];
    }
    case 'number':
      if (!('format' in def)) return [is('number')];
      if (def.format !== 'safeint') return null;
      // Fifteen digits are always safe, and counting them is cheaper than reading them.
      return [
        is('integer'),
        `(strlen(${json}) < 16 OR abs(TRY_CAST(${json} AS HUGEINT)) <= ${Number.MAX_SAFE_INTEGER})`,
      ];
    case 'array': {
      const item = fits(def.element, 'item', true);
      if (item === null) return null;
      const others = `list_filter(json_extract(${json}, '$[*]'), lambda item: NOT coalesce(${item}, FALSE))`;
      return [is('array'), `len(${others}) = 0`];
    }
    case 'object': {
      // An empty object would keep its unknown fields; a strict one refuses them.
      const isOpen = def.catchall === undefined;
      if (!isOpen || Object.keys(def.shape).length === 0) return null;
      const fields = Object.entries(def.shape).map(([name, field]) =>
        fits(field, `(${json}->${literal(`$.${identifier(name)}`)})`),
      );
      if (fields.some((field) => field === null)) return null;
      const each = [is('object'), ...fields.flatMap((field) => field ?? [])];
      const leaves = leavesOf(schema, '$');
      if (!leaves) return [...each, noneTwice([{ path: '$', names: Object.keys(def.shape) }], json)];
      // Mostly every field is there and of its type: one look inside tells it of all.
      const paths = leaves.map(({ path }) => literal(path)).join(', ');
      const types = leaves.map(({ type }) => `'${type}'`).join(', ');
      return [
        `(json_type(${json}, [${paths}]) = [${types}] OR (${each.join(' AND ')}))`,
        noneTwice(objectsOf(schema, '$'), json),
      ];
    }
    default:
      return null;
  }
}

/** The texts and booleans of an object, however deep; `null` where it holds anything else. */
function leavesOf(schema: z.core.$ZodType, path: string): { path: string; type: string }[] | null {
  const { def } = (unwrap(schema).inner as z.core.$ZodTypes)._zod;
  if (def.type === 'string') return [{ path, type: 'VARCHAR' }];
  if (def.type === 'boolean') return [{ path, type: 'BOOLEAN' }];
  if (def.type !== 'object') return null;
  const leaves = Object.entries(def.shape).map(([name, field]) =>
    leavesOf(field, `${path}.${identifier(name)}`),
  );
  return leaves.includes(null) ? null : leaves.flatMap((leaf) => leaf ?? []);
}

/** An object and the objects in its fields, however deep. */
function objectsOf(schema: z.core.$ZodType, path: string): { path: string; names: string[] }[] {
  const { def } = (unwrap(schema).inner as z.core.$ZodTypes)._zod;
  if (def.type !== 'object') return [];
  const inner = Object.entries(def.shape).map(([name, field]) =>
    objectsOf(field, `${path}.${identifier(name)}`),
  );
  return [{ path, names: Object.keys(def.shape) }, ...inner.flat()];
}

/** Of two fields with one name the engine reads the first, and JavaScript the last. */
function noneTwice(objects: readonly { path: string; names: readonly string[] }[], json: string): string {
  const keys = `json_keys(${json}, [${objects.map(({ path }) => literal(path)).join(', ')}])`;
  // Mostly an object has the fields of the schema, in their order: comparing them is cheaper than counting.
  const usual = objects.map(({ names }) => `[${names.map(literal).join(', ')}]`).join(', ');
  return `(${keys} = [${usual}] OR len(list_filter(${keys}, lambda names: list_unique(names) <> len(names))) = 0)`;
}
