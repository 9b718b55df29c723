import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assetKey, type AssetManifest, type DataVersion } from '@nx-assets/core';
import { absolute, type AssetRecord, hashText, observationPath } from '@nx-assets/storage/records';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actionKey, hashEnv, type FingerprintInputs } from './action-key.ts';
import { manifestOf } from './contracts/sample-manifests.ts';
import { decide, type StepState } from './decide.ts';
import { lastObservation, observe } from './observation.ts';
import { describeReason, describeReasons, type Reason } from './reason.ts';

const key = assetKey('sources', 'users');
const version = (text: string) => hashText(text) as DataVersion;
const raw = { key: assetKey('sources', 'raw'), dataVersion: version('raw') };
const HOUR = 3_600_000;
const age = (due: number) => ({ kind: 'age', due, overdue: due }) as const;
const AGE = age(HOUR);

const manifest = manifestOf('sources/users', {
  deps: { raw: manifestOf('sources/raw') },
  code: {
    version: 'v1',
    file: 'src/users.ts',
    files: { 'src/users.ts': 'h1' },
    packages: { lib: '1' },
    definition: 'd1',
    runtime: 'r1',
  },
});
const fingerprintInputs: FingerprintInputs = { inputs: { raw }, env: { REGION: 'e1' }, observedAt: null };
const path = manifest.output.path;
const record: AssetRecord = {
  recordVersion: 1,
  key,
  partition: null,
  runId: 'r',
  actionKey: actionKey(manifest, fingerprintInputs),
  code: manifest.code,
  inputs: { raw },
  env: { REGION: 'e1' },
  observedAt: null,
  dataVersion: version('data'),
  value: { type: 'json', path, bytes: 1, rowCount: null, columns: null },
  statistics: null,
  checks: [],
  metadata: {},
  preview: null,
  startedAt: '',
  finishedAt: '',
  engine: {},
};
type Change = Partial<Omit<StepState, 'fingerprint'>> & { readonly fingerprintInputs?: FingerprintInputs };

const usual = {
  manifest,
  reading: { status: 'found', record },
  fingerprintInputs,
  force: false,
  refresh: false,
  bytesOnDisk: () => record.dataVersion,
} satisfies Change;
/** The usual state, with changes. */
const state = (...changes: readonly Change[]): StepState => {
  const all = Object.assign({}, usual, ...changes) as typeof usual;
  const fingerprint = {
    inputs: () => all.fingerprintInputs,
    actionKey: () => actionKey(all.manifest, all.fingerprintInputs),
  };
  return { ...all, fingerprint };
};
const withCode = (code: Partial<AssetManifest['code']>): Change => ({
  manifest: { ...manifest, code: { ...manifest.code, version: 'v2', ...code } },
});

