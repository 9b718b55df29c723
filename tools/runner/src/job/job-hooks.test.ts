import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DefinitionKey,
  type Hook,
  job,
  type JobEvent,
  type Messenger,
  op,
  type Sent,
} from '@nx-assets/core';
import { describe, expect, test } from 'vitest';
import { NOON, Scene, temporaryRoot } from '../test-support.ts';
import { openHooks } from './job-hooks.ts';
import { keepMessage, keptMessages } from './outbox.ts';
import type { JobReport } from './report.ts';

const key = 'jobs/nightly' as DefinitionKey;
const only = op({ name: 'only', description: 'd', run: () => undefined });
const reportOf = (status: JobReport['status']): JobReport => ({
  job: key,
  runId: 'r',
  status,
  startedAt: NOON,
  finishedAt: NOON,
  steps: [],
  assets: [],
  error: null,
});

interface Told {
  readonly onSuccess?: readonly Hook[];
  readonly onFailure?: readonly Hook[];
  readonly env?: NodeJS.ProcessEnv;
  readonly secrets?: readonly string[];
  /** What nx.json allows. */
  readonly deadline?: string;
  readonly status?: JobReport['status'];
  readonly root?: string;
}

/** Opens the hooks of a job, tells them, and gives what was said meanwhile. */
async function tell({
  onSuccess = [],
  onFailure = [],
  env = {},
  secrets = [],
  ...rest
}: Told): Promise<Scene> {
  const { deadline = '10s', status = 'succeeded', root = temporaryRoot() } = rest;
  const options = { hooks: { deadline } };
  writeFileSync(join(root, 'nx.json'), JSON.stringify({ plugins: [{ plugin: 'nx-assets', options }] }));
  const scene = new Scene(root, env);
  scene.time = Date.now();
  const definition = job({ description: 'Every night.', before: [only], onSuccess, onFailure });
  const named = { key, definition };
  await openHooks({ context: scene.context, job: named, jobs: [named], secrets }).tell(reportOf(status));
  return scene;
}

function messenger(answer: Sent | (() => Promise<Sent>), change: Partial<Messenger> = {}) {
  const bodies: unknown[] = [];
  const hook: Messenger = {
    type: 'messenger',
    name: 'chat',
    env: [],
    secrets: [],
    compose: ({ job, status }) => `${job} ${status}`,
    send: ({ body }) => {
      bodies.push(body);
      return typeof answer === 'function' ? answer() : Promise.resolve(answer);
    },
    ...change,
  };
  return { hook, bodies };
}
const never = () => new Promise<never>(() => undefined);
const DELIVERED: Sent = { status: 'delivered' };

describe('a function', () => {
  test.each([
    ['succeeded', ['success']],
    ['failed', ['failure']],
    ['cancelled', []],
  ] as const)('is told of a job that %s', async (status, expected) => {
    const told: string[] = [];
    await tell({
      status,
      onSuccess: [() => void told.push('success')],
      onFailure: [() => void told.push('failure')],
    });
    expect(told).toEqual(expected);
  });

  test('hears the event, and may say something, but no secret and nothing for itself', async () => {
    const events: JobEvent[] = [];
    const { said } = await tell({
      secrets: ['hunter22'],
      onSuccess: [
        (event, { log }) => {
          events.push(event);
          log.debug('for itself');
          log.info('the word is hunter22');
          log.warn('careful with hunter22');
        },
      ],
    });
    expect(events[0]).toMatchObject({
      job: key,
      description: 'Every night.',
      status: 'succeeded',
      runId: 'r',
    });
    expect(said).toMatch(/^the word is .+\n▲ careful with .+\n$/);
    expect(said).not.toContain('hunter22');
    expect(said).not.toContain('for itself');
  });

  test('that throws fails alone, and says so by its name', async () => {
    const told: string[] = [];
    function broken() {
      throw new Error('no line to hunter22');
    }
    const { said } = await tell({
      secrets: ['hunter22'],
      onSuccess: [broken, () => void told.push('other')],
    });
    expect(said).toContain('▲ The hook broken failed: no line to ');
    expect(said).not.toContain('hunter22');
    expect(told).toEqual(['other']);
  });

  test('may throw anything', async () => {
    const thrower = () => Promise.reject('a word' as unknown as Error);
    expect((await tell({ onSuccess: [thrower] })).said).toContain('The hook thrower failed: a word.');
  });

  test('cannot end the process', async () => {
    const leaver = () => void process.exit(3);
    expect((await tell({ onSuccess: [leaver] })).said).toContain('The hook leaver failed: ');
  });

  test('that hangs is left when its time is over, and is told by its signal', async () => {
    let isTold = false;
    const begin = Date.now();
    const sleeper: Hook = (_, { signal }) => {
      signal.addEventListener('abort', () => (isTold = true));
      return never();
    };
    const { said } = await tell({ deadline: '0.2s', onSuccess: [sleeper] });
    expect(Date.now() - begin).toBeGreaterThanOrEqual(190);
    expect(isTold).toBe(true);
    expect(said).toContain('The hook sleeper failed: it took too long.');
  });
});

