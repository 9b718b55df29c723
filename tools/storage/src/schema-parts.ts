import type { z } from 'zod';

export interface SchemaPart {
  readonly schema: z.core.$ZodTypes;
  /** Of the field that it belongs to, `''` for the whole row. */
  readonly path: string;
}

/** A schema and all the schemas in it, however deep, each once. */
export function* partsOf(
  whole: z.core.$ZodType,
  path = '',
  seen = new Set<z.core.$ZodType>(),
): Generator<SchemaPart> {
  if (seen.has(whole)) return;
  seen.add(whole);
  const schema = whole as z.core.$ZodTypes;
  yield { schema, path };
  for (const [part, name] of innerOf(schema)) {
    yield* partsOf(part, name === '' ? path : path === '' ? name : `${path}.${name}`, seen);
  }
}

type Inner = readonly (readonly [schema: z.core.$ZodType, name: string])[];

function innerOf({ _zod: { def } }: z.core.$ZodTypes): Inner {
  switch (def.type) {
    case 'object': {
      const fields = Object.entries(def.shape).map(([name, field]) => [field, name] as const);
      return def.catchall ? [...fields, [def.catchall, '*']] : fields;
    }
    case 'array':
      return [[def.element, '[]']];
    case 'tuple':
      return [...def.items, ...(def.rest ? [def.rest] : [])].map((item) => [item, '[]']);
    case 'union':
      return def.options.map((option) => [option, '']);
    case 'intersection':
      return [
        [def.left, ''],
        [def.right, ''],
      ];
    case 'record':
    case 'map':
      return [
        [def.keyType, '*'],
        [def.valueType, '*'],
      ];
    case 'pipe':
      return [
        [def.in, ''],
        [def.out, ''],
      ];
    case 'lazy':
      return [[def.getter(), '']];
    default:
      return 'innerType' in def ? [[def.innerType, '']] : [];
  }
}
