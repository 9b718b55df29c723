import { hashText } from '@nx-assets/storage/records';
import { describe, expect, test } from 'vitest';
import { CodeFolder } from './test-support.ts';

const folder = new CodeFolder();

const CORE = `import { asset, assets, customMapping, daily, hourly, job, mapPartitions, memberOf, membersOf, monthly, staticPartitions as keysOf, trailing, twoDimensions, weekly } from '@nx-assets/core';\n`;
const OTHERS = ['@nx-assets/core', '@nx-assets/csv'];

/** Files as they are written; those named here import the core. */
function write(files: Readonly<Record<string, string>>): void {
  for (const name of OTHERS) folder.installed(name, '1.0.0');
  const all = Object.entries(files).map(([path, text]) => [path, CORE + text] as const);
  folder.write(Object.fromEntries(all));
}

/** Whether an edit of `END` counts for the code of a.ts. */
function counts(files: Readonly<Record<string, string>>): boolean {
  const edited = (end: string) =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replaceAll('END', end)]));
  write(edited('2026-04-01'));
  const before = folder.closure('a.ts');
  write(edited('2027-04-01'));
  const after = folder.closure('a.ts');
  // What Node has loaded is compared with all of it.
  expect({ ...after.files, ...after.whole }).not.toEqual({ ...before.files, ...before.whole });
  return JSON.stringify(before.files) !== JSON.stringify(after.files);
}

const DAYS = `daily({ start: '2026-03-01', end: 'END' })`;
const CONST = `const days = ${DAYS};\n`;
const SPAN = `const span = { start: '2026-03-01', end: 'END' } as const;\n`;

describe('what only says which partitions there are does not count', () => {
  test.each([
    ['in place', `export const a = asset({ partitions: ${DAYS} });`],
    ['in a constant', `${CONST}export const a = asset({ partitions: days });`],
    ['in an exported constant', `export ${CONST}export const a = asset({ partitions: days });`],
    ['exported later', `${CONST}export const a = asset({ partitions: days });\nexport { days, a as b };`],
    ['in a shorthand', `const partitions = ${DAYS};\nexport const a = asset({ partitions, kind: 'x' });`],
    ['as keys', `export const a = asset({ partitions: keysOf(['eu', 'END']) });`],
    [
      'as named keys',
      `const R = ['eu', 'END'] as const;\nexport const a = asset({ partitions: keysOf(R) });`,
    ],
    [
      'as keys with others',
      `const R = ['eu'];\nexport const a = asset({ partitions: keysOf([...R, 'END']) });`,
    ],
    ['as a named span', `${SPAN}const days = daily(span);\nexport const a = asset({ partitions: days });`],
    [
      'as a span of several',
      `${SPAN}const weeks = weekly(span);\nexport const a = asset({ partitions: daily({ ...span, timeZone: 'Europe/Berlin' }), deps: {} });\nexport const b = asset({ partitions: weeks });`,
    ],
    [
      'as a named end',
      `const end = 'END';\nexport const a = asset({ partitions: hourly({ start: '2026-03-01', end }) });`,
    ],
    [
      'beside what is computed',
      `export const a = asset({ partitions: daily({ start: first(), end: 'END' }) });\nfunction first() { return '2026-03-01'; }`,
    ],
    [
      'in two dimensions',
      `${CONST}const cells = twoDimensions({ day: days, region: keysOf(['eu', 'us']) });\nexport const a = asset({ partitions: cells });`,
    ],
    [
      'where others depend on the asset',
      `${CONST}export const a = asset({ partitions: days });\nexport const b = asset({ partitions: days, deps: { a } });\nexport const c = asset({ deps: { three: trailing(a, 3) } });\nexport const run = job({ assets: [a] });`,
    ],
    [
      'in a set',
      `${CONST}export const a = assets([1, 2], (n) => [n, asset({ partitions: days })]);\nexport const b = asset({ deps: { one: a.one, two: memberOf(a, 'two'), ...membersOf(a) } });`,
    ],
    [
      'in a set that is made line by line',
      `export const a = assets([1, 2], (n) => { const x = n + 1; return [x, asset({ partitions: ${DAYS} })]; });`,
    ],
    [
      'as a table of keys',
      `export const a = asset({ deps: { up: mapPartitions(up, { emea: ['END'] }) } });\nconst up = asset({});`,
    ],
    ['of the default export', `export default asset({ partitions: ${DAYS} });`],
    [
      'behind letters of several bytes',
      `// Ärger 🦆\nexport const a = asset({ description: '🦆', partitions: ${DAYS} });`,
    ],
    [
      'where another thing has its name',
      `${CONST}export const a = asset({ partitions: days, materialize: (i, { days }) => days.length });`,
    ],
    [
      'where only its type is named',
      `${CONST}type Days = typeof days;\nexport const a = asset({ partitions: days as Days });`,
    ],
  ])('%s', (_name, a) => expect(counts({ 'a.ts': a })).toBe(false));

  test.each([
    [
      'beside it',
      { 'a.ts': `import { days } from './days.ts';\nexport const a = asset({ partitions: days });` },
    ],
    [
      'behind files that pass it on',
      {
        'index.ts': `export { days as march } from './days.ts';`,
        'a.ts': `import { march } from './index.ts';\nexport const a = asset({ partitions: march });`,
      },
    ],
    [
      'through another file that makes something of it',
      {
        'cells.ts': `import { days } from './days.ts';\nexport const cells = twoDimensions({ day: days, n: keysOf(['1']) });`,
        'a.ts': `import { cells } from './cells.ts';\nexport const a = asset({ partitions: cells });`,
      },
    ],
    [
      'with the span that it has',
      { 'a.ts': `import { span } from './days.ts';\nexport const a = asset({ partitions: monthly(span) });` },
    ],
  ])('in a file %s', (_name, files) => {
    const days = `export ${SPAN}export const days = daily(span);`;
    expect(counts({ 'days.ts': days, ...files })).toBe(false);
  });
});

