import { expect, test } from 'vitest';
import type { ServerEvent } from './api.ts';
import { EventQueue } from './event-queue.ts';

const event = (id: number): ServerEvent => ({ id, event: { type: 'automation' } });

test('hands over in order what came before and while somebody waits', async () => {
  const queue = new EventQueue();
  queue.put(event(1));
  queue.put(null);
  queue.put(event(2));
  const reading = queue[Symbol.asyncIterator]();
  expect((await reading.next()).value).toEqual(event(1));
  queue.put(event(3));
  expect((await reading.next()).value).toBeNull();
  expect((await reading.next()).value).toEqual(event(2));
  expect((await reading.next()).value).toEqual(event(3));
  const waiting = reading.next();
  queue.put(event(4));
  expect((await waiting).value).toEqual(event(4));
});

test('hands over the past first, whatever has come meanwhile', async () => {
  const queue = new EventQueue();
  queue.put(event(3));
  queue.putFirst([event(1), event(2)]);
  const reading = queue[Symbol.asyncIterator]();
  const ids = [await reading.next(), await reading.next(), await reading.next()].map(
    ({ value }) => (value as ServerEvent | null)?.id,
  );
  expect(ids).toEqual([1, 2, 3]);
});

test('closing ends who waits', async () => {
  const queue = new EventQueue();
  const waiting = queue[Symbol.asyncIterator]().next();
  await Promise.resolve();
  queue.close();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('closing drops what was not sent', async () => {
  const queue = new EventQueue();
  for (const id of [1, 2, 3]) queue.put(event(id));
  const seen: (ServerEvent | null)[] = [];
  for await (const one of queue) {
    seen.push(one);
    queue.close();
  }
  expect(seen).toEqual([event(1)]);
});

test('one that was closed before anybody read gives nothing', async () => {
  const queue = new EventQueue();
  queue.put(event(1));
  queue.close();
  expect(await queue[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
});

test('hands over ten thousand events that come at once', async () => {
  const queue = new EventQueue();
  for (let id = 0; id < 10_000; id++) queue.put(event(id));
  let next = 0;
  for await (const one of queue) {
    expect(one?.id).toBe(next++);
    if (next === 10_000) queue.close();
  }
  expect(next).toBe(10_000);
});
