import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DefinitionKey } from '@nx-assets/core';
import { absolute, outboxPath } from '@nx-assets/storage/records';
import { expect, test } from 'vitest';
import { NOON, temporaryRoot } from '../test-support.ts';
import { forgetMessage, isKept, keepMessage, keptMessages } from './outbox.ts';

const DAY = 24 * 3_600_000;
const job = 'jobs/nightly' as DefinitionKey;
const message = (body: string) => ({ job, messenger: 'chat', body });
const at = (time: number) => new Date(time);

test('a message is on disk as it was given, with a name of its own and its time', () => {
  const root = temporaryRoot();
  const one = keepMessage(root, message('hello'), at(NOON));
  const other = keepMessage(root, message('hello'), at(NOON));
  expect(one).toEqual({ ...message('hello'), id: one.id, createdAt: '2026-03-01T12:00:00.000Z' });
  expect(one.id).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(other.id).not.toBe(one.id);
  expect(JSON.parse(readFileSync(absolute(root, outboxPath(one.id)), 'utf8'))).toEqual(one);
});

test('messages come back whole, the oldest first', () => {
  const root = temporaryRoot();
  for (const minute of [3, 1, 2]) keepMessage(root, message(`${minute}`), at(NOON + minute * 60_000));
  expect(keptMessages(root, at(NOON + DAY)).map(({ body }) => body)).toEqual(['1', '2', '3']);
});

test('there are none where nothing was ever kept', () => {
  const root = temporaryRoot();
  expect(keptMessages(root, at(NOON))).toEqual([]);
  expect(isKept(root, 'msg_1')).toBe(false);
  expect(readdirSync(root)).toEqual([]);
});

test('one that is forgotten is gone, and the others are not; twice is no matter', () => {
  const root = temporaryRoot();
  const [one, other] = [keepMessage(root, message('1'), at(NOON)), keepMessage(root, message('2'), at(NOON))];
  expect(isKept(root, one.id)).toBe(true);
  forgetMessage(root, one.id);
  forgetMessage(root, one.id);
  expect(isKept(root, one.id)).toBe(false);
  expect(keptMessages(root, at(NOON))).toEqual([other]);
});

test('one waits for seven days, and is gone after that', () => {
  const root = temporaryRoot();
  const { id } = keepMessage(root, message('1'), at(NOON));
  const { id: younger } = keepMessage(root, message('2'), at(NOON + 1));
  expect(keptMessages(root, at(NOON + 7 * DAY))).toHaveLength(2);
  expect(keptMessages(root, at(NOON + 7 * DAY + 1)).map((kept) => kept.id)).toEqual([younger]);
  expect(isKept(root, id)).toBe(false);
});

test('files that are no messages, or half of one, hide none', () => {
  const root = temporaryRoot();
  const kept = keepMessage(root, message('1'), at(NOON));
  const files = { msg_torn: '{"id":"msg_to', msg_empty: '', note: JSON.stringify(kept) };
  for (const [name, text] of Object.entries(files)) writeFileSync(absolute(root, outboxPath(name)), text);
  mkdirSync(absolute(root, outboxPath('msg_folder')));
  expect(readdirSync(dirname(absolute(root, outboxPath('x'))))).toHaveLength(5);
  expect(keptMessages(root, at(NOON))).toEqual([kept]);
});
