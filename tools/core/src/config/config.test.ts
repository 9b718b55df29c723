import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { asset } from '../asset.ts';
import { AssetError } from '../diagnostics.ts';
import type { AssetKey } from '../key.ts';
import type { AssetManifest } from '../manifest.ts';
import { configured, resource } from '../resource.ts';
import { environmentOf, knownEnvironments } from './environment.ts';
import {
  configError,
  configOfResource,
  configOfRun,
  configProblems,
  unknownEnvironment,
} from './problems.ts';
import {
  checkRunConfig,
  configGiven,
  configOfAsset,
  mergeRunConfigs,
  parseAssignment,
  unknownIn,
} from './run-config.ts';
import { resolveValues } from './values.ts';
import { env, secret, secretNamesIn } from './variable.ts';

describe('the environment of a run', () => {
  test.each([
    [{}, 'dev'],
    [{ CI: 'true' }, 'ci'],
    [{ CI: '1' }, 'ci'],
    [{ CI: 'false' }, 'dev'],
    [{ CI: '0' }, 'dev'],
    [{ CI: 'true', NX_ASSETS_ENV: 'prod' }, 'prod'],
    [{ NX_ASSETS_ENV: '  ' }, 'dev'],
  ])('of %j is %s', (given, expected) => expect(environmentOf(given)).toBe(expected));

  test('is one of three, or one that a resource has values for', () => {
    expect(knownEnvironments([{ default: {}, staging: {} }, { prod: {} }])).toEqual([
      'dev',
      'ci',
      'prod',
      'staging',
    ]);
    expect(unknownEnvironment([], { NX_ASSETS_ENV: 'pord' })).toBe(
      'NX_ASSETS_ENV is "pord", and the environments are dev, ci, prod',
    );
    expect(unknownEnvironment([{ pord: {} }], { NX_ASSETS_ENV: 'pord' })).toBeNull();
  });
});

describe('values', () => {
  const values = {
    default: {
      url: 'http://a.example',
      size: 1,
      nested: { token: secret('TOKEN'), list: [env('ITEM'), 'b'] },
    },
    prod: { url: env('URL'), size: env('SIZE', '7') },
  };

  test('of an environment go before those of all', () => {
    const { fields } = resolveValues(values, 'prod', { URL: 'http://p.example', TOKEN: 't', ITEM: 'i' });
    expect(fields).toEqual({ url: 'http://p.example', size: '7', nested: { token: 't', list: ['i', 'b'] } });
    expect(resolveValues(values, 'dev', {}).fields.url).toBe('http://a.example');
  });

  test('whose variable is not set, or empty, are not there; and it is known which', () => {
    const { fields, variables } = resolveValues(values, 'prod', { URL: ' ' });
    expect(fields).toEqual({ size: '7', nested: { list: [null, 'b'] } });
    expect(Object.fromEntries(variables)).toEqual({
      url: { name: 'URL', isSet: false, isSecret: false },
      size: { name: 'SIZE', isSet: true, isSecret: false },
      'nested.token': { name: 'TOKEN', isSet: false, isSecret: true },
      'nested.list.0': { name: 'ITEM', isSet: false, isSecret: false },
    });
  });

  test('know their secrets', () => {
    expect(secretNamesIn(values)).toEqual(['TOKEN']);
    expect(secretNamesIn({ a: [secret('A'), { b: secret('B') }], c: env('C'), d: null, e: 1 })).toEqual([
      'A',
      'B',
    ]);
  });
});

const api = resource({
  description: 'An API.',
  config: z.object({ url: z.url(), size: z.coerce.number().max(9), mode: z.enum(['a', 'b']).optional() }),
  values: { default: { size: env('SIZE') }, dev: { url: 'http://dev.example' }, prod: { url: env('URL') } },
  open: ({ config }) => config.url,
});

