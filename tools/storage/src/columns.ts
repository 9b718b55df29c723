import { AssetError, type Column, type ColumnType, identifier } from '@nx-assets/core';
import { z } from 'zod';

/** The part of JSON Schema that zod writes and that columns need. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  /** What fields may have that are not named; `false` where there are none. */
  readonly additionalProperties?: JsonSchema | false;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** What JSON has no word for: it would come back as something else than its type says. */
const NOT_JSON = new Set(['bigint', 'date', 'file', 'function', 'map', 'nan', 'promise', 'set', 'symbol']);

/** The JSON Schema of what a zod schema gives out. Throws `SCHEMA_UNSUPPORTED` for what JSON cannot hold. */
export const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, {
    io: 'output',
    unrepresentable: 'any',
    cycles: 'ref',
    reused: 'inline',
    override: ({ zodSchema, path }) => {
      const { type } = zodSchema._zod.def;
      if (!NOT_JSON.has(type)) return;
      const field = path.filter((step) => step !== 'properties').join('.');
      throw new AssetError(
        'SCHEMA_UNSUPPORTED',
        `The field "${field}" is a ${type}, which JSON cannot hold.`,
        {
          remedy: 'Keep it as text or as a number, for example with z.iso.datetime().',
        },
      );
    },
  }) as JsonSchema;

/** The columns of a table whose rows a zod object describes. Throws `SCHEMA_UNSUPPORTED`. */
export function columnsOf(schema: z.ZodObject): Column[] {
  const columns = fieldsOf(jsonSchemaOf(schema), '');
  if (columns.length === 0)
    throw new AssetError('SCHEMA_UNSUPPORTED', 'The schema of a table has no columns.');
  return columns;
}

function fieldsOf(schema: JsonSchema, path: string): Column[] {
  const seen = new Map<string, string>();
  refuseUnnamed(schema, path);
  return Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const full = path === '' ? name : `${path}.${name}`;
    const problem = problemOfName(name, path);
    if (problem !== null) {
      throw new AssetError('SCHEMA_UNSUPPORTED', `The field "${full}" ${problem}.`, {
        remedy: 'Give it another name.',
      });
    }
    const { type, nullable } = typeOf(field, full);
    if (!nullable && !(schema.required ?? []).includes(name)) {
      throw new AssetError(
        'SCHEMA_UNSUPPORTED',
        `The field "${full}" may be missing, but a column can only be null.`,
        {
          remedy: 'Write `.nullable().default(null)`, or `.nullish()`, instead of `.optional()`.',
        },
      );
    }
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      throw new AssetError('SCHEMA_UNSUPPORTED', `The fields "${other}" and "${full}" differ only in case.`);
    }
    seen.set(name.toLowerCase(), full);
    return { name, nullable, ...type };
  });
}

/** What DuckDB calls the place of a row in its file. */
export const ROW_NUMBER = 'file_row_number';

function problemOfName(name: string, parent: string): string | null {
  if (name === '__proto__') return 'would be the prototype of its row';
  if (name === '') return 'has no name';
  if (name.includes('\0') || !name.isWellFormed())
    return 'has a character in its name that no column can have';
  return parent === '' && name === ROW_NUMBER
    ? 'is called as DuckDB calls the place of a row in its file'
    : null;
}

/** A column, or a field of it, is there for each name: what has none would be dropped. */
function refuseUnnamed(schema: JsonSchema, path: string): void {
  const { properties = {}, additionalProperties: others = false } = schema;
  if (others === false || Object.keys(properties).length === 0) return;
  throw new AssetError(
    'SCHEMA_UNSUPPORTED',
    `${path === '' ? 'The schema' : `The field "${path}"`} takes fields that it does not name (z.looseObject(), .catchall()): no column could hold them.`,
    { remedy: 'Declare each field, or keep them together in one, as z.record(z.string(), z.json()).' },
  );
}

/** A schema without its null, and whether it had one. */
function withoutNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const variants = schema.anyOf;
  if (variants) {
    const rest = variants.filter((variant) => variant.type !== 'null');
    const only = rest.length === 1 ? rest[0] : undefined;
    return { schema: only ?? { anyOf: rest }, nullable: rest.length < variants.length };
  }
  if (typeof schema.type === 'object') {
    const rest = schema.type.filter((type) => type !== 'null');
    const only = rest.length === 1 && rest[0] !== undefined ? rest[0] : rest;
    return { schema: { ...schema, type: only }, nullable: rest.length < schema.type.length };
  }
  return { schema, nullable: schema.type === 'null' };
}

function typeOf(given: JsonSchema, path: string): { type: ColumnType; nullable: boolean } {
  const { schema, nullable } = withoutNull(given);
  return { type: nonNullType(schema, path), nullable };
}

function nonNullType(schema: JsonSchema, path: string): ColumnType {
  const literals = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const type = schema.type ?? literalType(literals);
  switch (type) {
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return { type };
    case 'array':
      return { type: 'list', items: typeOf(schema.items ?? {}, `${path}[]`).type };
    case 'object': {
      const fields = fieldsOf(schema, path);
      return fields.length > 0 ? { type: 'struct', fields } : { type: 'json' };
    }
    case 'null':
      return { type: 'json' };
    case undefined:
      return { type: 'json' };
    default:
      throw new AssetError('SCHEMA_UNSUPPORTED', `The field "${path}" has the type ${JSON.stringify(type)}.`);
  }
}

function literalType(literals: readonly unknown[] | undefined): string | undefined {
  const types = new Set((literals ?? []).map((literal) => typeof literal));
  return types.size === 1 ? [...types][0] : undefined;
}

/** How DuckDB spells a column type. */
export function duckdbType(column: ColumnType): string {
  switch (column.type) {
    case 'string':
      return 'VARCHAR';
    case 'integer':
      return 'BIGINT';
    case 'number':
      return 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    case 'json':
      return 'JSON';
    case 'list':
      return `${duckdbType(column.items)}[]`;
    case 'struct':
      return `STRUCT(${column.fields.map((field) => `${identifier(field.name)} ${duckdbType(field)}`).join(', ')})`;
  }
}

/** Whether a column holds JSON, somewhere inside. */
export function holdsJson(column: ColumnType): boolean {
  if (column.type === 'list') return holdsJson(column.items);
  return column.type === 'struct' ? column.fields.some(holdsJson) : column.type === 'json';
}

/** A type for people: `string`, `integer?`, `{ lat: string }`. */
export function describeColumn(column: ColumnType): string {
  switch (column.type) {
    case 'list':
      return `${describeColumn(column.items)}[]`;
    case 'struct':
      return `{ ${column.fields.map((field) => `${field.name}: ${describeColumn(field)}`).join(', ')} }`;
    default:
      return column.type;
  }
}
