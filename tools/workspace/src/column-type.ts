import type { Column } from '@nx-assets/core';

/** A type as people read it: `{ a: string }[]`. */
export function typeOf(column: Column | Column['type'] | object): string {
  const type = column as Column;
  if (type.type === 'list') return `${typeOf(type.items)}[]`;
  if (type.type !== 'struct') return type.type;
  return `{ ${type.fields.map((field) => `${field.name}: ${typeOf(field)}`).join(', ')} }`;
}
