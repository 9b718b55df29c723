import { notJson } from './exact-json.ts';

export interface RowIssue {
  readonly path: PropertyKey[];
  readonly message: string;
}

/**
 * Where what a schema makes of a value differs from the value, or is nothing that JSON holds: rows of a query are
 * kept as they are, so that a schema that changes them promises what is not there.
 */
export function changesOf(value: unknown, parsed: unknown, path: PropertyKey[] = []): RowIssue[] {
  const unheld = notJson(value);
  if (unheld !== null) return [{ path, message: `${unheld} is nothing that JSON can hold` }];
  if (typeof value !== 'object' || value === null || typeof parsed !== 'object' || parsed === null) {
    return value === parsed ? [] : [changed(path)];
  }
  // JSON would say null of it, and of what was never put there.
  const hole = Array.isArray(value) ? value.findIndex((item) => item === undefined) : -1;
  if (hole >= 0) return [{ path: [...path, hole], message: 'undefined is nothing that JSON can hold' }];
  const after = parsed as Readonly<Record<string, unknown>>;
  const names = Object.keys(value);
  if (names.length !== Object.keys(after).length) return [changed(path)];
  return names.flatMap((name) =>
    Object.hasOwn(after, name)
      ? changesOf((value as Readonly<Record<string, unknown>>)[name], after[name], [...path, name])
      : [changed([...path, name])],
  );
}

const changed = (path: PropertyKey[]): RowIssue => ({
  path,
  message: 'The schema would change it, but rows of a query are checked, not changed',
});
