import type { Json } from './json.ts';
import { AssetError } from './diagnostics.ts';

/**
 * An entry of a list as data, and nothing else: what a factory receives is exactly what its asset's version counts.
 * Throws `ASSET_ENTRY_INVALID` where it holds what JSON cannot.
 */
export function entryOf(value: unknown, where: string): { readonly text: string; readonly value: unknown } {
  const problem = problemOf(value, '', new Set());
  if (problem !== null) throw new AssetError('ASSET_ENTRY_INVALID', `${where} holds ${problem}.`);
  const text = JSON.stringify(value);
  return { text, value: freeze(JSON.parse(text) as Json) };
}

function problemOf(value: unknown, path: string, above: ReadonlySet<object>): string | null {
  const at = path === '' ? '' : ` at ${path}`;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${value}${at}`;
  if (typeof value !== 'object') return `${typeof value === 'undefined' ? '' : 'a '}${typeof value}${at}`;
  if (above.has(value)) return `itself${at}`;
  const isPlain = [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value) as null);
  if (!isPlain) return `a ${value.constructor.name}${at}`;
  const within = new Set(above).add(value);
  for (const [name, inner] of Object.entries(value)) {
    const problem = problemOf(inner, path === '' ? name : `${path}.${name}`, within);
    if (problem !== null) return problem;
  }
  return null;
}

/** Entries may share what they hold: one asset must not change it for another. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