describe('the action key', () => {
  const text = fc.string({ maxLength: 3 });
  const input = fc.record({
    key: fc.constantFrom(key, raw.key),
    dataVersion: fc.option(text.map(version), { nil: null }),
  });
  const alias = fc.constantFrom('a', 'b', 'c');
  const anyInputs: fc.Arbitrary<FingerprintInputs> = fc.record({
    inputs: fc.dictionary(alias, input, { maxKeys: 2, noNullPrototype: true }),
    env: fc.dictionary(alias, fc.option(text, { nil: null }), { maxKeys: 2, noNullPrototype: true }),
    observedAt: fc.option(text, { nil: null }),
    config: fc.option(
      fc.record({
        environment: text,
        fields: fc.dictionary(alias, text, { maxKeys: 2, noNullPrototype: true }),
        values: fc.constant({}),
      }),
      { nil: undefined },
    ),
    partition: fc.option(
      fc.record({ key: text, bounds: fc.option(fc.tuple(fc.integer(), fc.integer()), { nil: null }) }),
      { nil: null },
    ),
  });
  const shuffled = <T extends object>(object: T, order: (a: string, b: string) => number): T =>
    Object.fromEntries(Object.entries(object).sort(([a], [b]) => order(a, b))) as T;

  test('is the hash of one JSON text, which no other version may write otherwise', () => {
    fc.assert(
      fc.property(anyInputs, text, (one, code) => {
        const inputs = Object.entries(one.inputs)
          .map(([name, input]) => [name, input.key, input.dataVersion])
          .sort();
        const plain = JSON.stringify([
          'asset',
          1,
          key,
          code,
          inputs,
          Object.entries(one.env).sort(),
          one.observedAt,
          ...(one.partition ? [one.partition.key, one.partition.bounds] : []),
          ...(one.config ? [Object.entries(one.config.fields).sort()] : []),
        ]);
        const own = { ...manifest, code: { ...manifest.code, version: code } };
        expect(actionKey(own, one)).toBe(hashText(plain));
      }),
    );
  });

  test('differs if and only if an ingredient does, in whatever order they come', () => {
    const code = fc.constantFrom('v1', 'v2');
    fc.assert(
      fc.property(anyInputs, anyInputs, code, code, fc.boolean(), (one, other, codeOne, codeOther, same) => {
        const second = same ? structuredClone(one) : other;
        const a = actionKey({ ...manifest, code: { ...manifest.code, version: codeOne } }, one);
        const b = actionKey(
          { ...manifest, code: { ...manifest.code, version: codeOther } },
          {
            ...second,
            inputs: shuffled(second.inputs, (x, y) => (x < y ? 1 : -1)),
            env: shuffled(second.env, (x, y) => (x < y ? 1 : -1)),
          },
        );
        const sorted = (value: FingerprintInputs) => [
          Object.entries(value.inputs).sort(([x], [y]) => (x < y ? -1 : 1)),
          Object.entries(value.env).sort(([x], [y]) => (x < y ? -1 : 1)),
          value.observedAt,
          value.partition,
          value.config ? Object.entries(value.config.fields).sort(([x], [y]) => (x < y ? -1 : 1)) : 'none',
        ];
        const equal = codeOne === codeOther && JSON.stringify(sorted(one)) === JSON.stringify(sorted(second));
        expect(a === b).toBe(equal);
        expect(a).toMatch(/^[0-9a-f]{64}$/);
      }),
      { numRuns: 500 },
    );
  });

  test('is another for another asset, and the same for another description', () => {
    const one = actionKey(manifest, fingerprintInputs);
    expect(actionKey({ ...manifest, key: raw.key }, fingerprintInputs)).not.toBe(one);
    expect(
      actionKey({ ...manifest, description: 'other', tags: ['x'], owners: ['y'] }, fingerprintInputs),
    ).toBe(one);
  });

  test('sees environment variables that are set, empty and not set as three things, and keeps no value', () => {
    const hashes = [{}, { A: '' }, { A: 'secret' }].map((env) => hashEnv(['A'], env));
    expect(hashes[0]).toEqual({ A: null });
    expect(new Set(hashes.map((hash) => hash.A)).size).toBe(3);
    expect(JSON.stringify(hashes)).not.toContain('secret');
    expect(hashEnv(['A', 'B'], { A: 'x', B: 'x' }).A).not.toBe(hashEnv(['A', 'B'], { A: 'x', B: 'x' }).B);
    expect(Object.keys(hashEnv(['B', 'A'], {}))).toEqual(['A', 'B']);
  });
});

