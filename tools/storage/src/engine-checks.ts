import type { ColumnType } from '@nx-assets/core';
import type { z } from 'zod';
import { literal } from './duckdb.ts';
import { toRe2 } from './re2.ts';

/** Conditions of rows that zod must look at; `null`: it must look at all of them. */
export type EngineRules = readonly string[] | null;

/** Formats that zod tells by their pattern alone. */
const BY_PATTERN = new Set([
  ...['regex', 'lowercase', 'uppercase', 'email', 'guid', 'uuid', 'nanoid', 'cuid', 'cuid2', 'ulid', 'xid'],
  ...['ksuid', 'datetime', 'date', 'time', 'ipv4', 'cidrv4', 'mac', 'e164', 'hex'],
  ...['md5', 'sha1', 'sha256', 'sha384', 'sha512'].flatMap((hash) => [`${hash}_hex`, `${hash}_base64`]),
]);

const BEYOND_BMP = String.raw`'[\x{10000}-\x{10ffff}]'`;

/** What the checks of a text, a number, a boolean or a list say of a value that is there. */
export function checkRules(schema: z.core.$ZodTypes, column: ColumnType, value: string): EngineRules {
  const { def } = schema._zod;
  const isDouble = column.type === 'number' && def.type === 'number';
  // Not a number, or infinite: JSON has no word for it.
  const rules: EngineRules[] = isDouble ? [[`(NOT isfinite(${value}))`]] : [];
  const own = 'check' in def && def.check !== undefined ? [def as z.core.$ZodCheckDef] : [];
  for (const check of [...own, ...(def.checks ?? []).map((one) => one._zod.def)]) {
    rules.push(ruleOf(check as z.core.$ZodChecks['_zod']['def'], column, value));
  }
  return rules.includes(null) ? null : [...new Set(rules.flatMap((rule) => rule ?? []))];
}

function ruleOf(check: z.core.$ZodChecks['_zod']['def'], column: ColumnType, value: string): EngineRules {
  const isText = column.type === 'string';
  switch (check.check) {
    case 'min_length':
      // A character beyond the basic plane counts twice in JavaScript.
      return [isText ? `(length(${value}) < ${check.minimum})` : `(len(${value}) < ${check.minimum})`];
    case 'max_length':
      return [
        isText
          ? `(length(${value}) > ${check.maximum} OR ${mayCountMore(value, check.maximum)})`
          : `(len(${value}) > ${check.maximum})`,
      ];
    case 'length_equals':
      return [
        isText
          ? `(length(${value}) <> ${check.length} OR ${mayCountMore(value, check.length)})`
          : `(len(${value}) <> ${check.length})`,
      ];
    case 'greater_than':
      return bound(value, check.inclusive ? '<' : '<=', check.value);
    case 'less_than':
      return bound(value, check.inclusive ? '>' : '>=', check.value);
    case 'number_format':
      return numberFormat(check.format, column, value);
    case 'multiple_of':
      return multipleOf(check.value, column, value);
    case 'string_format':
      return isText ? stringFormat(check, value) : null;
    default:
      return null;
  }
}

const mayCountMore = (value: string, length: number): string =>
  `(strlen(${value}) > ${length} AND regexp_matches(${value}, ${BEYOND_BMP}))`;

function bound(value: string, operator: string, limit: unknown): EngineRules {
  if (typeof limit !== 'number' || !Number.isFinite(limit)) return null;
  return [`(${value} ${operator} ${Number.isSafeInteger(limit) ? limit : `CAST('${limit}' AS DOUBLE)`})`];
}

function numberFormat(format: string, column: ColumnType, value: string): EngineRules {
  // What is no safe integer was refused on its way into the column.
  if (format === 'safeint' && column.type === 'integer') return [];
  if (format === 'int32') return [`(${value} NOT BETWEEN -2147483648 AND 2147483647)`];
  if (format === 'uint32') return [`(${value} NOT BETWEEN 0 AND 4294967295)`];
  return format === 'float64' ? [] : null;
}

function multipleOf(step: unknown, column: ColumnType, value: string): EngineRules {
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step === 0) return null;
  const large = column.type === 'integer' ? '' : ` OR abs(${value}) > ${Number.MAX_SAFE_INTEGER}`;
  return [`(${value} % ${step} <> 0${large})`];
}

function stringFormat(check: z.core.$ZodCheckStringFormatDef, value: string): EngineRules {
  const { format } = check;
  const affix = (name: 'prefix' | 'suffix' | 'includes') =>
    name in check ? literal(String(check[name as keyof typeof check])) : null;
  if (format === 'starts_with') return [`(NOT starts_with(${value}, ${affix('prefix')}))`];
  if (format === 'ends_with') return [`(NOT ends_with(${value}, ${affix('suffix')}))`];
  if (format === 'includes') {
    return 'position' in check && check.position !== undefined
      ? null
      : [`(NOT contains(${value}, ${affix('includes')}))`];
  }
  const re2 = BY_PATTERN.has(format) && check.pattern ? toRe2(check.pattern) : null;
  if (re2 === null) return null;
  const rule = `(NOT regexp_matches(${value}, ${literal(re2.pattern)}))`;
  // JavaScript looks at halves of characters, and the two disagree on letters: of ASCII alone they say the same.
  return re2.isAscii ? [rule] : [rule, `(strlen(${value}) <> length(${value}))`];
}
