import { type Column, type ColumnType, identifier } from '@nx-assets/core';
import type { z } from 'zod';
import { literal } from './duckdb.ts';
import { checkRules, type EngineRules } from './engine-checks.ts';
import { SUSPECT_NUMBER } from './exact-json.ts';

/**
 * The conditions under which a row may break its schema, in SQL: zod has the last word on the rows that they find,
 * so they may find too many rows and never too few. `null` where the engine cannot say: then zod looks at every row.
 */
export function rulesOf(
  schema: z.ZodObject,
  columns: readonly Column[],
  withNulls: ReadonlySet<unknown>,
): EngineRules {
  if ((schema.def.checks?.length ?? 0) > 0) return null;
  return all(
    columns.map((column) => {
      const isScalar = column.type !== 'struct' && column.type !== 'list' && column.type !== 'json';
      const field = (schema.shape as Readonly<Record<string, z.core.$ZodType>>)[column.name];
      return field
        ? valueRules(field, column, identifier(column.name), !isScalar || withNulls.has(column.name))
        : null;
    }),
  );
}

const all = (rules: readonly EngineRules[]): EngineRules =>
  rules.includes(null) ? null : rules.flatMap((rule) => rule ?? []);

function valueRules(
  whole: z.core.$ZodType,
  column: ColumnType,
  value: string,
  mayBeNull = true,
  depth = 0,
): EngineRules {
  const { schema, nullable } = unwrapped(whole);
  const rules = presentRules(schema, column, value, depth);
  if (rules === null) return null;
  return mayBeNull && !nullable && column.type !== 'json' ? [`(${value} IS NULL)`, ...rules] : rules;
}

/** What says nothing of a value that is there. A default is for what is missing, and a column never is. */
function unwrapped(whole: z.core.$ZodType): { schema: z.core.$ZodTypes; nullable: boolean } {
  const schema = whole as z.core.$ZodTypes;
  const { def } = schema._zod;
  switch (def.type) {
    case 'nullable':
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly': {
      // A check of the wrapper is one of the value: `z.string().nullable().refine(…)`.
      if ((def.checks?.length ?? 0) > 0) return { schema, nullable: false };
      const inner = unwrapped(def.innerType);
      return def.type === 'nullable' ? { ...inner, nullable: true } : inner;
    }
    case 'union': {
      const others = def.options.filter((option) => option._zod.def.type !== 'null');
      const [only] = others;
      const isNullable = only !== undefined && others.length === 1 && (def.checks?.length ?? 0) === 0;
      return isNullable ? { ...unwrapped(only), nullable: true } : { schema, nullable: false };
    }
    default:
      return { schema, nullable: false };
  }
}

/** What a value that is there may break. */
function presentRules(
  schema: z.core.$ZodTypes,
  column: ColumnType,
  value: string,
  depth: number,
): EngineRules {
  const { def } = schema._zod;
  if (column.type === 'json') return isAnyJson(schema) ? [jsonRule(value)] : null;
  const checks = checkRules(schema, column, value);
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return checks;
    case 'enum':
    case 'literal':
      return all([checks, oneOf([...(schema._zod.values ?? [])], value)]);
    case 'array':
      return column.type === 'list' ? all([checks, itemRules(def.element, column, value, depth)]) : null;
    case 'object': {
      if (column.type !== 'struct') return null;
      const fields = column.fields.map((field) => {
        const inner = def.shape[field.name];
        const place = `struct_extract(${value}, ${literal(field.name)})`;
        return inner ? valueRules(inner, field, place, true, depth) : null;
      });
      const rules = all([checks, ...fields]);
      return rules && rules.map((rule) => `(${value} IS NOT NULL AND ${rule})`);
    }
    default:
      return null;
  }
}

function itemRules(
  element: z.core.$ZodType,
  column: Extract<ColumnType, { type: 'list' }>,
  value: string,
  depth: number,
): EngineRules {
  const item = `item${depth}`;
  const rules = valueRules(element, column.items, item, true, depth + 1);
  if (rules === null || rules.length === 0) return rules;
  return [`(len(list_filter(${value}, lambda ${item}: ${rules.join(' OR ')})) > 0)`];
}

function oneOf(values: readonly unknown[], value: string): EngineRules {
  const spelled = values.map((one) => {
    if (typeof one === 'string') return one.isWellFormed() && !one.includes('\0') ? literal(one) : null;
    if (typeof one === 'number') return Number.isFinite(one) ? `CAST('${one}' AS DOUBLE)` : null;
    return typeof one === 'boolean' ? String(one) : null;
  });
  return spelled.includes(null) || spelled.length === 0
    ? null
    : [`(${value} NOT IN (${spelled.join(', ')}))`];
}

/** JSON that is not read exactly may hide anywhere in it. */
const jsonRule = (value: string): string =>
  `regexp_matches(CAST(${value} AS VARCHAR), ${literal(`(?i)${SUSPECT_NUMBER}`)})`;

/** Whether a schema takes whatever JSON can say: z.unknown(), z.any(), z.json(). */
function isAnyJson(schema: z.core.$ZodTypes): boolean {
  const { def } = schema._zod;
  if ((def.checks?.length ?? 0) > 0) return false;
  if (def.type === 'unknown' || def.type === 'any') return true;
  if (def.type !== 'lazy') return false;
  const inner = def.getter() as z.core.$ZodTypes;
  if (inner._zod.def.type !== 'union') return false;
  const options = inner._zod.def.options as readonly z.core.$ZodTypes[];
  const isPlain = options.every(
    ({ _zod }) => (_zod.def.checks?.length ?? 0) === 0 && !('format' in _zod.def),
  );
  const types = options.map(({ _zod }) => _zod.def.type);
  const holds = (type: string) =>
    options.some(
      ({ _zod: { def: part } }) =>
        part.type === type &&
        ((part.type === 'array' && part.element === schema) ||
          (part.type === 'record' && part.valueType === schema)),
    );
  const SCALARS = ['string', 'number', 'boolean', 'null'] as const;
  return isPlain && SCALARS.every((type) => types.includes(type)) && holds('array') && holds('record');
}