describe('a step', () => {
  test('is reused when all is as it was', () => {
    expect(decide(state())).toEqual({
      action: 'keep',
      record,
      reasons: [{ kind: 'unchanged' }],
    });
  });

  const found = (change: Partial<AssetRecord>): Change => ({
    reading: { status: 'found', record: { ...record, ...change } },
  });
  const observed = (observedAt: string): Change => ({
    fingerprintInputs: { ...fingerprintInputs, observedAt },
  });
  const [then, now] = ['2026-01-01T00:00:00.000Z', '2026-01-01T02:00:00.000Z'];
  const aging = { manifest: { ...manifest, deps: {}, freshness: AGE } };

  test.each<[string, Change, Reason[]]>([
    ['it was never done', { reading: { status: 'missing' } }, [{ kind: 'missing' }]],
    [
      'its record is torn',
      { reading: { status: 'unreadable', problem: 'x' } },
      [{ kind: 'record-unreadable', problem: 'x' }],
    ],
    ['it is asked for', { force: true }, [{ kind: 'forced' }]],
    ['its value is gone', { bytesOnDisk: () => null }, [{ kind: 'value-missing', path }]],
    ['its value was edited', { bytesOnDisk: () => version('edited') }, [{ kind: 'value-edited', path }]],
    [
      'a file of its code changed',
      withCode({ files: { 'src/users.ts': 'h2', 'src/new.ts': 'h' } }),
      [{ kind: 'code-changed', files: ['src/new.ts', 'src/users.ts'] }],
    ],
    [
      'a file of its code is gone',
      withCode({ files: {} }),
      [{ kind: 'code-changed', files: ['src/users.ts'] }],
    ],
    [
      'a package changed',
      withCode({ packages: { lib: '2' } }),
      [{ kind: 'package-changed', packages: ['lib'] }],
    ],
    [
      'files that it opens by path changed, were added and are gone',
      {
        ...withCode({ reads: { 'd/a.csv': 'h2', 'd/new.csv': 'h' } }),
        reading: {
          status: 'found',
          record: { ...record, code: { ...record.code, reads: { 'd/a.csv': 'h', 'd/gone.csv': 'h' } } },
        },
      },
      [{ kind: 'file-changed', files: ['d/a.csv', 'd/gone.csv', 'd/new.csv'] }],
    ],
    [
      'many files that it opens by path are new',
      withCode({ reads: Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`d/${n + 10}`, 'h'])) }),
      [{ kind: 'file-changed', files: Array.from({ length: 20 }, (_, n) => `d/${n + 10}`), fileCount: 25 }],
    ],
    ['the framework changed', withCode({ runtime: 'r2' }), [{ kind: 'framework-changed' }]],
    ['its definition changed', withCode({ definition: 'd2' }), [{ kind: 'definition-changed' }]],
    ['its code changed unseen', withCode({}), [{ kind: 'definition-changed' }]],
    [
      'the environment changed',
      { fingerprintInputs: { ...fingerprintInputs, env: { REGION: 'e2', MORE: null } } },
      [{ kind: 'env-changed', names: ['MORE', 'REGION'] }],
    ],
    [
      'the data of an upstream changed',
      {
        fingerprintInputs: { ...fingerprintInputs, inputs: { raw: { ...raw, dataVersion: version('new') } } },
      },
      [{ kind: 'upstream-changed', key: raw.key, was: raw.dataVersion, now: version('new') }],
    ],
    [
      'an upstream is new',
      { fingerprintInputs: { ...fingerprintInputs, inputs: { raw, more: { key, dataVersion: null } } } },
      [{ kind: 'upstream-changed', key, was: null, now: null }],
    ],
    [
      'an alias means another upstream',
      { fingerprintInputs: { ...fingerprintInputs, inputs: { raw: { key, dataVersion: raw.dataVersion } } } },
      [{ kind: 'upstream-changed', key, was: raw.dataVersion, now: raw.dataVersion }],
    ],
    [
      'it is asked to refresh',
      { ...observed(now), ...found({ observedAt: then }), ...aging, refresh: true },
      [{ kind: 'refresh-asked' }],
    ],
    ['its data was never dated', { ...observed(now), ...aging }, [{ kind: 'refresh-asked' }]],
    [
      'its data is too old',
      { ...observed(now), ...found({ observedAt: then }), ...aging },
      [{ kind: 'too-old', observedAt: then, freshness: AGE }],
    ],
  ])('runs when %s', (_why, change, reasons) => {
    expect(decide(state(change))).toEqual({ action: 'run', reasons });
  });

  test('names every reason, the age of the data first, then code, environment and data', () => {
    const decision = decide(
      state(withCode({ files: {}, packages: {}, runtime: 'r2', definition: 'd2' }), {
        fingerprintInputs: {
          inputs: { raw: { ...raw, dataVersion: version('new') } },
          env: { REGION: 'e2' },
          observedAt: now,
        },
      }),
    );
    expect(decision.reasons.map(({ kind }) => kind)).toEqual([
      'refresh-asked',
      'code-changed',
      'package-changed',
      'framework-changed',
      'env-changed',
      'upstream-changed',
    ]);
  });

  test('asks for no action key where there is no record to compare it with', () => {
    const never = () => {
      throw new Error('asked');
    };
    const asked: StepState = {
      ...state({ reading: { status: 'missing' } }),
      fingerprint: { inputs: never, actionKey: never },
    };
    expect(decide(asked).reasons).toEqual([{ kind: 'missing' }]);
  });

  test('does not read the bytes when something else says that it must run', () => {
    const bytesOnDisk = () => {
      throw new Error('read');
    };
    expect(decide(state(withCode({ files: {} }), { bytesOnDisk })).action).toBe('run');
    expect(decide(state({ force: true, bytesOnDisk })).action).toBe('run');
  });

  test('is reused only if the bytes are those of the record', () => {
    fc.assert(
      fc.property(fc.option(fc.constantFrom(version('data'), version('x')), { nil: null }), (bytes) => {
        const { action } = decide(state({ bytesOnDisk: () => bytes }));
        expect(action).toBe(bytes === record.dataVersion ? 'keep' : 'run');
      }),
    );
  });

  test('always has a reason', () => {
    const change = fc.constantFrom<Change>(
      {},
      { force: true },
      { refresh: true },
      withCode({}),
      withCode({ files: {} }),
      found({ actionKey: version('other') }),
      found({ inputs: {}, actionKey: version('other') }),
      observed(now),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const merged = state(...changes);
        const { reasons } = decide(merged);
        expect(reasons.length).toBeGreaterThan(0);
        expect(describeReasons(reasons)).not.toBe('');
      }),
    );
  });
});

