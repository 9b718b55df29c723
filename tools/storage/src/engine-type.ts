/** A type as the engine describes it, taken apart: lists and structs have parts that must fit as well. */
export type EngineType =
  | { readonly kind: 'scalar'; readonly name: string; readonly text: string }
  | { readonly kind: 'list'; readonly items: EngineType; readonly text: string }
  | {
      readonly kind: 'struct';
      readonly fields: readonly { readonly name: string; readonly type: EngineType }[];
      readonly text: string;
    };

/** Reads what DESCRIBE writes: `STRUCT(a DECIMAL(2,1)[], "b c" VARCHAR)`. */
export function readEngineType(text: string): EngineType {
  const inner = /^([\s\S]*)\[\d*\]$/.exec(text)?.[1];
  if (inner !== undefined) return { kind: 'list', items: readEngineType(inner), text };
  if (!text.startsWith('STRUCT(')) return { kind: 'scalar', name: text.replace(/\([\s\S]*$/, ''), text };
  const fields = splitOutside(text.slice('STRUCT('.length, -1), ',').map((field) => {
    const [name = '', ...rest] = splitOutside(field.trim(), ' ');
    return { name: unquoted(name), type: readEngineType(rest.join(' ')) };
  });
  return { kind: 'struct', fields, text };
}

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
