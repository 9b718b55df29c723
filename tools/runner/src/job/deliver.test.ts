import { setTimeout as sleep } from 'node:timers/promises';
import type { DefinitionKey, Messenger, MessengerScope, Message, Sent } from '@nx-assets/core';
import { localLocks } from '@nx-assets/engine/execution';
import { describe, expect, test } from 'vitest';
import { NOON, temporaryRoot } from '../test-support.ts';
import { deliver, type DeliverOptions } from './deliver.ts';
import { forgetMessage, isKept, keepMessage } from './outbox.ts';

const FAILED: Sent = { status: 'failed', problem: 'HTTP 503', retryAfter: 10 };

/** A messenger that answers with these, the last for ever; or as a function says. */
function scene(answers: readonly Sent[], change: Partial<DeliverOptions> = {}) {
  const root = temporaryRoot();
  const heard: { message: Message; scope: MessengerScope; at: number }[] = [];
  const messenger: Messenger = {
    type: 'messenger',
    name: 'chat',
    env: [],
    secrets: [],
    compose: () => 'hello',
    send: (message, scope) => {
      heard.push({ message, scope, at: Date.now() });
      return Promise.resolve(answers[Math.min(heard.length, answers.length) - 1] as Sent);
    },
  };
  const kept = { job: 'jobs/nightly' as DefinitionKey, messenger: 'chat', body: 'hello' };
  const message = keepMessage(root, kept, new Date(NOON));
  const options: DeliverOptions = {
    root,
    messenger,
    message,
    env: { TOKEN: 't' },
    signal: new AbortController().signal,
    deadline: () => Infinity,
    random: () => 1,
    ...change,
  };
  return { root, heard, message, options, isLeft: () => isKept(root, message.id) };
}

describe('a message', () => {
  test('that arrives is sent once, as it was kept, and is gone', async () => {
    const { heard, options, message, isLeft } = scene([{ status: 'delivered' }]);
    expect(await deliver(options)).toEqual({ status: 'delivered' });
    expect(heard.map((one) => one.message)).toEqual([message]);
    expect(heard[0]?.scope.env).toEqual({ TOKEN: 't' });
    expect(isLeft()).toBe(false);
  });

  test('that fails is sent again, the same, until it arrives', async () => {
    const { heard, options, message, isLeft } = scene([FAILED, FAILED, { status: 'delivered' }]);
    expect(await deliver(options)).toEqual({ status: 'delivered' });
    expect(heard.map((one) => one.message.id)).toEqual([message.id, message.id, message.id]);
    expect(isLeft()).toBe(false);
  });

  test('that is refused is not sent again, and nobody keeps it', async () => {
    const { heard, options, isLeft } = scene([FAILED, { status: 'refused', problem: 'HTTP 404' }]);
    expect(await deliver(options)).toEqual({ status: 'refused', problem: 'HTTP 404' });
    expect(heard).toHaveLength(2);
    expect(isLeft()).toBe(false);
  });

  test('that somebody else has delivered is not sent', async () => {
    const { root, heard, options, message } = scene([{ status: 'delivered' }]);
    forgetMessage(root, message.id);
    expect(await deliver(options)).toEqual({ status: 'delivered' });
    expect(heard).toEqual([]);
  });

  test('that two runs find is sent by one of them', async () => {
    const { heard, options } = scene([FAILED, { status: 'delivered' }]);
    expect(await Promise.all([deliver(options), deliver(options)])).toEqual([
      { status: 'delivered' },
      { status: 'delivered' },
    ]);
    expect(heard).toHaveLength(2);
  });
});

describe('between attempts', () => {
  test('there is so long as the receiver asks for', async () => {
    const { heard, options } = scene([{ ...FAILED, retryAfter: 120 }, { status: 'delivered' }]);
    await deliver(options);
    const [one, other] = heard.map(({ at }) => at);
    expect((other ?? 0) - (one ?? 0)).toBeGreaterThanOrEqual(118);
  });

  test('there is half a second at first, and by chance less', async () => {
    for (const [random, least] of [
      [0, 490],
      [1, 240],
    ] as const) {
      const answers: Sent[] = [{ status: 'failed', problem: 'p' }, { status: 'delivered' }];
      const { heard, options } = scene(answers, { random: () => random });
      await deliver(options);
      expect((heard[1]?.at ?? 0) - (heard[0]?.at ?? 0)).toBeGreaterThanOrEqual(least);
    }
  });

  test('nobody waits for one that would come after the deadline', async () => {
    const begin = Date.now();
    const hour = { ...FAILED, retryAfter: 3_600_000 };
    const { heard, options, isLeft } = scene([hour], { deadline: () => begin + 60_000 });
    expect(await deliver(options)).toEqual({ status: 'kept', problem: 'HTTP 503' });
    expect(Date.now() - begin).toBeLessThan(20_000);
    expect(heard).toHaveLength(1);
    expect(isLeft()).toBe(true);
  });

  test('the deadline may be set while somebody tries', async () => {
    let deadline = Infinity;
    const { heard, options, isLeft } = scene([FAILED], { deadline: () => deadline });
    const delivering = deliver(options);
    await expect.poll(() => heard.length).toBeGreaterThan(2);
    deadline = Date.now();
    expect(await delivering).toEqual({ status: 'kept', problem: 'HTTP 503' });
    expect(isLeft()).toBe(true);
  });
});

describe('when time is over', () => {
  test('what failed last is the problem, and the message stays', async () => {
    const over = new AbortController();
    const { options, heard, isLeft } = scene([{ ...FAILED, retryAfter: 60_000 }], { signal: over.signal });
    const delivering = deliver(options);
    await expect.poll(() => heard.length).toBe(1);
    over.abort();
    expect(await delivering).toEqual({ status: 'kept', problem: 'HTTP 503' });
    expect(isLeft()).toBe(true);
  });

  test('before the first attempt, no time was left', async () => {
    const over = new AbortController();
    const { root, options, message, heard } = scene([FAILED], { signal: over.signal });
    const lock = await localLocks(root).take(`message ${message.id}`, 1, new AbortController().signal);
    const delivering = deliver(options);
    await sleep(50);
    over.abort();
    expect(await delivering).toEqual({ status: 'kept', problem: 'no time was left' });
    expect(heard).toEqual([]);
    lock.release();
  });
});

test('a messenger that throws although it must not loses no message, and holds no lock', async () => {
  const { root, options, message, isLeft } = scene([]);
  const send = () => Promise.reject(new Error('a bug in it'));
  const result = await deliver({ ...options, messenger: { ...options.messenger, send } });
  expect(result).toEqual({ status: 'kept', problem: 'a bug in it' });
  expect(isLeft()).toBe(true);
  const lock = await localLocks(root).take(`message ${message.id}`, 1, AbortSignal.timeout(5_000));
  lock.release();
});
