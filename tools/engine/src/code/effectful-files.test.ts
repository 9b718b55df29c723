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
    ['where it exports as CommonJS does', asset('module.exports.b = settings;')],
    [
      'where it fills a list of its own',
      'const own = [];\n[1, 2].forEach((x) => own.push(x));\nexport const b = own;',
    ],
  ])('%s', (_, code) => expect(counts(code, { 'other.ts': 'export const other = {};' })).toBe(false));

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
