import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { configFlags, readRunConfig, RUN_CONFIG, runConfigOf } from './run-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-config-'));
mkdirSync(join(folder, 'sub'));
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
write('a.json', JSON.stringify({ 'lab/a': { size: 1, name: 'file' } }));
write('sub/b.json', JSON.stringify({ 'lab/b': { on: true } }));
write('torn.json', '{ "lab/a": ');
write('list.json', '[1]');
write('flat.json', JSON.stringify({ 'lab/a': 3 }));
afterAll(() => rmSync(folder, { recursive: true }));

describe('flags', () => {
  test.each<[readonly string[], readonly string[]]>([
    [[], []],
    [['run', '--configuration=x', '--force'], []],
    [['--config=a.json'], ['a.json']],
    [['--config', 'a.json', '--force'], ['a.json']],
    [
      ['--config=lab/a.size=1', '--config', 'lab/a.name=x=y'],
      ['lab/a.size=1', 'lab/a.name=x=y'],
    ],
    [['--config='], ['']],
    [['ls', '--config'], ['']],
  ])('%j gives %j', (argv, flags) => {
    expect(configFlags(argv)).toEqual(flags);
  });
});

describe('a run config', () => {
  test('is empty without flags', () => {
    expect(readRunConfig([], folder)).toEqual({});
  });

  test('comes from files and assignments, and the later one wins field by field', () => {
    expect(readRunConfig(['a.json', 'lab/a.size=2', 'sub/b.json', 'lab/c.at=x=y'], folder)).toEqual({
      'lab/a': { size: 2, name: 'file' },
      'lab/b': { on: true },
      'lab/c': { at: 'x=y' },
    });
    expect(readRunConfig(['lab/a.size=2', 'a.json'], folder)).toEqual({ 'lab/a': { size: 1, name: 'file' } });
  });

  test('reads files from the folder that it is given, or from anywhere', () => {
    expect(readRunConfig(['../a.json'], join(folder, 'sub'))).toHaveProperty(['lab/a', 'size'], 1);
    expect(readRunConfig([join(folder, 'a.json')], '/')).toHaveProperty(['lab/a', 'size'], 1);
  });

  test.each([
    ['missing.json', /^missing\.json cannot be read \(ENOENT/],
    ['torn.json', /^torn\.json cannot be read \(/],
    ['', /^The file of --config cannot be read \(/],
    ['list.json', /^list\.json is no run config\.$/],
    ['flat.json', /^flat\.json is no run config\.$/],
    ['lab/a=1', /^"lab\/a=1" gives nothing a value\.$/],
  ])('refuses "%s"', (flag, facts) => {
    expect(() => readRunConfig([flag], folder)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', facts: expect.stringMatching(facts) as string }),
    );
  });

  test('holds no more bytes than a variable of an environment can', () => {
    // {"lab/a":{"t":"…"}} has 18 bytes beside the text.
    const flag = (bytes: number) => `lab/a.t=${'x'.repeat(bytes - 18)}`;
    expect(readRunConfig([flag(100_000)], folder)).toHaveProperty(['lab/a', 't']);
    expect(() => readRunConfig([flag(100_001)], folder)).toThrow('The run config has 100001 bytes.');
    // Bytes, not characters.
    expect(() => readRunConfig([`lab/a.t=${'ü'.repeat(60_000)}`], folder)).toThrow(/120018 bytes/);
  });

  test('reaches the processes of a run through their environment', () => {
    const config = readRunConfig(['a.json'], folder);
    expect(runConfigOf({ [RUN_CONFIG]: JSON.stringify(config) })).toEqual(config);
    expect(runConfigOf({})).toEqual({});
  });
});
