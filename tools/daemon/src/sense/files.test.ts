import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { freshFolder, Sensing } from './test-support.ts';

const now = new Date('2026-03-10T12:00Z');
const SETTLE = 1_000;
let root: string;
let looks: Sensing;
const watching = (pattern: string) =>
  (looks = new Sensing({ kind: 'files', pattern, settle: SETTLE }, { root, now }));
beforeEach(() => {
  root = freshFolder();
  watching('inbox/**/*.csv');
});

/** A file that was written so many milliseconds ago. */
function write(path: string, { ago = 60_000, text = 'x' } = {}): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  const time = new Date(now.getTime() - ago);
  utimesSync(join(root, path), time, time);
}
const FIRST = 'first check: it remembers what is there';

test('the first look remembers what is there', async () => {
  write('inbox/a.csv');
  expect(await looks.look()).toEqual([false, FIRST]);
  expect(await looks.look()).toEqual([false, 'unchanged']);
});

test('a folder that is not there yet has no files', async () => {
  expect(await looks.look()).toEqual([false, FIRST]);
  write('inbox/a.csv');
  expect(await looks.look()).toEqual([true, 'inbox/a.csv is new']);
});

test('files that come, change and go are one request, and only once', async () => {
  for (const name of ['gone', 'same', 'size', 'time']) write(`inbox/${name}.csv`);
  await looks.look();
  rmSync(join(root, 'inbox/gone.csv'));
  write('inbox/size.csv', { text: 'longer' });
  write('inbox/time.csv', { ago: 30_000 });
  write('inbox/deep/er/new.csv');
  write('inbox/other.txt');
  expect(await looks.look()).toEqual([
    true,
    'inbox/deep/er/new.csv is new; inbox/size.csv and inbox/time.csv are changed; inbox/gone.csv is missing',
  ]);
  expect(await looks.look()).toEqual([false, 'unchanged']);
});

test('of many files a few are named', async () => {
  await looks.look();
  for (let n = 1; n <= 5; n++) write(`inbox/${n}.csv`);
  expect(await looks.look()).toEqual([true, 'inbox/1.csv, inbox/2.csv and 3 more are new']);
});

test('one that is still being written is seen when it is done', async () => {
  await looks.look();
  write('inbox/a.csv', { ago: SETTLE - 1 });
  expect(await looks.look()).toEqual([false, 'unchanged; 1 still being written']);
  write('inbox/a.csv', { ago: SETTLE - 1, text: 'more' });
  expect(await looks.look()).toEqual([false, 'unchanged; 1 still being written']);
  expect(await looks.look({ now: new Date(now.getTime() + 1) })).toEqual([true, 'inbox/a.csv is new']);
});

test('one that is written anew is not gone meanwhile', async () => {
  write('inbox/a.csv');
  await looks.look();
  write('inbox/a.csv', { ago: 0, text: 'half' });
  expect(await looks.look()).toEqual([false, 'unchanged; 1 still being written']);
  write('inbox/a.csv', { ago: SETTLE, text: 'half and half' });
  expect(await looks.look()).toEqual([true, 'inbox/a.csv is changed']);
});

test('one that is being written at the first look is new to the next', async () => {
  write('inbox/a.csv', { ago: 0 });
  expect(await looks.look()).toEqual([false, `${FIRST}; 1 still being written`]);
  write('inbox/a.csv');
  expect(await looks.look()).toEqual([true, 'inbox/a.csv is new']);
});

test('one with a time in the future is not waited for until then', async () => {
  await looks.look();
  write('inbox/a.csv', { ago: -3_600_000 });
  expect(await looks.look()).toEqual([true, 'inbox/a.csv is new']);
  expect(await looks.look()).toEqual([false, 'unchanged']);
});

test('folders and links to nowhere are no files', async () => {
  await looks.look();
  mkdirSync(join(root, 'inbox/folder.csv'), { recursive: true });
  symlinkSync(join(root, 'nowhere'), join(root, 'inbox/link.csv'));
  expect(await looks.look()).toEqual([false, 'unchanged']);
});

test('a path without a pattern, and one that is absolute', async () => {
  for (const pattern of ['data/prices.csv', join(root, 'data/{prices,rates}.csv')]) {
    watching(pattern);
    rmSync(join(root, 'data'), { recursive: true, force: true });
    await looks.look();
    write('data/prices.csv');
    expect(await looks.look()).toEqual([true, 'data/prices.csv is new']);
  }
});