describe('a messenger', () => {
  test('carries what it composed, and nothing is left', async () => {
    const { hook, bodies } = messenger(DELIVERED);
    const { context, said } = await tell({ onSuccess: [hook] });
    expect(bodies).toEqual(['jobs/nightly succeeded']);
    expect(keptMessages(context.root, new Date())).toEqual([]);
    expect(said).toBe('');
  });

  test('that fails keeps its message for the next run, which delivers it before its own', async () => {
    const root = temporaryRoot();
    const bad = messenger({ status: 'failed', problem: 'HTTP 503.', retryAfter: 60_000 });
    const { said } = await tell({ root, status: 'failed', onFailure: [bad.hook] });
    expect(said).toBe('▲ The hook chat was not delivered: HTTP 503. The next run of a job sends it.\n');
    expect(keptMessages(root, new Date()).map(({ body }) => body)).toEqual(['jobs/nightly failed']);
    const good = messenger(DELIVERED);
    await tell({ root, onSuccess: [good.hook] });
    expect(good.bodies).toEqual(['jobs/nightly failed', 'jobs/nightly succeeded']);
    expect(keptMessages(root, new Date())).toEqual([]);
  });

  test('that is refused says so, without its secrets, and keeps nothing', async () => {
    const { hook } = messenger({ status: 'refused', problem: 'no t0ken-of-chat' }, { secrets: ['CHAT'] });
    const { context, said } = await tell({ onSuccess: [hook], env: { CHAT: 't0ken-of-chat' } });
    expect(said).toMatch(/^▲ The hook chat was refused: no .+\. Nothing more is tried\.\n$/);
    expect(said).not.toContain('t0ken-of-chat');
    expect(keptMessages(context.root, new Date())).toEqual([]);
  });

  test.each([undefined, ''])('without what it needs sends nothing, and says why: %j', async (value) => {
    const { hook, bodies } = messenger(DELIVERED, { env: ['CHAT_URL'] });
    const { said, context } = await tell({ onSuccess: [hook], env: { CHAT_URL: value } });
    expect(said).toBe('▲ The hook chat sends nothing: CHAT_URL is not set.\n');
    expect(bodies).toEqual([]);
    expect(keptMessages(context.root, new Date())).toEqual([]);
  });

  test('that cannot compose fails alone', async () => {
    const compose = () => {
      throw new Error('no words');
    };
    const other = messenger(DELIVERED, { name: 'other' });
    const { said } = await tell({ onSuccess: [messenger(DELIVERED, { compose }).hook, other.hook] });
    expect(said).toBe('▲ The hook chat sends nothing: no words\n');
    expect(other.bodies).toHaveLength(1);
  });

  test('that hangs is left when its time is over, and its message stays', async () => {
    const { hook } = messenger(never);
    const begin = Date.now();
    const { context } = await tell({ deadline: '0.2s', onSuccess: [hook] });
    expect(Date.now() - begin).toBeLessThan(8_000);
    expect(keptMessages(context.root, new Date())).toHaveLength(1);
  });
});

describe('what earlier runs kept', () => {
  const keep = (root: string, name: string, of = key) =>
    keepMessage(root, { job: of, messenger: name, body: name }, new Date());
  const left = (root: string) => keptMessages(root, new Date()).map(({ body }) => body);

  test('goes on waiting where nobody knows its job, its messenger, or what that needs', async () => {
    const root = temporaryRoot();
    keep(root, 'chat', 'jobs/gone' as DefinitionKey);
    keep(root, 'gone');
    keep(root, 'lacking');
    const lacking = messenger(DELIVERED, { name: 'lacking', secrets: ['TOKEN'] });
    const chat = messenger(DELIVERED);
    const { said } = await tell({
      root,
      status: 'cancelled',
      onFailure: [lacking.hook],
      onSuccess: [chat.hook],
    });
    expect([...lacking.bodies, ...chat.bodies]).toEqual([]);
    expect(left(root).sort()).toEqual(['chat', 'gone', 'lacking']);
    expect(said).toBe('');
  });

  test('is sent by whichever run comes next, also where that tells of nothing by it', async () => {
    const root = temporaryRoot();
    keep(root, 'chat');
    const { hook, bodies } = messenger(DELIVERED);
    await tell({ root, status: 'succeeded', onFailure: [hook] });
    expect(bodies).toEqual(['chat']);
    expect(left(root)).toEqual([]);
  });

  test('to a receiver that hangs holds the run for little more than a second', async () => {
    const root = temporaryRoot();
    keep(root, 'chat');
    const begin = Date.now();
    await tell({ root, deadline: '60s', onFailure: [messenger(never).hook] });
    expect(Date.now() - begin).toBeGreaterThanOrEqual(990);
    expect(Date.now() - begin).toBeLessThan(20_000);
    expect(left(root)).toEqual(['chat']);
  });
});