describe('the config of a resource', () => {
  test('is what its schema makes of the values', () => {
    expect(configOfResource(api, { SIZE: '3' })).toEqual({
      value: { url: 'http://dev.example', size: 3 },
      problems: [],
    });
    const plain = resource({ description: 'd', open: () => 1 });
    expect(configOfResource(plain, {})).toEqual({ value: undefined, problems: [] });
  });

  test('names each field that does not fit, and where its value comes from, but never the value', () => {
    const { problems } = configOfResource(api, { NX_ASSETS_ENV: 'prod', SIZE: '12345' });
    expect(problems).toEqual(['url: URL is not set', expect.stringMatching(/^size: .* \(from SIZE\)$/)]);
    expect(problems.join()).not.toContain('12345');
    const odd = configured(api, { url: 'nowhere', size: 1 });
    expect(configOfResource(odd, {}).problems).toEqual([expect.stringMatching(/^url: /)]);
    const bare = resource({ description: 'd', config: z.object({ a: z.string() }), open: () => 1 });
    expect(configOfResource(bare, {}).problems).toEqual(['a: is given no value']);
    const nested = resource({
      description: 'd',
      config: z.object({ at: z.object({ port: z.coerce.number() }) }),
      values: { default: { at: { port: env('PORT') } } },
      open: () => 1,
    });
    expect(configOfResource(nested, {}).problems).toEqual(['at.port: PORT is not set']);
    const whole = resource({
      description: 'd',
      config: z.object({ a: z.string().optional() }).refine(() => false, 'never'),
      open: () => 1,
    });
    expect(configOfResource(whole, {}).problems).toEqual(['config: is given no value']);
  });

  test('says where it has values when it has none for an environment', () => {
    const onlyProd = resource({
      description: 'd',
      config: z.object({ url: z.string() }),
      values: { prod: { url: 'http://p.example' } },
      open: () => 1,
    });
    expect(configOfResource(onlyProd, {}).problems).toEqual(['has no values for dev, only for prod']);
  });
});

describe('a resource is refused', () => {
  const config = z.object({ url: z.string() });
  test('with values of fields that there are not', () => {
    const values = { dev: { url: 'a', urll: 'b' } };
    expect(() => resource({ description: 'd', config, values, open: () => 1 })).toThrow('a value for "urll"');
    expect(() => resource({ description: 'd', config, dataFree: ['uri' as 'url'], open: () => 1 })).toThrow(
      '"uri"',
    );
    expect(() => configured(api, { uri: 1 })).toThrow('a value for "uri"');
  });

  test('with a field that no path can name, or with values of no config', () => {
    const odd = z.object({ 'a.b': z.string() });
    expect(() => resource({ description: 'd', config: odd, open: () => 1 })).toThrow(
      '"a.b", which is no plain name',
    );
    expect(() => configured(resource({ description: 'd', open: () => 1 }), { a: 1 })).toThrow(
      'without a config',
    );
  });

  test('configured anew keeps what is not said, in every environment', () => {
    const other = configured(api, { url: 'http://other.example' });
    for (const name of ['dev', 'prod'])
      expect(configOfResource(other, { NX_ASSETS_ENV: name, SIZE: '2' }).value).toEqual({
        url: 'http://other.example',
        size: 2,
      });
  });
});

