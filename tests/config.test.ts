import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { thorough } from './support/thorough.ts';

const TOKEN = 'tok/en-of 2026!';

const source = `
import { asset, env, resource, secret } from '@nx-assets/core';
import { z } from 'zod';
const api = resource({
  description: 'An API.',
  config: z.object({ url: z.url(), token: z.string().min(8), timeout: z.coerce.number().default(5) }),
  values: {
    default: { timeout: env('API_TIMEOUT') },
    dev: { url: env('DEV_URL', 'http://dev.example'), token: 'dev-token' },
    ci: { url: 'http://ci.example', token: 'ci-token' },
    prod: { url: env('API_URL'), token: secret('API_TOKEN') },
  },
  dataFree: ['timeout'],
  open: ({ config, announce }) => {
    announce('with ' + config.token + ' for ' + config.timeout);
    return config;
  },
});
const store = resource({
  description: 'A store.',
  config: z.object({ bucket: z.enum(['one', 'two']) }),
  values: { default: { bucket: env('BUCKET', 'one') } },
  open: ({ config }) => config.bucket,
});
export const users = asset({
  description: 'Users.',
  resources: { api },
  schema: z.object({ n: z.int(), url: z.string() }),
  config: z.object({ sampleSize: z.int().max(10).default(2) }),
  materialize: (_inputs, { resources, config }) =>
    Array.from({ length: config.sampleSize }, (_, n) => ({ n, url: resources.api.url })),
});
export const stored = asset({
  description: 'Where things are.',
  resources: { store },
  value: z.string(),
  materialize: (_inputs, { resources }) => resources.store,
});
export const plain = asset({ description: 'Has no config.', value: z.int(), materialize: () => 1 });
`;

const PROD = { NX_ASSETS_ENV: 'prod', API_URL: 'http://prod.example', API_TOKEN: TOKEN };
const everything = ['run-many', '-t', 'materialize'] as const;

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = new TestWorkspace({
    'packages/work/package.json': JSON.stringify({ name: 'work', 'nx-assets': {}, type: 'module' }),
    'packages/work/src/index.ts': source,
  });
  expect((await workspace.materialize()).ran).toEqual(['plain', 'stored', 'users']);
});
afterAll(() => workspace.dispose());

const run = (env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) =>
  workspace.materialize([...everything, ...args], { env });
const reasonsOf = ({ assets }: Awaited<ReturnType<typeof run>>) =>
  assets.filter(({ status }) => status === 'materialized').map(({ key, reasons }) => [key, reasons]);
const planned = async (env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) => {
  const { stdout } = await workspace.command(['plan', '--json', ...args], { env });
  const { steps } = JSON.parse(stdout) as { steps: { key: string; action: string; reasons: object[] }[] };
  return steps.filter(({ action }) => action !== 'keep');
};

test('a changed value re-runs what uses it, for a reason that names the field; what decides no data does not', async () => {
  expect(await planned({ BUCKET: 'two' })).toMatchObject([
    { key: 'work/stored', action: 'run', reasons: [{ kind: 'config-changed', fields: ['store.bucket'] }] },
  ]);
  expect(reasonsOf(await run({ BUCKET: 'two' }))).toEqual([
    ['work/stored', [{ kind: 'config-changed', fields: ['store.bucket'] }]],
  ]);
  expect(reasonsOf(await run({ BUCKET: 'two', API_TIMEOUT: '60' }))).toEqual([]);
  expect((await workspace.nx(everything, { env: { DEV_URL: 'http://other.example' } })).output).toMatch(
    /work\/users +materialized +config changed: api.url/,
  );
});

thorough('each environment has its values, and the cache of one serves nobody else', async () => {
  const prod = await run(PROD);
  expect(reasonsOf(prod)).toEqual([
    ['work/users', [{ kind: 'config-changed', fields: ['api.token', 'api.url'] }]],
  ]);
  expect(JSON.parse(workspace.read('output/work/users.record.json'))).toMatchObject({
    config: { environment: 'prod', values: { sampleSize: 2 } },
  });
  expect((await run({ CI: 'true' })).ran).toEqual(['users']);
  expect((await run(PROD)).ran).toEqual([]);
  expect((await run()).ran).toEqual([]);
});

