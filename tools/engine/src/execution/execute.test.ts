import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnyAsset,
  asset,
  AssetError,
  type AssetKey,
  nameOf,
  parseAssetKey,
  resource,
  type Table,
} from '@nx-assets/core';
import { columnsOf } from '@nx-assets/storage';
import { absolute, readRecord, recordPath, STATE, valuePath } from '@nx-assets/storage/records';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { manifestOf } from '../contracts/sample-manifests.ts';
import type { Outcome, RunEvent } from '../events.ts';
import { execute, type ExecuteOptions } from './execute.ts';
import { authorStack, toFailure } from '../failure.ts';
import { StepPlace } from '../test-support.ts';

let root = '';
let place: StepPlace;
let events: RunEvent[] = [];
beforeEach(() => {
  place = new StepPlace();
  ({ root } = place);
  events = [];
});
afterEach(() => place.close());

const Row = z.object({ n: z.int() });
type Inputs = Readonly<Record<string, Table<{ n: number }>>>;
type Body = (inputs: Inputs) => unknown;

/** Assets by name: which ones each is made from, and its function. */
type World = Readonly<
  Record<string, { readonly deps?: readonly string[]; readonly body: Body; readonly code?: string }>
>;

const keyOf = (name: string): AssetKey => parseAssetKey(`g/${name}`);
const rows = (...numbers: readonly number[]) => numbers.map((n) => ({ n }));

function tableOf(name: string, { deps = [], code = '1' }: World[string]) {
  const output = { type: 'table', columns: columnsOf(Row), path: '' } as const;
  return manifestOf(keyOf(name), {
    deps: Object.fromEntries(deps.map((dep) => [dep, manifestOf(keyOf(dep))])),
    output: { ...output, path: valuePath(keyOf(name), output) },
    env: ['REGION'],
    code: { version: code, file: '', files: { 'a.ts': code }, packages: {}, definition: '', runtime: '' },
  });
}

const definitionOf = (body: Body): AnyAsset =>
  asset({ description: 'd', schema: Row, materialize: (inputs) => body(inputs as Inputs) as never });

const definitionsOf = (world: World) =>
  new Map(Object.entries(world).map(([name, { body }]) => [keyOf(name), definitionOf(body)]));

/** Runs a world, or only some of its assets; says the status of each. */
async function run(
  world: World,
  options: Partial<ExecuteOptions> & {
    readonly only?: readonly string[];
    readonly signal?: AbortSignal;
    readonly env?: Record<string, string>;
  } = {},
) {
  const names = options.only ?? Object.keys(world);
  const outcomes = await execute({
    manifests: names.map((name) => tableOf(name, world[name] as World[string])),
    environment: place.environment({
      env: options.env ?? {},
      signal: options.signal ?? new AbortController().signal,
    }),
    force: false,
    refresh: false,
    concurrency: 2,
    definitions: () => Promise.resolve(definitionsOf(world)),
    emit: (event) => void events.push(event),
    ...options,
  });
  return Object.fromEntries([...outcomes].map(([key, outcome]) => [nameOf(key), outcome]));
}
const statuses = (outcomes: Record<string, Outcome>) =>
  Object.fromEntries(Object.entries(outcomes).map(([name, { status }]) => [name, status]));

const chain: World = {
  a: { body: () => rows(1, 2) },
  b: { deps: ['a'], body: async ({ a }) => rows(...((await a?.rows()) ?? []).map(({ n }) => n * 10)) },
  c: { deps: ['b'], body: async ({ b }) => rows(b?.rowCount ?? 0) },
};

