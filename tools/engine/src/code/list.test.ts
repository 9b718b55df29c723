import { describe, expect, test } from 'vitest';
import { listOf } from './list.ts';
import { usesWhole } from './members.ts';

const IMPORT = `import { asset, assets } from '@nx-assets/core';\n`;
const JSON_IMPORT = `import list from './list.json' with { type: 'json' };\n`;
const find = (source: string) => listOf('/w/a.ts', IMPORT + source, 'set');
/** What does not count of a file. */
const hidden = (source: string) => {
  const list = find(source);
  return list?.type === 'text' ? (IMPORT + source).slice(list.start, list.end) : (list?.from ?? null);
};

describe('a list that nothing but its factory sees', () => {
  test.each([
    [
      'written in place',
      `export const set = assets([{ n: 'a', v: [-1, null, true] }], (e) => [e.n, asset(e)]);`,
      `[{ n: 'a', v: [-1, null, true] }]`,
    ],
    [
      'an object',
      `export const set = assets({ a: 1, 'b': \`x\` }, (e) => asset(e));`,
      `{ a: 1, 'b': \`x\` }`,
    ],
    [
      'a constant',
      `const L = [1] as const;\nexport const set = assets(L, (e) => [e, asset({})]);`,
      '[1] as const',
    ],
    [
      'a constant whose type is named',
      `const L = [1] satisfies number[];\ntype E = (typeof L)[number];\nexport const set = assets(L, (e: E) => [e, asset({})]);`,
      '[1] satisfies number[]',
    ],
    [
      'a part of a constant',
      `const L = { all: [1] };\nexport const set = assets(L.all, (e) => [e, asset({})]);`,
      '{ all: [1] }',
    ],
    ['a JSON file', `${JSON_IMPORT}export const set = assets(list, (e) => [e.n, asset({})]);`, './list.json'],
    [
      'a part of a JSON file, under a type',
      `${JSON_IMPORT}export const set = assets(list['all'] as E[], (e) => [e.n, asset({})]);`,
      './list.json',
    ],
    [
      'exported by another name',
      `const set = assets([1], (e) => [e, asset({})]);\nexport { set as other };`,
      '[1]',
    ],
    [
      'with a function by its name',
      `const make = (e: E) => [e.n, asset({})] as const;\nexport const set = assets([1], make);`,
      '[1]',
    ],
    [
      'with a declared function',
      `export const set = assets([1], make);\nfunction make(e) { const rows = []; rows.push(e); return [e, asset({ rows })]; }`,
      '[1]',
    ],
    [
      'with a function from elsewhere',
      `import { make } from './make.ts';\nexport const set = assets([1], make);`,
      '[1]',
    ],
    [
      'beside constants that are only read',
      `const Row = z.object({});\nconst MAX = { a: 1 };\nconst TAGS = ['x'];\nexport const set = assets([1], (e) => [e, asset({ schema: Row, max: MAX[e], tags: TAGS, all: [...TAGS] })]);`,
      '[1]',
    ],
    [
      'where the function keeps to what is its own',
      `export const set = assets([1], (e) => { let n = 0; n++; const o = {}; o.n = n; return [e, asset({ materialize: (i, c) => { c.metadata({}); return Object.keys(o).sort(); } })]; });`,
      '[1]',
    ],
    [
      'where another property has its name',
      `const L = [1];\nexport const set = assets(L, (e) => [e.L, asset({ L: 1 })]);`,
      '[1]',
    ],
    [
      'where a local name stands for what is only read',
      `const MAX = { a: { n: 1 } };\nexport const set = assets([1], (e) => { const { n } = MAX[e]; const own = [n]; own.push(2); return [e, asset({ own })]; });`,
      '[1]',
    ],
  ])('%s', (_name, source, expected) => expect(hidden(source)).toBe(expected));

  test.each([
    ['is used again', `const L = [1];\nexport const set = assets(L, (e) => [e, asset({ n: L.length })]);`],
    [
      'is used again, in a shorthand',
      `const L = [1];\nexport const set = assets(L, (e) => [e, asset({ L })]);`,
    ],
    ['is exported', `export const L = [1];\nexport const set = assets(L, (e) => [e, asset({})]);`],
    [
      'is exported later',
      `const L = [1];\nexport { L };\nexport const set = assets(L, (e) => [e, asset({})]);`,
    ],
    ['is computed', `const L = make();\nexport const set = assets(L, (e) => [e, asset({})]);`],
    [
      'is filtered',
      `${JSON_IMPORT}export const set = assets(list.filter((e) => e.on), (e) => [e.n, asset({})]);`,
    ],
    ['has a name in it', `const X = 1;\nexport const set = assets([{ n: X }], (e) => [e.n, asset({})]);`],
    ['has a spread in it', `export const set = assets([...OTHERS], (e) => [e.n, asset({})]);`],
    ['has a function in it', `export const set = assets([{ n: () => 1 }], (e) => [e.n, asset({})]);`],
    ['is a variable', `let L = [1];\nexport const set = assets(L, (e) => [e, asset({})]);`],
    [
      'comes from code',
      `import list from './list.ts';\nexport const set = assets(list, (e) => [e, asset({})]);`,
    ],
    [
      'comes with other names',
      `import list, { all } from './list.json' with { type: 'json' };\nexport const set = assets(list, (e) => [e, asset({})]);`,
    ],
    [
      'is imported twice',
      `${JSON_IMPORT}import again from './list.json' with { type: 'json' };\nexport const set = assets(list, (e) => [e, asset({ again })]);`,
    ],
    [
      'goes to another function',
      `import { assets as mine } from './mine.ts';\nexport const set = mine([1], (e) => [e, asset({})]);`,
    ],
    [
      'is counted in a variable',
      `let n = 0;\nexport const set = assets([1], (e) => [e, asset({ n: n++ })]);`,
    ],
    [
      'is assigned to a variable',
      `let last;\nexport const set = assets([1], (e) => { last = e; return [e, asset({})]; });`,
    ],
    [
      'is taken apart into one',
      `let last;\nexport const set = assets([1], (e) => { [last] = [e]; return [e, asset({})]; });`,
    ],
    [
      'is pushed',
      `const seen = [];\nexport const set = assets([1], (e) => [e, asset({ n: seen.push(e) })]);`,
    ],
    [
      'is set in an object',
      `const seen = {};\nexport const set = assets([1], (e) => { seen[e] = 1; return [e, asset({})]; });`,
    ],
    [
      'is deleted from one',
      `const seen = { a: 1 };\nexport const set = assets([1], (e) => { delete seen[e]; return [e, asset({})]; });`,
    ],
    [
      'is kept in a set',
      `const seen = new Set();\nexport const set = assets([1], (e) => { seen.add(e); return [e, asset({})]; });`,
    ],
    [
      'is kept in what a call gave',
      `const seen = make();\nexport const set = assets([1], (e) => { seen.push(e); return [e, asset({})]; });`,
    ],
    [
      'is kept by a method that has no name here',
      `const seen = make();\nexport const set = assets([1], (e) => { seen[M](e); return [e, asset({})]; });`,
    ],
    [
      'is handed on with what holds it',
      `const seen = [];\nexport const set = assets([1], (e) => { keep(seen, e); return [e, asset({})]; });`,
    ],
    [
      'is kept under another name',
      `const seen = [];\nexport const set = assets([1], (e) => { const s = seen; s.push(e); return [e, asset({})]; });`,
    ],
    [
      'is kept in a part under another name',
      `const state = { seen: [] };\nexport const set = assets([1], (e) => { const s = state.seen; const t = s; t.push(e); return [e, asset({})]; });`,
    ],
    [
      'is kept in what a map gives',
      `const state = new Map([[1, []]]);\nexport const set = assets([1], (e) => { const s = state.get(1); s.push(e); return [e, asset({})]; });`,
    ],
    [
      'is kept by another function',
      `const seen = [];\nfunction keep(e) { seen.push(e); }\nexport const set = assets([1], (e) => { keep(e); return [e, asset({})]; });`,
    ],
    [
      'is given back by another function',
      `const seen = [];\nconst all = () => seen;\nexport const set = assets([1], (e) => { all().push(e); return [e, asset({})]; });`,
    ],
    [
      'is kept in a global',
      `export const set = assets([1], (e) => { globalThis.seen = e; return [e, asset({})]; });`,
    ],
    [
      'is kept in this',
      `export const set = assets([1], function (e) { this.seen = e; return [e, asset({})]; });`,
    ],
    [
      'is kept in what is imported',
      `import { seen } from './seen.ts';\nexport const set = assets([1], (e) => { seen.push(e); return [e, asset({})]; });`,
    ],
    [
      'is made by a function that a call gave',
      `const make = maker();\nexport const set = assets([1], make);`,
    ],
    ['is made by a variable', `let make = (e) => [e, asset({})];\nexport const set = assets([1], make);`],
    [
      'stands behind a condition',
      `export const set = on ? assets([1], (e) => [e, asset({})]) : assets([2], (e) => [e, asset({})]);`,
    ],
  ])('is not one that %s', (_name, source) => expect(hidden(source)).toBeNull());

  test('is not one of another module', () => {
    const source = `import { assets } from './mine.ts';\nexport const set = assets([1], (e) => [e, e]);`;
    expect(listOf('/w/a.ts', source, 'set')).toBeNull();
    expect(
      listOf('/w/a.ts', `import * as core from '@nx-assets/core';\nconst set = core.assets([1], f);`, 'set'),
    ).toBeNull();
  });
});