test('whatever is wrong is said at once, and no step is started, in a batch and without one', async () => {
  workspace.remove('output');
  const env = { NX_ASSETS_ENV: 'prod', API_TOKEN: 'short', API_TIMEOUT: 'long', BUCKET: 'three' };
  const problems = [
    'resource api (of work/users): url: API_URL is not set',
    'resource api (of work/users): token: Too small: expected string to have >=8 characters (from API_TOKEN)',
    'resource api (of work/users): timeout: Invalid input: expected number, received NaN (from API_TIMEOUT)',
    'resource store (of work/stored): bucket: Invalid option: expected one of "one"|"two" (from BUCKET)',
    'asset work/users: sampleSize: Too big: expected number to be <=10',
  ];
  const flag = '--config=work/users.sampleSize=11';
  const results = [
    await workspace.nx([...everything, flag, '--skip-nx-cache'], { env }),
    await workspace.nx([...everything, flag, '--skip-nx-cache', '--batch=false'], { env }),
    await workspace.command(['plan', flag], { env }),
  ];
  for (const { code, output } of results) {
    expect(code).toBe(1);
    expect(output).toContain('CONFIG_INVALID: 5 problems in the config for prod; no step was started');
    for (const problem of problems) expect(output).toContain(problem);
    expect(output).not.toMatch(/materialized|from Run/);
  }
  expect(workspace.exists('output')).toBe(false);
  // What does not use it runs.
  const alone = await workspace.materialize(['run', 'work:plain'], { env });
  expect(alone.code).toBe(0);
});

test('an environment, an asset or a field that is not there is refused, with the nearest name', async () => {
  const said = async (env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
    const { code, output } = await workspace.nx([...everything, ...args], { env });
    expect(code).toBe(1);
    return output;
  };
  expect(await said({ NX_ASSETS_ENV: 'production' })).toContain(
    'NX_ASSETS_ENV is "production", and the environments are dev, ci, prod',
  );
  expect(await said({}, '--config=work/user.sampleSize=1')).toContain(
    'there is no asset work/user; did you mean work/users?',
  );
  expect(await said({}, '--config=work/users.sampelSize=1')).toContain(
    'work/users has no field "sampelSize"; did you mean sampleSize?',
  );
  expect(await said({}, '--config=work/plain.size=1')).toContain('work/plain has no config');
  expect(await said({}, '--config=nowhere.json')).toContain('nowhere.json cannot be read');
});

test('a run gives config by flag or file: it counts, it is in the record, and a batch and a process each agree', async () => {
  await run();
  workspace.write({ 'sample.json': JSON.stringify({ 'work/users': { sampleSize: 5 } }) });
  expect(await planned({}, '--config=sample.json')).toMatchObject([
    { key: 'work/users', reasons: [{ kind: 'config-changed', fields: ['sampleSize'] }] },
  ]);
  const file = await run({}, '--config=sample.json', '--batch=false');
  expect(reasonsOf(file)).toEqual([['work/users', [{ kind: 'config-changed', fields: ['sampleSize'] }]]]);
  const record = () =>
    JSON.parse(workspace.read('output/work/users.record.json')) as {
      actionKey: string;
      config: { values: object };
      value: { rowCount: number };
    };
  const { actionKey, config, value } = record();
  expect([config.values, value.rowCount]).toEqual([{ sampleSize: 5 }, 5]);
  const forced = await run({}, '--config=work/users.sampleSize=5', '--skip-nx-cache');
  expect(forced.ran).toContain('users');
  expect(record().actionKey).toBe(actionKey);
  expect((await run({}, '--config=work/users.sampleSize=5')).ran).toEqual([]);
  // The default, said or not, is the same.
  expect((await run({}, '--config=work/users.sampleSize=2')).ran).toEqual([]);
  expect(record().value.rowCount).toBe(2);
});

test('a secret is in no file and in nothing that is said', async () => {
  const { output } = await workspace.nx([...everything, '--skip-nx-cache'], { env: PROD });
  expect(output).toContain('with [secret] for 5');
  expect(output).not.toContain(TOKEN);
  const holding = readdirSync(workspace.root, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('node_modules'))
    .filter((path) => statSync(join(workspace.root, path)).isFile())
    .filter((path) => readFileSync(join(workspace.root, path)).includes(TOKEN));
  expect(holding).toEqual([]);
});
