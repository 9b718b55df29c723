import { describe, expect, test } from 'vitest';
import { readingIn, readingOf } from './definition-use.ts';
import { readModule } from './module.ts';
import { statementsOf } from './syntax.ts';

const HEAD = `import { asset, assets, memberOf, trailing, job } from '@nx-assets/core';
import { up } from './up.ts';
import * as all from './up.ts';
import { other } from './other.ts';
`;

function file(code: string) {
  const source = HEAD + code;
  const statements = statementsOf('/w/a.ts', source);
  return { statements, locals: readModule('/w/a.ts', source).locals };
}

describe('an asset that is only depended on', () => {
  test.each([
    'export const a = asset({ deps: { up } });',
    'export const a = asset({ deps: { in: up } });',
    'export const a = asset({ deps: { up }, materialize: ({ up }) => up.rows() });',
    'export const a = asset({ deps: { up }, materialize(inputs) { const { up } = inputs; return up.rows(); } });',
    'export const a = asset({ deps: { up }, materialize: (i) => { for (const up of i) use(up.x); } });',
    'export const a = asset({ deps: { up: trailing(up, 2) } });',
    `export const a = asset({ deps: { one: memberOf(up, 'one') } });`,
    'export const a = asset({ deps: { one: up.one } });',
    'export const a = asset({ deps: flag ? { up } : {} });',
    'const deps = { up };\nexport const a = asset({ deps });',
    'const deps = { up };\nexport const a = asset({ deps: { ...deps, other } });',
    'export const a = make({ deps: { up } });',
    'export const refresh = job({ assets: [up] });',
    'export const set = assets([1], (n) => asset({ deps: { up } }));',
    'export { up };',
    'const three = trailing(up, 3);\nexport const a = asset({ deps: { three } });',
    'export const a = asset({ deps: { up } });\nexport const b = asset({ deps: { a }, schema: a.schema });',
  ])('%s', (code) => expect(readingOf(file(code), 'up')).toBe('data'));

  test('through a name for all of a module', () => {
    expect(readingIn(file('export const a = asset({ deps: { up: all.up } });'), 'all')).toBe('data');
  });
});

describe('an asset whose definition may be read', () => {
  test.each([
    'export const a = asset({ deps: { up }, materialize: () => up.metadata.currency });',
    'export const a = asset({ deps: { up }, schema: up.schema });',
    'export const a = asset({ deps: { up }, materialize: () => describe(up) });',
    'const { metadata } = up;',
    'const deps = { up };\nexport const a = asset({ deps, materialize: () => deps.up.metadata });',
    'export const deps = { up };',
    'export const a = asset({ deps: { up }, materialize: () => ({ up }) });',
    'for (const key in up) use(key);',
    'export default up;',
    'const three = trailing(up, 3);\nconst { metadata } = three;',
    'const three = trailing(up, 3);\nexport const a = asset({ deps: { three }, materialize: () => three.metadata });',
    'export const three = trailing(up, 3);',
    'export const a = asset({ deps: { up }, materialize: () => a.deps.up.metadata });',
    'export const a = asset({ deps: { up }, materialize: () => Object.values(a.deps) });',
  ])('%s', (code) => expect(readingOf(file(code), 'up')).not.toBe('data'));

  test.each(['use(all);', 'export const a = asset({ deps: { up: all.up }, schema: all.up.schema });'])(
    'through a name for all of a module: %s',
    (code) => expect(readingIn(file(code), 'all')).not.toBe('data'),
  );
});

test.each([
  ['up.metadata', 'definition'],
  ['up.deps.first.metadata', 'all'],
  ['describe(up)', 'all'],
])('%s reads %s', (expression, reading) => {
  const code = `export const a = asset({ deps: { up }, materialize: () => ${expression} });`;
  expect(readingOf(file(code), 'up')).toBe(reading);
});
