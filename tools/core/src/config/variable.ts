/**
 * An environment variable that stands for a text, as data: a definition says where a value is found, and a run looks it
 * up. One that is empty counts as not set.
 */
export type Variable =
  | { readonly $env: string; readonly fallback?: string }
  | { readonly $secret: string; readonly fallback?: undefined };

/** What the environment variable holds when a run starts; `fallback` where it is not set. */
export const env = (name: string, fallback?: string): Variable =>
  fallback === undefined ? { $env: name } : { $env: name, fallback };

/** The same, where nobody may read it: it is kept out of records, logs, messages and previews. */
export const secret = (name: string): Variable => ({ $secret: name });

export const isVariable = (value: unknown): value is Variable =>
  typeof value === 'object' && value !== null && ('$env' in value || '$secret' in value);

export const nameOfVariable = (variable: Variable): string =>
  '$env' in variable ? variable.$env : variable.$secret;

/** Names of the secrets anywhere in a value. */
export function secretNamesIn(value: unknown): string[] {
  if (isVariable(value)) return '$secret' in value ? [value.$secret] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretNamesIn);
}