describe('a set that is imported', () => {
  const from = `import { rates } from './rates.ts';\n`;
  test.each([
    ['deps: { eur: rates.eur, usd: rates["usd"] }', false],
    ['deps: { eur: memberOf(rates, "eur") }', false],
    ['deps: membersOf(rates)', true],
    ['deps: { ...rates }', true],
    ['deps: { eur: rates[NAME] }', true],
    ['deps: { eur: memberOf(rates, NAME) }', true],
    ['names: Object.keys(rates)', true],
    ['nothing: 1', false],
  ])('as in %s', (options, expected) => {
    expect(
      usesWhole('/w/b.ts', `${from}export const b = asset({ ${options} });`, './rates.ts', 'rates'),
    ).toBe(expected);
  });

  test('by another name', () => {
    const source = `import { rates as r } from './rates.ts';\nimport { rates } from './other.ts';\nkeys(r);`;
    expect(usesWhole('/w/b.ts', source, './rates.ts', 'rates')).toBe(true);
    expect(usesWhole('/w/b.ts', source, './other.ts', 'rates')).toBe(false);
  });
});

test('a list counts where the file looks at the set, and not where it names members of it', () => {
  const set = 'export const set = assets([1], (e) => [e, asset({})]);\n';
  expect(find(`${set}export const n = () => Object.keys(set).length;`)).toBeNull();
  expect(find(`${set}export const b = asset({ deps: { one: set.one } });`)).not.toBeNull();
});
