import { identifier } from '@nx-assets/core';
import type { z } from 'zod';
import { literal } from './duckdb.ts';

/**
 * Conditions under which a JSON value may not fit a zod schema, for DuckDB; `null` where the engine cannot tell,
 * or where zod would change the value. Whoever meets none of them fits, and comes out of zod as he went in.
 */
export function mayNotFit(schema: z.core.$ZodType, json: string, isItem = false): string[] | null {
  const { inner, missing, nullable } = unwrap(schema);
  const isNull = `(${json} IS NULL OR json_type(${json}) = 'NULL')`;
  // A missing field and a null look the same in a column, so both must be welcome, or zod has to look.
  const absent = nullable && (missing || isItem) ? [] : [isNull];
  const wrong = wrongKind(inner, json);
  return wrong && [...absent, ...wrong.map((condition) => `(NOT ${isNull} AND ${condition})`)];
}

function unwrap(schema: z.core.$ZodType): { inner: z.core.$ZodType; missing: boolean; nullable: boolean } {
  let inner = schema;
  let missing = false;
  let nullable = false;
  for (;;) {
    const { def } = (inner as z.core.$ZodTypes)._zod;
    if (def.type === 'nullable') nullable = true;
    else if (def.type === 'optional') missing = true;
    else if (def.type === 'default' && def.defaultValue === null) missing = true;
    else return { inner, missing, nullable };
    inner = def.innerType;
  }
}

const KINDS = {
  string: `('VARCHAR')`,
  integer: `('UBIGINT', 'BIGINT')`,
  number: `('UBIGINT', 'BIGINT', 'DOUBLE')`,
  boolean: `('BOOLEAN')`,
  object: `('OBJECT')`,
  array: `('ARRAY')`,
} as const;

function wrongKind(schema: z.core.$ZodType, json: string): string[] | null {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const kindIsNot = (kind: keyof typeof KINDS) => `json_type(${json}) NOT IN ${KINDS[kind]}`;
  if ((def.checks?.length ?? 0) > 0 || ('coerce' in def && def.coerce === true)) return null;
  switch (def.type) {
    case 'unknown':
    case 'any':
      return [];
    case 'boolean':
      return [kindIsNot('boolean')];
    case 'string':
      return 'format' in def ? null : [kindIsNot('string')];
    case 'enum': {
      const values = Object.values(def.entries);
      if (!values.every((value) => typeof value === 'string')) return null;
      return [kindIsNot('string'), `(${json}->>'$') NOT IN (${values.map(literal).join(', ')})`];
    }
    case 'number':
      if (!('format' in def)) return [kindIsNot('number')];
      if (def.format !== 'safeint') return null;
      return [kindIsNot('integer'), `abs(TRY_CAST(${json} AS HUGEINT)) > ${Number.MAX_SAFE_INTEGER}`];
    case 'array': {
      const items = mayNotFit(def.element, 'item', true);
      if (items === null) return null;
      const some = items.length > 0 ? items.join(' OR ') : 'FALSE';
      return [
        kindIsNot('array'),
        `len(list_filter(json_extract(${json}, '$[*]'), lambda item: ${some})) > 0`,
      ];
    }
    case 'object': {
      // An empty object would keep its unknown fields; a strict one refuses them.
      const isOpen = def.catchall === undefined;
      if (!isOpen || Object.keys(def.shape).length === 0) return null;
      const fields = Object.entries(def.shape).map(([name, field]) =>
        mayNotFit(field, `(${json}->${literal(`$.${identifier(name)}`)})`),
      );
      return fields.some((field) => field === null)
        ? null
        : [kindIsNot('object'), ...fields.flatMap((field) => field ?? [])];
    }
    default:
      return null;
  }
}
