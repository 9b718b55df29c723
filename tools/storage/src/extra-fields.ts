import { z } from 'zod';
import type { RowIssue } from './row-changes.ts';
import { partsOf } from './schema-parts.ts';

/** Fields of a row that its schema does not name: zod would drop them without a word. */
export type ExtraFields = (value: unknown) => readonly RowIssue[];

/** Looks at a value that fits, and notes what would be dropped. */
type Look = (value: unknown, path: PropertyKey[], found: RowIssue[]) => void;

export function extraFieldsOf(schema: z.ZodObject): ExtraFields {
  const look = lookInto(schema, new Map());
  return (value) => {
    const found: RowIssue[] = [];
    look?.(value, [], found);
    return found;
  };
}

type Looks = Map<z.core.$ZodType, Look | null>;

/** `null` where nothing inside drops a field. A schema may be inside itself. */
function lookInto(whole: z.core.$ZodType, looks: Looks): Look | null {
  const known = looks.get(whole);
  if (known !== undefined) return known;
  if (!mayDrop(whole)) return null;
  let look: Look | null = null;
  looks.set(whole, (value, path, found) => look?.(value, path, found));
  look = lookOf(whole as z.core.$ZodTypes, looks);
  looks.set(whole, look);
  return look;
}

function mayDrop(whole: z.core.$ZodType): boolean {
  for (const { schema } of partsOf(whole)) {
    const { type } = schema._zod.def;
    if (type === 'object' || type === 'record') return true;
  }
  return false;
}

function lookOf(schema: z.core.$ZodTypes, looks: Looks): Look | null {
  const { def } = schema._zod;
  switch (def.type) {
    case 'object': {
      const fields = Object.entries(def.shape).map(
        ([name, field]) => [name, lookInto(field, looks)] as const,
      );
      // What it does not name has a schema of its own there, and is kept.
      return lookIntoFields(new Map(fields), def.catchall && { look: lookInto(def.catchall, looks) });
    }
    case 'record':
      return lookIntoFields(new Map(), { look: lookInto(def.valueType, looks) });
    case 'array':
      return lookIntoItems([], lookInto(def.element, looks));
    case 'tuple':
      return lookIntoItems(
        def.items.map((item) => lookInto(item, looks)),
        def.rest && lookInto(def.rest, looks),
      );
    case 'union':
      return lookIntoFirst(def.options, looks);
    case 'catch':
      return lookIntoFirst([def.innerType], looks);
    case 'intersection':
      return lookIntoBoth(lookInto(def.left, looks), lookInto(def.right, looks));
    case 'lazy':
      return lookInto(def.getter(), looks);
    case 'nullable':
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
      return lookInto(def.innerType, looks);
    case 'pipe':
      return lookInto(def.in, looks);
    default:
      return null;
  }
}

function lookIntoFields(fields: ReadonlyMap<string, Look | null>, others?: { look: Look | null }): Look {
  return (value, path, found) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const row = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(row)) {
      const look = fields.has(name) ? fields.get(name) : others?.look;
      // Whatever a schema says of it, zod never takes a field of this name.
      const isKept = fields.has(name) || (others !== undefined && name !== '__proto__');
      if (isKept) look?.(row[name], [...path, name], found);
      else if (row[name] !== undefined) {
        found.push({
          path: [...path, name],
          message: 'It is not in the schema: declare it, or leave it out of the rows',
        });
      }
    }
  };
}

function lookIntoItems(first: readonly (Look | null)[], rest: Look | null): Look {
  return (value, path, found) => {
    if (!Array.isArray(value)) return;
    value.forEach((one, index) => {
      const look = index < first.length ? first[index] : rest;
      look?.(one, [...path, index], found);
    });
  };
}

/** Of the first schema that takes a value: it is the one that zod takes. */
function lookIntoFirst(options: readonly z.core.$ZodType[], looks: Looks): Look {
  const all = options.map((option) => ({ option, look: lookInto(option, looks) }));
  return (value, path, found) => {
    if (typeof value !== 'object' || value === null) return;
    const taken = all.find(({ option }) => z.safeParse(option, value).success);
    taken?.look?.(value, path, found);
  };
}

/** What one of two schemas keeps is kept. */
function lookIntoBoth(left: Look | null, right: Look | null): Look | null {
  if (left === null || right === null) return null;
  return (value, path, found) => {
    const [byLeft, byRight]: [RowIssue[], RowIssue[]] = [[], []];
    left(value, path, byLeft);
    right(value, path, byRight);
    const dropped = new Set(byRight.map((issue) => JSON.stringify(issue.path)));
    found.push(...byLeft.filter((issue) => dropped.has(JSON.stringify(issue.path))));
  };
}