describe('reasons in words', () => {
  test.each<[Reason, string]>([
    [{ kind: 'missing' }, 'not materialized yet'],
    [{ kind: 'record-unreadable', problem: 'torn' }, 'record unreadable (torn)'],
    [{ kind: 'value-missing', path }, 'output/sources/users.json is missing'],
    [{ kind: 'value-edited', path }, 'output/sources/users.json was edited by hand'],
    [{ kind: 'forced' }, 'forced'],
    [{ kind: 'refresh-asked' }, 'refresh requested'],
    [{ kind: 'too-old', observedAt: '', freshness: age(HOUR) }, 'older than 1h'],
    [{ kind: 'too-old', observedAt: '', freshness: age(2 * 24 * HOUR) }, 'older than 2d'],
    [{ kind: 'too-old', observedAt: '', freshness: age(90 * 60_000) }, 'older than 90m'],
    [{ kind: 'too-old', observedAt: '', freshness: age(1500) }, 'older than 1.5s'],
    [
      {
        kind: 'too-old',
        observedAt: '',
        freshness: { kind: 'deadline', cron: '0 9 * * *', timeZone: 'Europe/Berlin', window: HOUR },
      },
      'older than the deadline 0 9 * * * (Europe/Berlin) allows',
    ],
    [{ kind: 'code-changed', files: ['a/b.ts'] }, 'code changed: b.ts'],
    [
      { kind: 'code-changed', files: ['a/b.ts', 'c.ts', 'd.ts', 'e.ts'] },
      'code changed: b.ts, c.ts and 2 more',
    ],
    [{ kind: 'file-changed', files: ['packages/g/data/x.csv'] }, 'file changed: data/x.csv'],
    [
      { kind: 'file-changed', files: ['a.csv', 'b.csv'], fileCount: 25 },
      'file changed: a.csv, b.csv and 23 more',
    ],
    [{ kind: 'package-changed', packages: ['zod'] }, 'package changed: zod'],
    [{ kind: 'definition-changed' }, 'definition changed'],
    [{ kind: 'framework-changed' }, 'Nx Assets changed'],
    [{ kind: 'env-changed', names: ['A', 'B'] }, 'environment changed: A, B'],
    [{ kind: 'upstream-changed', key, was: null, now: 'x' }, 'data changed: sources/users'],
    [{ kind: 'unchanged' }, 'unchanged'],
    [{ kind: 'restored' }, 'unchanged'],
    [{ kind: 'upstream-failed', key }, 'upstream failed: sources/users'],
  ])('%j: %s', (reason, words) => {
    expect(describeReason(reason)).toBe(words);
  });

  test('the first is told and the others are counted', () => {
    expect(describeReasons([])).toBe('');
    expect(describeReasons([{ kind: 'forced' }])).toBe('forced');
    expect(describeReasons([{ kind: 'missing' }, { kind: 'forced' }, { kind: 'restored' }])).toBe(
      'not materialized yet, and 2 more',
    );
  });

  test('a scoped package keeps its scope', () => {
    expect(describeReason({ kind: 'package-changed', packages: ['@duckdb/node-api'] })).toBe(
      'package changed: @duckdb/node-api',
    );
  });
});

