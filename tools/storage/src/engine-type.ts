interface Field {
  readonly name: string;
  readonly type: EngineType;
}

/** A type as the engine describes it, taken apart: lists and structs have parts that must fit as well. */
export type EngineType =
  | { readonly kind: 'scalar'; readonly name: string; readonly text: string }
  | { readonly kind: 'list'; readonly items: EngineType; readonly text: string }
  | { readonly kind: 'struct'; readonly fields: readonly Field[]; readonly text: string }
  | { readonly kind: 'map'; readonly values: EngineType; readonly text: string }
  | { readonly kind: 'union'; readonly members: readonly Field[]; readonly text: string };

/** Reads what DESCRIBE writes: `STRUCT(a DECIMAL(2,1)[], "b c" VARCHAR)`. */
export function readEngineType(text: string): EngineType {
  const inner = /^([\s\S]*)\[\d*\]$/.exec(text)?.[1];
  if (inner !== undefined) return { kind: 'list', items: readEngineType(inner), text };
  const [, name = text, parts] = /^([A-Z]+)\(([\s\S]*)\)$/.exec(text) ?? [];
  if (parts === undefined) return { kind: 'scalar', name, text };
  switch (name) {
    case 'STRUCT':
      return { kind: 'struct', fields: fieldsOf(parts), text };
    case 'UNION':
      return { kind: 'union', members: fieldsOf(parts), text };
    case 'MAP':
      return { kind: 'map', values: readEngineType(splitOutside(parts, ',')[1]?.trim() ?? ''), text };
    default:
      return { kind: 'scalar', name, text };
  }
}

const fieldsOf = (parts: string): Field[] =>
  splitOutside(parts, ',').map((field) => {
    const [name = '', ...rest] = splitOutside(field.trim(), ' ');
    return { name: unquoted(name), type: readEngineType(rest.join(' ')) };
  });

const unquoted = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;

/** Splits where neither quotes nor brackets are open. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
