import { describe, expect, test } from 'vitest';
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
  ])('%s', (_, code) => expect(counts(code)).toBe(true));

  test('where a function of another file writes', () => {
    const files = { 'tool.ts': asset('export const setup = (n) => { settings.rate = n; return n; };') };
    expect(counts(`import { setup } from './tool.ts';\nexport const b = setup(2);`, files)).toBe(true);
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
    ['where it shares nothing', 'import "./other.ts";\nglobal2.rate = 2;'],
  ])('%s', (_, code) => expect(counts(code, { 'other.ts': '' })).toBe(false));

  test('where it calls what writes nothing', () => {
    const files = { 'tool.ts': asset('export const plus = (n) => settings.rate + n;') };
    expect(counts(`import { plus } from './tool.ts';\nexport const b = plus(2);`, files)).toBe(false);
  });
});