describe('what a run gives', () => {
  test('is written as a field and its value: JSON, or a text', () => {
    expect(parseAssignment('lab/a.size=4')).toEqual({ 'lab/a': { size: 4 } });
    expect(parseAssignment('lab/a.name=x=y')).toEqual({ 'lab/a': { name: 'x=y' } });
    expect(parseAssignment('lab/a.list=["x"]')).toEqual({ 'lab/a': { list: ['x'] } });
    expect(parseAssignment('lab/a.name=')).toEqual({ 'lab/a': { name: '' } });
    for (const wrong of ['lab/a', 'a.size=1', 'lab/a=1', '=1'])
      expect(() => parseAssignment(wrong)).toThrow('CONFIG_INVALID');
  });

  test('comes from files of one form', () => {
    const given = { 'lab/a': { size: 1 } };
    expect(checkRunConfig(given, 'run.json')).toBe(given);
    for (const wrong of [1, null, [], { 'lab/a': 1 }, { 'lab/a': [1] }])
      expect(() => checkRunConfig(wrong, 'run.json')).toThrow('run.json is no run config');
  });

  test('is put together field by field, and the later say it', () => {
    const merged = mergeRunConfigs([{ a: { x: 1, y: 1 } }, { b: { z: 1 } }, { a: { y: 2 } }]);
    expect(merged).toEqual({ a: { x: 1, y: 2 }, b: { z: 1 } });
    expect(configOfAsset(merged, 'a' as AssetKey)).toEqual({ x: 1, y: 2 });
    expect(configOfAsset(merged, 'toString' as AssetKey)).toEqual({});
    expect(configOfAsset(undefined, 'a' as AssetKey)).toEqual({});
  });

  const manifest = (key: string, ...fields: string[]) =>
    [
      key,
      {
        key,
        ...(fields.length > 0 ? { config: { fields: Object.fromEntries(fields.map((f) => [f, {}])) } } : {}),
      },
    ] as unknown as [string, AssetManifest];

  test('must be of assets and fields that are there, and the nearest is named', () => {
    const manifests = new Map([manifest('lab/rows', 'size', 'mode'), manifest('lab/plain')]);
    expect(unknownIn({ 'lab/rows': { size: 1 } }, manifests)).toEqual([]);
    expect(unknownIn({ 'lab/row': { size: 1 } }, manifests)).toEqual([
      'there is no asset lab/row; did you mean lab/rows?',
    ]);
    expect(unknownIn({ 'lab/rows': { sise: 1, zzzzzz: 1 } }, manifests)).toEqual([
      'lab/rows has no field "sise"; did you mean size?',
      'lab/rows has no field "zzzzzz"; there is size, mode',
    ]);
    expect(unknownIn({ 'lab/plain': { size: 1 } }, manifests)).toEqual(['lab/plain has no config']);
    expect(unknownIn({ x: {} }, new Map([manifest('lab/plain')]))).toEqual([
      'there is no asset x; none has a config',
    ]);
    const many = new Map([manifest('lab/rows', 'aa', 'bb', 'cc', 'dd', 'ee', 'ff')]);
    expect(unknownIn({ 'lab/rows': { zzzzzz: 1 } }, many)).toEqual(['lab/rows has no field "zzzzzz"']);
  });

  test('goes before the defaults', () => {
    const fields = { size: { default: 2 }, mode: {} };
    const rows = { config: { fields } } as unknown as AssetManifest;
    expect(configGiven(rows)).toEqual({ size: 2 });
    expect(configGiven(rows, { size: 3, mode: 'x', other: 1 })).toEqual({ size: 3, mode: 'x' });
    expect(configGiven({})).toEqual({});
  });
});

describe('all problems of a run', () => {
  const one = asset({
    description: 'd',
    value: z.number(),
    config: z.object({ size: z.int().max(9).default(1) }),
    resources: { api },
    materialize: (_inputs, { config }) => config.size,
  });
  const assets = new Map([
    ['lab/one', one],
    ['lab/two', one],
  ] as [AssetKey, typeof one][]);

  test('are said once for each resource, and for each asset', () => {
    expect(configProblems(assets, {}, { 'lab/two': { size: 10 } })).toEqual([
      'resource api (of lab/one and 1 more): size: SIZE is not set',
      expect.stringMatching(/^asset lab\/two: size: /),
    ]);
    expect(configProblems(assets, { SIZE: '1' }, undefined)).toEqual([]);
  });

  test('of an asset without a config are none', () => {
    expect(configOfRun({ config: null }, {})).toEqual({ value: {}, problems: [] });
    expect(configOfRun(one, {})).toEqual({ value: { size: 1 }, problems: [] });
  });

  test('are one error', () => {
    const error = configError(['a: x', 'b: y'], { NX_ASSETS_ENV: 'prod' });
    expect(error).toBeInstanceOf(AssetError);
    expect(error.facts).toBe('2 problems in the config for prod; no step was started:\n  a: x\n  b: y\n');
    expect(configError(['a'], {}).facts).toContain('1 problem in the config for dev');
  });
});

test('types: what is given must fit', () => {
  const config = z.object({ url: z.string(), size: z.number() });
  // @ts-expect-error: a variable is text
  void (() => resource({ description: 'd', config, values: { dev: { size: env('SIZE') } }, open: () => 1 }));
  // @ts-expect-error: only a resource with a config has values
  void (() => resource({ description: 'd', values: { dev: { url: 'a' } }, open: () => 1 }));
  // @ts-expect-error: there is no such field
  void (() => resource({ description: 'd', config, dataFree: ['uri'], open: () => 1 }));
  void (() =>
    asset({
      description: 'd',
      value: z.number(),
      config: z.object({ size: z.int() }),
      materialize(_inputs, { config: given }) {
        // @ts-expect-error: there is no such field
        void given.sise;
        return 1;
      },
    }));
  void (() =>
    asset({
      description: 'd',
      value: z.number(),
      materialize(_inputs, { config: given }) {
        // @ts-expect-error: an asset without a config has none
        void given.size;
        return 1;
      },
    }));
});