describe('a run', () => {
  test('makes each asset once, after its deps, and again nothing', async () => {
    expect(statuses(await run(chain))).toEqual({ a: 'materialized', b: 'materialized', c: 'materialized' });
    const finished = events.flatMap((event) =>
      event.type === 'step-finished' ? [nameOf(event.outcome.key)] : [],
    );
    expect(finished).toEqual(['a', 'b', 'c']);
    events = [];
    const again = await run(chain, { definitions: () => Promise.reject(new Error('loaded')) });
    expect(statuses(again)).toEqual({ a: 'up-to-date', b: 'up-to-date', c: 'up-to-date' });
    expect(again.b).toMatchObject({ changed: false, rowCount: 2, reasons: [{ kind: 'unchanged' }] });
    expect(events.some(({ type }) => type === 'step-started')).toBe(false);
  });

  test('stops at unchanged bytes', async () => {
    await run(chain);
    const other = { ...chain, a: { body: () => rows(1, 2), code: '2' } };
    const outcomes = await run(other);
    expect(statuses(outcomes)).toEqual({ a: 'materialized', b: 'up-to-date', c: 'up-to-date' });
    expect(outcomes.a).toMatchObject({
      changed: false,
      reasons: [{ kind: 'code-changed', files: ['a.ts'] }],
    });
  });

  test('goes on as far as bytes change', async () => {
    await run(chain);
    const outcomes = await run({ ...chain, a: { body: () => rows(3, 4), code: '2' } });
    expect(statuses(outcomes)).toEqual({ a: 'materialized', b: 'materialized', c: 'materialized' });
    expect(outcomes.c).toMatchObject({ changed: false });
    expect(outcomes.b).toMatchObject({ changed: true, reasons: [{ kind: 'upstream-changed', key: 'g/a' }] });
  });

  test('runs everything when told to, and what declares a variable that changed', async () => {
    await run(chain);
    expect(statuses(await run(chain, { force: true }))).toEqual({
      a: 'materialized',
      b: 'materialized',
      c: 'materialized',
    });
    expect((await run(chain, { env: { REGION: 'eu' } })).a?.reasons).toEqual([
      { kind: 'env-changed', names: ['REGION'] },
    ]);
  });

  test.each([1, 2, 5])(
    'has at most %i steps at a time, and that many when there is work',
    async (concurrency) => {
      let now = 0;
      let most = 0;
      const body = async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 15));
        now--;
        return rows(1);
      };
      const world = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, { body }]));
      await run(world, { concurrency });
      expect(most).toBe(concurrency);
    },
  );

  test('loads the definitions once', async () => {
    let loads = 0;
    await run(chain, {
      definitions: () => {
        loads++;
        return Promise.resolve(definitionsOf(chain));
      },
    });
    expect(loads).toBe(1);
  });

  test('restores what was edited or deleted by hand', async () => {
    await run(chain);
    const path = absolute(root, 'output/g/a.parquet');
    const good = readFileSync(path);
    writeFileSync(path, 'edited');
    expect((await run(chain)).a).toMatchObject({
      status: 'materialized',
      changed: false,
      reasons: [{ kind: 'value-edited' }],
    });
    expect(readFileSync(path).equals(good)).toBe(true);
    rmSync(path);
    expect((await run(chain)).a?.reasons).toMatchObject([{ kind: 'value-missing' }]);
  });
});

