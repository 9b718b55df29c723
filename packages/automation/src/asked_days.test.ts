import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildContext } from '@nx-assets/testing';
import { expect, test } from 'vitest';
import { asked_days } from './index.ts';

test('each line that is whole is asked for once', async () => {
  await using context = buildContext();
  const look = (cursor: number | null) =>
    asked_days.check?.(cursor, { ...context, now: new Date('2026-03-01T00:00Z') });
  expect(await look(null)).toEqual({ cursor: 0, requests: [], because: 'no new line' });

  await mkdir(join(context.root, 'output'), { recursive: true });
  await writeFile(join(context.root, 'output/asked-days.txt'), '2026-02-01\n2026-02-02\n2026-0');
  expect(await look(1)).toMatchObject({
    cursor: 2,
    requests: [{ id: '2 2026-02-02', partition: '2026-02-02' }],
  });
});