describe('what may be read in another way counts', () => {
  test.each([
    [
      'by its fields',
      `${CONST}export const a = asset({ partitions: days, materialize: () => days.spec.end });`,
    ],
    ['by a function', `${CONST}export const a = asset({ partitions: days, materialize: () => use(days) });`],
    ['by a text', `${CONST}export const a = asset({ partitions: days, materialize: () => \`\${days}\` });`],
    ['by its parts', `${CONST}const { spec } = days;\nexport const a = asset({ partitions: days });`],
    [
      'by another name',
      `${CONST}const d = days;\nexport const a = asset({ partitions: days, materialize: () => d.spec });`,
    ],
    ['from the asset', `export const a = asset({ partitions: ${DAYS}, materialize: () => a.partitions });`],
    ['from the asset at once', `export const a = asset({ partitions: ${DAYS} }).partitions;`],
    [
      'from one that depends on it',
      `const up = asset({ partitions: ${DAYS} });\nexport const a = asset({ deps: { up }, materialize: () => a.deps.up.partitions });`,
    ],
    [
      'through a mapping',
      `const up = asset({ partitions: ${DAYS} });\nconst three = trailing(up, 3);\nexport const a = asset({ deps: { three }, materialize: () => three.partitions });`,
    ],
    [
      'from one of a set',
      `const up = assets([1], (n) => [n, asset({ partitions: ${DAYS} })]);\nexport const a = asset({ materialize: () => up.one.partitions });`,
    ],
    [
      'from all of a set',
      `const up = assets([1], (n) => [n, asset({ partitions: ${DAYS} })]);\nexport const a = asset({ materialize: () => Object.values(up) });`,
    ],
    [
      'from its options',
      `const o = { partitions: ${DAYS} };\nexport const a = asset({ ...o, materialize: () => o.partitions });`,
    ],
    ['by a function of somebody', `export const a = make({ partitions: ${DAYS} });`],
    [
      'where the function has another meaning',
      `${CONST}export const a = make((asset) => asset({ partitions: days }));`,
    ],
    ['beside the partitions', `${CONST}export const a = asset({ partitions: days, metadata: { days } });`],
    ['further inside', `${CONST}export const a = asset({ metadata: { partitions: days } });`],
    [
      'as a span that is read',
      `${SPAN}export const a = asset({ partitions: daily(span), materialize: () => span.end });`,
    ],
    [
      'as keys of a schema',
      `const R = ['eu', 'END'];\nexport const a = asset({ partitions: keysOf(R), schema: z.enum(R) });`,
    ],
    ['as a variable', `let days = ${DAYS};\nexport const a = asset({ partitions: days });`],
    [
      'in a function',
      `export const a = make(() => { const days = ${DAYS}; return asset({ partitions: days }); });`,
    ],
    [
      'in a factory that is handed something else',
      `export const a = job([1], (n) => asset({ partitions: ${DAYS} }));`,
    ],
    [
      'in a custom mapping',
      `${SPAN}const up = asset({});\nexport const a = asset({ partitions: daily(span), deps: { up: customMapping(up, { upstream: () => [span.end] }) } });`,
    ],
    [
      'in what is no option',
      `export const a = asset({ partitions: daily({ start: '2026-03-01' }, 'END') });`,
    ],
    ['in what is computed from it', `${CONST}export const a = asset({ partitions: pick(days) });`],
  ])('%s', (_name, a) => expect(counts({ 'a.ts': a })).toBe(true));

  test.each([
    [
      'another file',
      { 'read.ts': `import { days } from './days.ts';\nexport const end = () => days.spec.end;` },
    ],
    [
      'another file, under another name',
      {
        'index.ts': `export * from './days.ts';`,
        'read.ts': `import { days as d } from './index.ts';\nexport const end = () => d.spec.end;`,
      },
    ],
    [
      'another file, as a whole',
      { 'read.ts': `import * as all from './days.ts';\nexport const end = () => all;` },
    ],
    [
      'another file, as a part of a whole',
      {
        'index.ts': `export * as inner from './days.ts';`,
        'read.ts': `import { inner } from './index.ts';\nexport const end = () => inner;`,
      },
    ],
    ['another file, later', { 'read.ts': `export const end = () => import('./days.ts');` }],
    [
      'another file, as a text',
      { 'read.ts': `export const end = () => new URL('./days.ts', import.meta.url);` },
    ],
    [
      'another file, from the asset',
      { 'read.ts': `import { a } from './a.ts';\nexport const end = () => a.partitions;` },
    ],
  ])('by %s', (_name, files) => {
    const a = `import { days } from './days.ts';\nimport { end } from './read.ts';\nexport const a = asset({ partitions: days, materialize: () => end() });`;
    expect(counts({ 'days.ts': `export ${CONST}`, 'a.ts': a, ...files })).toBe(true);
  });

  test('by nobody else than the code that may read it', () => {
    write({
      'days.ts': `export const days = daily({ start: '2026-03-01' });`,
      'a.ts': `import { days } from './days.ts';\nexport const a = asset({ partitions: days });`,
      'b.ts': `import { days } from './days.ts';\nexport const b = asset({ partitions: days, materialize: () => days });`,
    });
    const text = `${CORE}export const days = daily({ start: '2026-03-01' });`;
    expect(folder.closure('b.ts')).toMatchObject({ files: { 'days.ts': hashText(text) }, whole: {} });
    expect(folder.closure('a.ts')).toMatchObject({
      files: { 'days.ts': hashText(`${CORE}export const days = daily();`) },
      whole: { 'days.ts': hashText(text) },
    });
  });
});