describe('an observation', () => {
  const aging = { ...manifest, deps: {}, freshness: AGE };
  const start = Date.parse('2026-01-01T00:00:00.000Z');
  const at = (milliseconds: number) => new Date(start + milliseconds);
  let root = '';
  const file = () => absolute(root, observationPath(key));
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'observation-'));
  });
  beforeEach(() => rmSync(file(), { force: true }));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('is made where there is none, and kept', () => {
    expect(lastObservation(root, aging)).toBeNull();
    expect(observe(root, aging, at(0), false)).toBe(at(0).toISOString());
    expect(lastObservation(root, aging)).toBe(at(0).toISOString());
  });

  test('holds while it is younger than the policy says, to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2 * HOUR, max: 3 * HOUR }), (age) => {
        observe(root, aging, at(0), true);
        const holds = age >= 0 && age < HOUR;
        expect(observe(root, aging, at(age), false)).toBe(at(holds ? 0 : age).toISOString());
      }),
    );
    for (const [age, holds] of [
      [HOUR - 1, true],
      [HOUR, false],
    ] as const) {
      observe(root, aging, at(0), true);
      expect(observe(root, aging, at(age), false)).toBe(at(holds ? 0 : age).toISOString());
    }
  });

  test('does not hold when the clock was set back', () => {
    observe(root, aging, at(5000), true);
    expect(observe(root, aging, at(0), false)).toBe(at(0).toISOString());
  });

  test('is made anew when asked to refresh', () => {
    observe(root, aging, at(0), false);
    expect(observe(root, aging, at(1), true)).toBe(at(1).toISOString());
    expect(lastObservation(root, aging)).toBe(at(1).toISOString());
  });

  test.each(['', '{"observedAt":', '{}', 'null', '[]', '{"observedAt":1}', '{"observedAt":"yesterday"}'])(
    'in a file with %j counts as none',
    (content) => {
      mkdirSync(dirname(file()), { recursive: true });
      writeFileSync(file(), content);
      expect(lastObservation(root, aging)).toBeNull();
      expect(observe(root, aging, at(7), false)).toBe(at(7).toISOString());
    },
  );

  test('is nothing, and leaves no file, for an asset that does not age', () => {
    expect(observe(root, manifest, at(0), true)).toBeNull();
    expect(() => readFileSync(file())).toThrow('ENOENT');
  });
});