describe('a failure', () => {
  const boom = () => {
    throw new TypeError('boom');
  };
  const world: World = {
    bad: { body: boom },
    child: { deps: ['bad'], body: () => rows(1) },
    grandchild: { deps: ['child', 'good'], body: () => rows(1) },
    good: { body: () => rows(1) },
    other: { deps: ['good'], body: () => rows(1) },
  };

  test('stops its descendants and nothing else, and each names the one that failed', async () => {
    const outcomes = await run(world);
    expect(statuses(outcomes)).toEqual({
      bad: 'failed',
      child: 'blocked',
      grandchild: 'blocked',
      good: 'materialized',
      other: 'materialized',
    });
    expect(outcomes.grandchild?.reasons).toEqual([{ kind: 'upstream-failed', key: 'g/bad' }]);
    expect(outcomes.bad?.error).toMatchObject({ code: 'MATERIALIZE_THREW', blame: 'author' });
    expect(outcomes.bad?.error?.message).toContain('TypeError: boom');
  });

  test('leaves what was there, and the next run repeats only it and what it stopped', async () => {
    const fine = { ...world, bad: { body: () => rows(1) } };
    await run(fine);
    const before = readFileSync(absolute(root, 'output/g/bad.parquet'));
    const broken = { ...fine, bad: { body: boom, code: '2' } };
    expect(statuses(await run(broken))).toMatchObject({
      bad: 'failed',
      child: 'blocked',
      good: 'up-to-date',
      other: 'up-to-date',
    });
    expect(readFileSync(absolute(root, 'output/g/bad.parquet')).equals(before)).toBe(true);
    expect(readRecord(root, keyOf('bad')).status).toBe('found');
    const fixed = { ...fine, bad: { body: () => rows(2), code: '3' } };
    expect(statuses(await run(fixed))).toEqual({
      bad: 'materialized',
      child: 'materialized',
      grandchild: 'up-to-date',
      good: 'up-to-date',
      other: 'up-to-date',
    });
  });

  test('leaves no temporary file and no scratch folder', async () => {
    await run({ bad: { body: () => [{ n: 'x' }] }, ...chain });
    expect(readdirSync(absolute(root, 'output/g')).filter((name) => name.startsWith('.'))).toEqual([]);
    const scratch = absolute(root, `${STATE}/scratch/r`);
    expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
    expect(existsSync(absolute(root, recordPath(keyOf('bad'))))).toBe(false);
  });

  test('to load definitions fails each step that needs one', async () => {
    const outcomes = await run(chain, { definitions: () => Promise.resolve(new Map()) });
    expect(statuses(outcomes)).toEqual({ a: 'failed', b: 'blocked', c: 'blocked' });
    expect(outcomes.a?.error?.code).toBe('FRAMEWORK_BUG');
  });
});

describe('upstreams that are not part of the run', () => {
  test('are read from disk', async () => {
    await run(chain);
    rmSync(absolute(root, recordPath(keyOf('b'))));
    expect(statuses(await run(chain, { only: ['b'] }))).toEqual({ b: 'materialized' });
  });

  test('must be materialized', async () => {
    const outcomes = await run(chain, { only: ['b'] });
    expect(outcomes.b?.error).toMatchObject({ code: 'UPSTREAM_MISSING', blame: 'machine' });
    expect(outcomes.b?.error?.message).toContain('g/b needs g/a, which is not materialized');
  });

  test.each(['edited', null])('are never trusted when their file is %j', async (content) => {
    await run(chain);
    const path = absolute(root, 'output/g/a.parquet');
    if (content === null) rmSync(path);
    else writeFileSync(path, content);
    const outcomes = await run(chain, { only: ['b'], force: true });
    expect(outcomes.b?.error?.code).toBe('UPSTREAM_MISSING');
    expect(outcomes.b?.error?.message).toContain(
      'output/g/a.parquet is not what the record of g/a says it is',
    );
  });
});

describe('a run that is cancelled', () => {
  test('ends what runs, starts nothing more and keeps what had finished', async () => {
    const cancellation = new AbortController();
    const world: World = {
      ...chain,
      b: {
        deps: ['a'],
        body: () => {
          cancellation.abort();
          return rows(1);
        },
      },
      d: { deps: ['b'], body: () => rows(1) },
    };
    const outcomes = await run(world, { signal: cancellation.signal, concurrency: 1 });
    expect(outcomes.a?.status).toBe('materialized');
    expect(outcomes.b?.status).toBe('cancelled');
    expect(['blocked', 'cancelled']).toContain(outcomes.c?.status);
    expect(Object.keys(outcomes)).toHaveLength(4);
    expect(existsSync(absolute(root, recordPath(keyOf('b'))))).toBe(false);
    expect((await run(chain)).a?.status).toBe('up-to-date');
  });
});

