import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { asset } from './asset.ts';
import { job } from './job.ts';
import { op } from './op.ts';
import { resource } from './resource.ts';
import type { FileValue, Table } from './table.ts';

const users = asset({
  description: 'Users.',
  schema: z.object({ id: z.int() }),
  materialize: () => [],
});
const report = asset({ description: 'A file.', file: 'report.csv', materialize: () => undefined });
const database = resource({ description: 'D.', open: () => ({ vacuum: (): number => 7 }) });

const vacuum = op({
  name: 'vacuum',
  description: 'Frees space.',
  resources: { database },
  output: z.object({ freed: z.int() }),
  run(inputs, { resources, job, op, signal }) {
    expectTypeOf(inputs).toEqualTypeOf<Record<never, never> & Record<never, never>>();
    expectTypeOf(resources.database.vacuum()).toEqualTypeOf<number>();
    expectTypeOf(job).toExtend<string>();
    expectTypeOf(op).toEqualTypeOf<string>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    return { freed: 1 };
  },
});
const publish = op({
  name: 'publish',
  description: 'Copies the files.',
  inputs: z.object({ freed: z.number() }),
  output: z.object({ link: z.url() }),
  deps: { report, users },
  async run({ freed, report, users }) {
    expectTypeOf(freed).toEqualTypeOf<number>();
    expectTypeOf(report).toEqualTypeOf<FileValue>();
    expectTypeOf(users).toEqualTypeOf<Table<{ id: number }>>();
    return { link: 'https://example.org' };
  },
});
const notify = op({
  name: 'notify',
  description: 'Tells.',
  inputs: z.object({ link: z.string(), freed: z.number(), note: z.string().optional() }),
  run: async ({ link, note }) => {
    expectTypeOf(link).toEqualTypeOf<string>();
    expectTypeOf(note).toEqualTypeOf<string | undefined>();
  },
});
const named = op({
  name: 'named',
  description: 'Gives another freed.',
  output: z.object({ freed: z.string() }),
  run: () => ({ freed: 'much' }),
});

test('an op takes by name what ops before it gave, across the assets too', () => {
  job({ description: 'd', before: [vacuum], select: users, after: [publish, notify] });
  job({ description: 'd', before: [vacuum, publish], after: [notify] });
  job({ description: 'd', select: 'group:exports' });
  job({ description: 'd', select: [users, report, 'kind:csv'] });
});

test('a wrong wiring is a sentence', () => {
  // @ts-expect-error — 'The op publish takes "freed", which no op before it gives.'
  job({ description: 'd', before: [publish] });
  // @ts-expect-error — 'The op notify takes "link", which no op before it gives.'
  job({ description: 'd', before: [vacuum], select: users, after: [notify] });
  // @ts-expect-error — the order counts
  job({ description: 'd', before: [publish, vacuum] });
  // @ts-expect-error — 'The op publish takes "freed", which an op before it gives as another type.'
  job({ description: 'd', before: [named, publish] });
  // The last one that gives a name counts.
  job({ description: 'd', before: [named, vacuum, publish] });
  // @ts-expect-error — also where it is the wrong one
  job({ description: 'd', before: [vacuum, named, publish] });
});

test('an op returns what its output says', () => {
  op({
    name: 'a',
    description: 'd',
    output: z.object({ n: z.int() }),
    // @ts-expect-error — n is a number
    run: () => ({ n: '1' }),
  });
  // @ts-expect-error — what it says to give, it gives
  op({ name: 'a', description: 'd', output: z.object({ n: z.int() }), run: () => undefined });
  op({
    name: 'a',
    description: 'd',
    inputs: z.object({ n: z.int() }),
    // @ts-expect-error — no such input
    run: ({ m }) => void m,
  });
});

test('an asset is no op, and an op no asset', () => {
  const wrong = () => {
    // @ts-expect-error — assets are selected
    job({ description: 'd', before: [users] });
    // @ts-expect-error — ops come before or after
    job({ description: 'd', select: vacuum });
    // @ts-expect-error — a duration
    op({ name: 'a', description: 'd', timeout: 'long', run: () => undefined });
  };
  expectTypeOf(wrong).toBeFunction();
});
