import { resolve } from 'node:path';
import { type AssetKey, type AssetManifest, groupOf, nameOf } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandsFor, passedOn } from './nx-commands.ts';

type Partitions = Pick<AssetManifest, 'partitions'>;
const WHOLE: Partitions = { partitions: null };
const CUT: Partitions = { partitions: { kind: 'static', keys: ['eu', 'us'] } };
const keys = (...names: string[]) => names as AssetKey[];
const assetsOf = (...names: string[]) => new Map(keys(...names).map((key) => [key, WHOLE]));

/** The assets that nx runs for a command: each target in each project that has it. */
function runBy(args: readonly string[], all: readonly AssetKey[]): AssetKey[] {
  const [how, what = ''] = args;
  if (how === 'run') return all.filter((key) => `${groupOf(key)}:${nameOf(key)}` === what);
  const after = (flag: string) =>
    args.includes(flag) ? args[args.indexOf(flag) + 1]?.split(',') : undefined;
  const targets = after('-t') ?? [];
  const projects = after('-p') ?? all.map(groupOf);
  return all.filter(
    (key) =>
      projects.includes(groupOf(key)) && (targets.includes('materialize') || targets.includes(nameOf(key))),
  );
}

/** Few names in few groups, so that one name is in several. */
const some = fc
  .uniqueArray(fc.tuple(fc.constantFrom('g', 'h', 'i'), fc.constantFrom('a', 'b', 'c', 'd')), {
    minLength: 1,
    maxLength: 12,
    selector: (pair) => pair.join('/'),
  })
  .chain((pairs) => {
    const all = keys(...pairs.map((pair) => pair.join('/')));
    return fc.record({
      all: fc.constant(all),
      chosen: fc.shuffledSubarray(all),
      cut: fc.subarray(all),
    });
  });

describe('the nx commands for assets', () => {
  test('run each that was chosen once, and no other', () => {
    fc.assert(
      fc.property(some, ({ all, chosen }) => {
        const commands = commandsFor(chosen, new Map(all.map((key) => [key, WHOLE])));
        const ran = commands.flatMap((command) => runBy(command, all));
        expect(ran.sort()).toEqual([...chosen].sort());
      }),
    );
  });

  test('are one, but where one could not tell a name in two groups apart', () => {
    fc.assert(
      fc.property(some, ({ all, chosen }) => {
        const commands = commandsFor(chosen, new Map(all.map((key) => [key, WHOLE])));
        expect(commands.length).toBeLessThanOrEqual(new Set(chosen.map(groupOf)).size);
        const names = all.map(nameOf);
        if (new Set(names).size === names.length) expect(commands.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('have a flag for partitions each, but those of several that have nothing to cut', () => {
    fc.assert(
      fc.property(some, ({ all, chosen, cut }) => {
        const assets = new Map(all.map((key) => [key, cut.includes(key) ? CUT : WHOLE]));
        const commands = commandsFor(chosen, assets, { partition: 'eu' });
        const isFlagged = (command: readonly string[]) => command.includes('--partition=eu');
        const isCut = (command: readonly string[]) => runBy(command, all).some((key) => cut.includes(key));
        const isAnyCut = commands.some(isCut);
        for (const command of commands) expect(isFlagged(command)).toBe(isCut(command) || !isAnyCut);
      }),
    );
  });

  test('of nothing are none: nx takes no projects for all', () => {
    expect(commandsFor([], assetsOf('g/a'))).toEqual([]);
    expect(commandsFor([], new Map())).toEqual([]);
  });

  test.each([
    ['everything', ['g/a', 'h/b'], [['run-many', '-t', 'materialize']]],
    ['a whole group', ['h/b'], [['run-many', '-t', 'materialize', '-p', 'h']]],
    ['one asset', ['i/d'], [['run', 'i:d']]],
    ['names that nobody else has', ['i/c', 'i/d'], [['run-many', '-t', 'c,d', '-p', 'i']]],
    ['a group and a part of another', ['h/b', 'i/c'], [['run-many', '-t', 'b,c', '-p', 'h,i']]],
  ])('of %s', (_, chosen, commands) => {
    const all =
      chosen.length === 2 && chosen[0] === 'g/a'
        ? assetsOf('g/a', 'h/b')
        : assetsOf('g/a', 'h/b', 'i/c', 'i/d', 'i/e');
    expect(commandsFor(keys(...chosen), all)).toEqual(commands);
  });

  test('are one for each group where a name stands for another asset too', () => {
    const all = assetsOf('g/a', 'g/b', 'h/a', 'h/b');
    expect(commandsFor(keys('g/a', 'h/b'), all)).toEqual([
      ['run-many', '-t', 'a', '-p', 'g'],
      ['run-many', '-t', 'b', '-p', 'h'],
    ]);
  });

  test('are one for each group where a name stands for a target too that is no asset', () => {
    const all = assetsOf('g/a', 'g/b', 'h/c', 'h/d');
    const chosen = keys('g/a', 'h/c');
    expect(commandsFor(chosen, all, {}, new Set(['g/d', 'h/b', 'i/a']))).toEqual([
      ['run-many', '-t', 'a,c', '-p', 'g,h'],
    ]);
    expect(commandsFor(chosen, all, {}, new Set(['h/a']))).toEqual([
      ['run-many', '-t', 'a', '-p', 'g'],
      ['run-many', '-t', 'c', '-p', 'h'],
    ]);
  });

  test('name their projects, but for everything: others may have a target of that name', () => {
    fc.assert(
      fc.property(some, ({ all, chosen }) => {
        for (const [how, ...args] of commandsFor(chosen, new Map(all.map((key) => [key, WHOLE]))))
          expect(how === 'run' || args.includes('-p')).toBe(chosen.length < all.length || how === 'run');
      }),
    );
  });

  test('pass on which partitions are meant, in nx’s words', () => {
    const all = new Map([['g/a' as AssetKey, CUT]]);
    const flags = { partition: '2026-03-01...latest', missing: true, stale: true, failed: true };
    expect(commandsFor(keys('g/a'), all, flags)[0]?.slice(3)).toEqual([
      '--partition=2026-03-01...latest',
      '--missing',
      '--stale',
      '--failed',
    ]);
    const not = { missing: false, stale: false, failed: false };
    expect(commandsFor(keys('g/a'), all, not)[0]).toEqual(['run-many', '-t', 'materialize']);
    expect(commandsFor(keys('g/a'), all, { partition: '' })[0]?.at(-1)).toBe('--partition=');
  });
});

describe('the flags of a run', () => {
  test('are none where nothing was asked', () => {
    expect(passedOn({})).toEqual([]);
    expect(passedOn({ force: false, refresh: false, json: false, batch: true, config: [] })).toEqual([]);
  });

  test('are said as nx takes them', () => {
    expect(passedOn({ force: true, refresh: true, json: true, parallel: 3, batch: false })).toEqual([
      '--skip-nx-cache',
      '--refresh',
      '--json',
      '--parallel=3',
      '--batch=false',
    ]);
  });

  test('name a file from the root of the disk, and an assignment as it is', () => {
    expect(passedOn({ config: ['a.json', 'g/a.path=../b.json', 'g/a.text=x=y'] })).toEqual([
      `--config=${resolve('a.json')}`,
      '--config=g/a.path=../b.json',
      '--config=g/a.text=x=y',
    ]);
  });

  test('say a number of steps that is none, for nx to refuse it', () => {
    expect(passedOn({ parallel: 0 })).toEqual(['--parallel=0']);
  });
});