describe('a step', () => {
  test('records what it came from, and closes its clients even when it fails', async () => {
    const log: string[] = [];
    const client = (name: string) =>
      resource({
        description: name,
        open: () => {
          log.push(`open ${name}`);
          return name;
        },
        close: () => void log.push(`close ${name}`),
      });
    const definition = asset({
      description: 'd',
      schema: Row,
      resources: { one: client('one'), two: client('two') },
      materialize: (_inputs, { resources, metadata, log: logger }) => {
        logger.info(`${resources.one} ${resources.two}`);
        metadata({ note: 'x' });
        if (log.includes('close one')) throw new Error('second time');
        return rows(1);
      },
    });
    const world = { a: { body: () => rows(1) } };
    const definitions = () => Promise.resolve(new Map([[keyOf('a'), definition as AnyAsset]]));
    await run(world, { definitions });
    expect(log).toEqual(['open one', 'open two', 'close two', 'close one']);
    expect(events).toContainEqual({
      type: 'log',
      key: 'g/a',
      partition: null,
      level: 'info',
      message: 'one two',
    });
    const reading = readRecord(root, keyOf('a'));
    expect(reading).toMatchObject({
      record: { metadata: { note: 'x' }, runId: 'r', env: { REGION: null }, inputs: {} },
    });
    const failed = await run(world, { definitions, force: true });
    expect(failed.a?.status).toBe('failed');
    expect(log.slice(4)).toEqual(['open one', 'open two', 'close two', 'close one']);
  });

  test('closes every client, and names what failed first, also when one does not close', async () => {
    const log: string[] = [];
    const client = (name: string) =>
      resource({
        description: name,
        open: () => name,
        close: () => {
          log.push(name);
          throw new Error(`${name} is stuck`);
        },
      });
    const define = (materialize: () => { n: number }[]) =>
      asset({
        description: 'd',
        schema: Row,
        resources: { one: client('one'), two: client('two') },
        materialize,
      }) as AnyAsset;
    const failureOf = async (definition: AnyAsset) => {
      const definitions = () => Promise.resolve(new Map([[keyOf('a'), definition]]));
      const { a } = await run({ a: { body: () => rows(1) } }, { definitions, force: true });
      return a?.error?.message;
    };
    const broken = define(() => {
      throw new Error('no rows');
    });
    expect(await failureOf(broken)).toContain('no rows');
    expect(await failureOf(define(() => []))).toContain('two is stuck');
    expect(log).toEqual(['two', 'one', 'two', 'one']);
  });

  test('blames the machine when its place cannot be written', async () => {
    writeFileSync(join(root, 'output'), '');
    expect((await run({ a: { body: () => rows(1) } })).a?.error).toMatchObject({
      code: 'STORAGE_WRITE_FAILED',
      blame: 'machine',
    });
  });
});

describe('a failure as data', () => {
  test('is what an AssetError says, with the stack of its cause', () => {
    const error = new AssetError('HTTP_FAILED', 'No answer.', { cause: new Error('x') });
    expect(toFailure(error)).toMatchObject({ code: 'HTTP_FAILED', blame: 'data', message: error.message });
    expect(toFailure(new AssetError('HTTP_FAILED', 'x'))).toMatchObject({ stack: null });
  });

  test.each(['text', undefined, { message: 'm' }])('is made of %j as well', (thrown) => {
    expect(toFailure(thrown).code).toBe('MATERIALIZE_THREW');
  });

  test('shows the lines of the author, not those of Node or of packages', () => {
    const error = new Error('x');
    error.stack = [
      'Error: x',
      '    at shout (/repo/packages/a/src/a.ts:3:9)',
      '    at lib (/repo/node_modules/lib/index.js:1:1)',
      '    at node:internal/process/task_queues:1:1',
      '    at async Promise.all (index 0)',
    ].join('\n');
    expect(authorStack(error)).toContain('packages/a/src/a.ts:3:9');
    expect(authorStack(error)).not.toMatch(/node_modules|node:/);
    error.stack = 'Error: x';
    expect(authorStack(error)).toBeNull();
  });
});
