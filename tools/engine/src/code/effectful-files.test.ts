import { describe, expect, test } from 'vitest';
import { Code } from './closure.ts';
import { CodeFolder } from './test-support.ts';

const folder = new CodeFolder();
const settings = 'export const settings = { rate: 1 };\nexport const helper = (x) => x;';
const asset = (body: string) => `import { settings } from './settings.ts';\n${body}`;

/** Whether a file that nothing in `a.ts` names counts for it. */
function counts(code: string, files: Readonly<Record<string, string>> = {}): boolean {
  folder.write({
    'index.ts': `export { a } from './a.ts';\nexport { b } from './b.ts';`,
    'a.ts': asset('export const a = make(() => settings.rate);'),
    'b.ts': code,
    'settings.ts': settings,
    ...files,
  });
  return folder.filesInRun('a.ts', ['index.ts'], ['a', 'b']).includes('b.ts');
}

describe('a file that nobody here imports counts', () => {
  test.each([
    ['where it writes into what is shared', asset('settings.rate = 2;\nexport const b = make();')],
    ['where it does so in a variable', asset('export const b = make((settings.rate = 2));')],
    ['where it calls what may write', asset('setup();\nfunction setup() { settings.rate = 2; }')],
    [
      'where a function of its own writes',
      asset('export const b = setup();\nfunction setup() { settings.rate = 2; }'),
    ],
    ['where it goes by another name', asset('const s = settings;\ns.rate = 2;')],
    ['where a call is only thrown away', asset('void setup();\nconst setup = () => (settings.rate = 2);')],
    ['where a condition decides', asset('if (settings.rate > 0) settings.rate = 2;')],
    ['where it is given away', asset('Object.assign(settings, { rate: 2 });')],
    ['where it changes something for everybody', `process.env.RATE = '2';`],
    [
      'where a function in a loop writes',
      asset(`const keys = ['rate'];\nkeys.forEach((k) => { settings[k] = 2; });`),
    ],
    ['where a loop gives a list', asset(`export const b = ['rate'].map((k) => (settings[k] = 2));`)],
    [
      'where a class of its own writes',
      asset('class S { constructor() { settings.rate = 2; } }\nconst s = new S();'),
    ],
    [
      'where a method of its own writes',
      asset('const setup = { run() { settings.rate = 2; } };\nsetup.run();'),
    ],
    [
      'where a function of its own changes what it gets',
      asset('const set = (s) => { s.rate = 2; };\nconst b = set(settings);'),
    ],
    ['where it holds it in an object of its own', asset('const all = { settings };\nall.settings.rate = 2;')],
    ['where it wraps it', asset('const p = new Proxy(settings, {});\np.rate = 2;')],
    ['where a list is changed and the length kept', asset('export const b = settings.push(2);')],
    ['where it gives a prototype a method', 'Array.prototype.total = () => 2;'],
    ['where it defines one', `Object.defineProperty(String.prototype, 'shout', { value: 2 });`],
    ['where it replaces a function of the language', 'Math.random = () => 2;'],
    ['where it sets a variable of the process', `import { env } from 'node:process';\nenv.RATE = '2';`],
    [
      'where one of its functions gives it away',
      asset('const b = setup();\nfunction setup() { return Object.assign(settings, { rate: 2 }); }'),
    ],
    [
      'where one goes over what is in it',
      asset('const b = setup();\nfunction setup() { for (const one of Object.values(settings)) one.x = 2; }'),
    ],
    [
      'where one does so with a function',
      asset('const setup = () => settings.all.map((one) => (one.x = 2));\nconst b = setup();'),
    ],
    [
      'where one hands it to another',
      asset('const set = (s) => { s.rate = 2; };\nconst setup = () => set(settings);\nconst b = setup();'),
    ],
    [
      'where it is what a parameter begins as',
      asset('const set = (s = settings) => { s.rate = 2; };\nconst b = set();'),
    ],
    [
      'where a part of it goes by another name',
      asset('const b = set();\nfunction set() { const { x: [y] } = settings; y.z = 2; }'),
    ],
    [
      'where a function goes by another name',
      asset('const set = () => { settings.rate = 2; };\nconst again = set;\nconst b = again();'),
    ],
    [
      'where a function is given to a list',
      asset('const set = (r) => { settings.rate = r; };\nconst b = [2].map(set);'),
    ],
    [
      'where functions stand in a list',
      asset('const set = (r) => { settings.rate = r; };\nconst b = [set].map((f) => f(2));'),
    ],
    [
      'where a condition says which function',
      asset('const set = (r) => { settings.rate = r; };\nconst b = (1 > 0 ? set : set)(2);'),
    ],
    [
      'where a function in a block writes',
      asset('{ const set = () => { settings.rate = 2; };\n const b = set(); }'),
    ],
    ['where a function without a name writes', asset('const b = (() => { settings.rate = 2; })();')],
    [
      'where a class without a name writes',
      asset('const b = new (class { constructor() { settings.rate = 2; } })();'),
    ],
    ['where a promise begins', asset('const b = new Promise(() => { settings.rate = 2; });')],
    ['where a timer does it', asset('const b = setTimeout(() => { settings.rate = 2; });')],
    ['where a loop writes', asset('for (settings.rate of [2]);')],
    [
      'where it sorts what it holds by another name',
      asset('const all = settings.all;\nexport const b = all.sort();'),
    ],
    ['where it sets what Node holds', `import events from 'node:events';\nevents.defaultMaxListeners = 2;`],
  ])('%s', (_, code) => expect(counts(code)).toBe(true));

  test('where a function of another file writes', () => {
    const files = { 'tool.ts': asset('export const setup = (n) => { settings.rate = n; return n; };') };
    expect(counts(`import { setup } from './tool.ts';\nexport const b = setup(2);`, files)).toBe(true);
  });

  test('where a function of another file changes what it gets', () => {
    const files = { 'tool.ts': 'export const setup = (s) => { s.rate = 2; return s; };' };
    const b = asset(`import { setup } from './tool.ts';\nexport const b = setup(settings);`);
    expect(counts(b, files)).toBe(true);
    const each = { 'tool.ts': 'export const each = (list, f) => list.map(f);' };
    const given = asset(
      `import { each } from './tool.ts';\nconst b = each(['rate'], (k) => { settings[k] = 2; });`,
    );
    expect(counts(given, each)).toBe(true);
  });

  const patch = { 'tool.ts': 'export const patch = (s, rate) => { s.rate = rate; };\nexport default patch;' };
  const setup = { 'tool.ts': asset('export const setup = (n) => { settings.rate = n; return n; };') };
  const common = {
    'settings.cjs': 'module.exports = {};',
    'tool.cjs': `const s = require('./settings.cjs');\nexports.setup = (n) => { s.rate = n; };`,
  };
  test.each([
    [
      'as it changes what others give it',
      `import { setup } from './tool.ts';\nconst b = setup(2);`,
      { 'tool.ts': asset('export const setup = (rate) => Object.assign(settings, { rate });') },
    ],
    [
      'by one of its own',
      asset(`import { patch } from './tool.ts';\nconst own = () => patch(settings, 2);\nconst b = own();`),
      patch,
    ],
    [
      'by one of its own that hands it on',
      asset(`import { patch } from './tool.ts';\nconst own = (s) => patch(s, 2);\nconst b = own(settings);`),
      patch,
    ],
    [
      'by a name for the module',
      asset(`import * as tool from './tool.ts';\nconst b = tool.patch(settings, 2);`),
      patch,
    ],
    ['by its default', asset(`import patch from './tool.ts';\nconst b = patch(settings, 2);`), patch],
    [
      'by another name',
      `import * as tool from './tool.ts';\nconst { setup } = tool;\nconst b = setup(2);`,
      setup,
    ],
    [
      'by the name of the list that calls it',
      `import { setup } from './tool.ts';\nconst b = [2].map(setup);`,
      setup,
    ],
    [
      'by an import that it waits for',
      `const { setup } = await import('./tool.ts');\nconst b = setup(2);`,
      setup,
    ],
    [
      'of the class above',
      asset(`import { Base } from './tool.ts';\nclass Own extends Base {}\nconst b = new Own(settings);`),
      { 'tool.ts': 'export class Base { constructor(s) { s.rate = 2; } }' },
    ],
    [
      'of what a function gives',
      `import { get } from './tool.ts';\nconst own = () => { get().all.push(2); };\nconst b = own();`,
      { 'tool.ts': asset('export const get = () => settings;') },
    ],
  ])('where it calls a function of another file %s', (_, code, files) =>
    expect(counts(code, files)).toBe(true),
  );

  test.each([
    `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nconst { setup } = require('./tool.cjs');\nexport const b = setup(2);`,
    `import { createRequire } from 'node:module';\nconst load = createRequire(import.meta.url);\nexport const b = load('./tool.cjs').setup(2);`,
  ])('where it calls what it requires: %s', (code) => {
    const a = `import s from './settings.cjs';\nexport const a = make(() => s.rate);`;
    expect(counts(code, { ...common, 'a.ts': a })).toBe(true);
  });

  test('where it calls a method of an instance that a package gave', () => {
    folder.installed('registry', '1.0.0');
    const files = {
      'shared.ts': `import { Registry } from 'registry';\nexport const shared = new Registry();`,
      'a.ts': `import { shared } from './shared.ts';\nexport const a = make(() => shared.all);`,
    };
    const uses = (line: string) => `import { shared } from './shared.ts';\n${line}`;
    expect(counts(uses(`export const b = shared.register('b');`), files)).toBe(true);
    expect(counts(uses('export const b = shared.all;'), files)).toBe(false);
  });

  test('where what a function requires writes', () => {
    const b = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nconst load = () => require('./write.cjs');\nexport const b = load();`;
    const files = {
      'settings.cjs': 'module.exports = {};',
      'write.cjs': `require('./settings.cjs').rate = 2;`,
      'a.ts': `import s from './settings.cjs';\nexport const a = make(() => s.rate);`,
      'b.ts': b,
      'index.ts': `export { a } from './a.ts';\nexport { b } from './b.ts';`,
    };
    folder.write(files);
    expect(folder.filesInRun('a.ts', ['index.ts'], ['a', 'b'])).toContain('write.cjs');
  });

  test('where it loads a package for what that does', () => {
    folder.installed('polyfill', '1.0.0');
    expect(counts(`import 'polyfill';\nexport const b = make();`)).toBe(true);
  });

  test('where it configures a package that is shared', () => {
    folder.installed('decimals', '1.0.0');
    const a = `import Decimal from 'decimals';\nexport const a = make(() => Decimal.round(1));`;
    const b = `import Decimal from 'decimals';\nDecimal.config(2);\nexport const b = make();`;
    expect(counts(b, { 'a.ts': a })).toBe(true);
    expect(counts(b)).toBe(false);
  });
});

describe('a file that nobody here imports does not count', () => {
  test.each([
    [
      'where it only declares',
      asset('export const b = make({ rate: settings.rate });\nfunction make(x) { return x; }'),
    ],
    ['where it writes later', asset('export const b = make(() => { settings.rate = 2; });')],
    ['where what it changes is its own', 'const own = {};\nown.rate = 2;\nexport const b = own;'],
    ['where it only names something', asset('void settings;\nsettings.rate;\nexport const b = 1;')],
    ['where it says something', asset(`console.log('b');\nexport const b = settings;`)],
    [
      'where it computes',
      asset('export const b = Object.fromEntries([1, 2].map((x) => [x, settings.rate]));'),
    ],
    ['where it shares nothing', 'import { other } from "./other.ts";\nother.rate = 2;'],
    [
      'where it collects',
      asset('export const b = [settings].reduce((all, x) => { all[x] = x; return all; }, {});'),
    ],
    [
      'where it makes something of its own',
      asset('class Own { constructor(x) { this.x = x; } }\nconst b = new Own(settings);'),
    ],
    [
      'where a function of its own changes what is new',
      asset('const set = (o) => { o.x = 1; return o; };\nexport const b = set({});'),
    ],
    [
      'where a loop fills its own',
      `const own = {};\nfor (const x of [1]) own[x] = 2;\nexport const b = own;`,
    ],
    [
      'where a condition only looks',
      asset(`if (!settings.rate) throw new Error('none');\nexport const b = 1;`),
    ],
    ['where it tries something of its own', `let b;\ntry { b = 1; } catch { b = 2; }`],
    ['where it waits', asset('const load = async () => settings.rate;\nexport const b = await load();')],
    [
      'where it waits for another file',
      `const { other } = await import('./other.ts');\nexport const b = other;`,
    ],
    [
      'where a function without a name makes something',
      'export const b = (() => { const o = {}; o.x = 1; return o; })();',
    ],
    ['where a line describes', `import { z } from './other.ts';\nz.string().describe('x');`],
    [
      'where it sorts a copy',
      asset('export const b = [...settings.all].sort();\nconst c = settings.all.filter(Boolean).sort();'),
    ],
    [
      'where it goes over a list for something new',
      asset('export const b = settings.all.map((x) => { const o = {}; o.x = x; return o; });'),
    ],
    ['where it exports as CommonJS does', asset('module.exports.b = settings;')],
    [
      'where it fills a list of its own',
      'const own = [];\n[1, 2].forEach((x) => own.push(x));\nexport const b = own;',
    ],
  ])('%s', (_, code) => expect(counts(code, { 'other.ts': 'export const other = {};' })).toBe(false));

  test('where what it calls makes something new, beside functions that change what they are given', () => {
    const files = {
      'tool.ts':
        asset(`export const make = (text) => { const all = []; for (const c of text) all.push(c); all.sort(); return all; };
        export class Money { constructor(x) { this.x = x; } }
        export const money = (x) => new Money(x * settings.rate);
        export const mark = (rows) => rows.map((row) => { row.x = 1; return row; });
        export const index = (rows) => rows.reduce((all, row) => { all[row.k] = row; return all; }, {});`),
    };
    const code = `import { make, money } from './tool.ts';\nexport const b = [make('x'), money(2)];`;
    expect(counts(code, files)).toBe(false);
  });

  test('where it calls what writes nothing', () => {
    const files = { 'tool.ts': asset('export const plus = (n) => settings.rate + n;') };
    expect(counts(`import { plus } from './tool.ts';\nexport const b = plus(2);`, files)).toBe(false);
  });
});

test('the order in which files run counts where one of them changes something, and nowhere else', () => {
  const orderOf = (index: string, b: string) => {
    folder.write({
      'index.ts': index,
      'a.ts': asset('const rate = settings.rate;\nexport const a = make(rate);'),
      'b.ts': asset(b),
      'settings.ts': settings,
    });
    return folder.inRun('a.ts', ['index.ts'], ['a', 'b']).order;
  };
  const [a, b] = [`export { a } from './a.ts';`, `export { b } from './b.ts';`];
  const writes = 'settings.rate = 2;\nexport const b = make();';
  expect(orderOf(`${a}\n${b}`, writes)).toEqual(['settings.ts', 'a.ts', 'b.ts']);
  expect(orderOf(`${b}\n${a}`, writes)).toEqual(['settings.ts', 'b.ts', 'a.ts']);
  expect(orderOf(`${a}\n${b}`, 'export const b = make();')).toEqual([]);
});

test.each([
  ['let n = 0;\nexport const make = (e) => { const at = n++; return [e.n, asset({ at })]; };', false],
  ['export const make = (e) => [e.n, asset({ e })];', true],
])('the list of a set is left out where its function in another file keeps nothing: %s', (make, isHidden) => {
  const set = `import { assets } from '@nx-assets/core';\nimport { make } from './make.ts';\nexport const set = assets([{ n: 'x' }], make);`;
  folder.installed('@nx-assets/core', '1.0.0');
  folder.write({ 'set.ts': set, 'make.ts': make });
  const code = new Code(folder.root);
  code.loads([folder.path('set.ts')], () => false);
  const hidden = code.hiddenIn({ file: folder.path('set.ts'), name: 'set' });
  expect(hidden !== null).toBe(isHidden);
});

test.each([
  ['(e) => { const at = next(); return [e.n, asset({ at })]; }', false],
  ['(e) => { const at = twice(); return [e.n, asset({ at })]; }', false],
  ['(e) => [e.n, asset({ materialize: () => next() })]', true],
])(
  'the list of a set is left out where what its function calls at once keeps nothing: %s',
  (make, isHidden) => {
    folder.installed('@nx-assets/core', '1.0.0');
    folder.write({
      'set.ts': `import { assets } from '@nx-assets/core';\nimport { next } from './next.ts';\nfunction twice() { return 2 * next(); }\nexport const set = assets([{ n: 'x' }], ${make});`,
      'next.ts': 'let n = 0;\nexport const next = () => n++;',
    });
    const code = new Code(folder.root);
    code.loads([folder.path('set.ts')], () => false);
    const hidden = code.hiddenIn({ file: folder.path('set.ts'), name: 'set' });
    expect(hidden !== null).toBe(isHidden);
  },
);
