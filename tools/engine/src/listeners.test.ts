import { expect, test } from 'vitest';
import type { RunEvent } from './events.ts';
import { emitTo } from './listeners.ts';

const progress: RunEvent = {
  type: 'progress',
  key: 'g/a' as never,
  done: 1,
  failed: 0,
  total: 2,
  leftMs: null,
};

test('what a listener throws is told to the others once, as what it is, and keeps nobody from hearing', () => {
  const heard: RunEvent[] = [];
  const emit = emitTo([
    {
      name: 'The run file',
      on: () => {
        throw new Error('ENOSPC: no space left on device');
      },
    },
    { name: 'The terminal', on: (event) => void heard.push(event) },
  ]);
  emit(progress);
  emit(progress);
  expect(heard.map(({ type }) => type).sort()).toEqual(['progress', 'progress', 'warning']);
  expect(heard.find(({ type }) => type === 'warning')).toMatchObject({
    problem: { code: 'LISTENER_FAILED', blame: 'machine', stack: null },
  });
  const text = JSON.stringify(heard);
  expect(text).toContain('The run file does not hear everything of this run: ENOSPC');
});

test('a listener that can hear nothing at all stops nothing', () => {
  const emit = emitTo([
    {
      name: 'Nobody',
      on: () => {
        throw new Error('deaf');
      },
    },
  ]);
  expect(() => emit(progress)).not.toThrow();
});
