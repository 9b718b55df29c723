import type { DataFrame } from 'danfojs-node';

type Groups = ReturnType<DataFrame['groupby']>;
type Values = Groups['keyToValue'][string];

const corrected = new WeakSet<object>();

/**
 * Makes the groups of danfo, in this process, groups of rows with the same values. danfo joins the values of a row by
 * `-` and groups by that text, so that (`x-p`, `q`) and (`x`, `p-q`), 1 and `'1'`, null and `''` fall into one group, and
 * some names of groups (`constructor`, `__proto__`) break it.
 */
export function correctGroupKeys(Frame: typeof DataFrame): void {
  const groups = Object.getPrototypeOf(new Frame([[0]], { columns: ['a'] }).groupby(['a'])) as Groups;
  if (corrected.has(groups)) return;
  corrected.add(groups);
  groups.group = function (this: Groups) {
    return groupRows(this);
  };
  const original = groups.getGroup;
  groups.getGroup = function (this: Groups, values: Values) {
    const name = nameOf(this, values);
    if (name === null) throw new Error(`There is no group ${JSON.stringify(values)}.`);
    // By its name alone, danfo would join the values again.
    return original.call(this, [name]);
  };
  // Private to danfo's types.
  Object.defineProperty(groups, 'colKeyDict', { value: namesInOrder });
}

/** Danfo's own way of grouping, but by the values: each group has danfo's name, or another where that is taken. */
function groupRows(groups: Groups): Groups {
  const names = new Map<string, string>();
  const members: Record<string, Record<string, unknown[]>> = {};
  groups.keyToValue = {};
  for (const row of (groups.data ?? []) as unknown[][]) {
    const values = groups.colIndex.map((index) => row[Number(index)]) as Values;
    const identity = values.map(identityOf).join();
    const name = names.get(identity) ?? freeName(joined(values), groups.keyToValue);
    names.set(identity, name);
    groups.keyToValue[name] ??= values;
    const columns = (members[name] ??= Object.fromEntries(
      groups.columnName.map((column): [string, unknown[]] => [String(column), []]),
    ));
    groups.columnName.forEach((column, index) => columns[String(column)]?.push(row[index]));
  }
  groups.colDict = members;
  return groups;
}

const joined = (values: Values): string => values.join('-');

/** The name, or one like it that no group has, nor every object. */
function freeName(name: string, taken: object): string {
  for (let count = 2, free = name; ; count++) {
    if (!(free in taken)) return free;
    free = `${name} (${count})`;
  }
}

/** A text that two values share only where they are the same. */
function identityOf(value: unknown): string {
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (typeof value === 'bigint') return `bigint ${value}`;
  if (typeof value === 'number') return `number ${value}`;
  return value === undefined || value === null ? 'null' : JSON.stringify(value);
}

/** The group with these values; or, as danfo has it, with values that are written like these, if there is only one. */
function nameOf({ keyToValue }: Groups, values: Values): string | null {
  const identity = values.map(identityOf).join();
  const all = Object.entries(keyToValue);
  const same = all.find(([, own]) => own.map(identityOf).join() === identity);
  if (same) return same[0];
  const alike = all.filter(([, own]) => own.every((value, at) => String(value) === String(values[at])));
  return alike.length === 1 ? (alike[0]?.[0] ?? null) : null;
}

/** The names of groups in danfo's order: those that begin alike up to the first `-` are together. */
function namesInOrder(groups: object): string[] {
  const together = new Map<string, string[]>();
  for (const name of Object.keys(groups)) {
    const begin = name.split('-')[0] ?? '';
    together.set(begin, [...(together.get(begin) ?? []), name]);
  }
  const isWhole = (text: string) => /^(0|[1-9]\d{0,9})$/.test(text) && Number(text) < 2 ** 32 - 1;
  const begins = [...together.keys()];
  // As the keys of an object: whole numbers first.
  const order = [
    ...begins.filter(isWhole).sort((a, b) => Number(a) - Number(b)),
    ...begins.filter((text) => !isWhole(text)),
  ];
  return order.flatMap((begin) => together.get(begin) ?? []);
}
