import type { z } from 'zod';
import type { RowIssue } from './row-changes.ts';

/** Fields of a row that its schema does not name: zod would drop them without a word. */
export type ExtraFields = (value: unknown) => readonly RowIssue[];

type Look = (value: unknown, path: PropertyKey[], found: RowIssue[]) => void;

export function extraFieldsOf(schema: z.ZodObject): ExtraFields {
  const look = lookInto(schema, new Set());
  return (value) => {
    const found: RowIssue[] = [];
    look?.(value, [], found);
    return found;
  };
}

/** `null` where no object is inside that names its fields. */
function lookInto(whole: z.core.$ZodType, above: ReadonlySet<z.core.$ZodType>): Look | null {
  const { def } = (whole as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object': {
      if (above.has(whole) || def.catchall !== undefined || Object.keys(def.shape).length === 0) return null;
      const inside = new Set([...above, whole]);
      return lookIntoFields(
        new Map(Object.entries(def.shape).map(([name, field]) => [name, lookInto(field, inside)])),
      );
    }
    case 'array': {
      const item = lookInto(def.element, above);
      if (item === null) return null;
      return (value, path, found) => {
        if (Array.isArray(value)) value.forEach((one, index) => item(one, [...path, index], found));
      };
    }
    case 'nullable':
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
      return lookInto(def.innerType, above);
    case 'pipe':
      return lookInto(def.in, above);
    default:
      return null;
  }
}

function lookIntoFields(fields: ReadonlyMap<string, Look | null>): Look {
  return (value, path, found) => {
    if (typeof value !== 'object' || value === null) return;
    const row = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(row)) {
      const look = fields.get(name);
      if (look) look(row[name], [...path, name], found);
      else if (look === undefined && row[name] !== undefined) {
        found.push({
          path: [...path, name],
          message: 'It is not in the schema: declare it, or leave it out of the rows',
        });
      }
    }
  };
}
