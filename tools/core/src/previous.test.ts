import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  asset,
  daily,
  dynamicPartitions,
  type FileValue,
  multiAsset,
  previous,
  staticPartitions,
  type Table,
  twoDimensions,
} from './index.ts';

const days = daily({ start: '2026-01-01' });
const Row = z.object({ n: z.int() });
const other = asset({ description: 'd', partitions: days, schema: Row, materialize: () => [] });

describe('the partition before', () => {
  test('is a dep of its own, and none of the assets that it is made from', () => {
    const total = asset({
      description: 'd',
      partitions: days,
      deps: { other, before: previous() },
      schema: Row,
      materialize: ({ other, before }) => {
        expectTypeOf(other).toEqualTypeOf<Table<{ n: number }>>();
        expectTypeOf(before).toEqualTypeOf<Table<{ n: number }>>();
        return [];
      },
    });
    expect(total.previous).toBe('before');
    expect(Object.keys(total.deps)).toEqual(['other']);
    expectTypeOf(total.deps).toHaveProperty('other');
    expectTypeOf(total.deps).not.toHaveProperty('before');
  });

  test('is a document or a file, or nothing', () => {
    asset({
      description: 'd',
      partitions: staticPartitions(['a', 'b']),
      deps: { before: previous() },
      value: z.object({ n: z.int() }),
      materialize: ({ before }) => {
        expectTypeOf(before).toEqualTypeOf<{ n: number } | undefined>();
        return { n: (before?.n ?? 0) + 1 };
      },
    });
    asset({
      description: 'd',
      partitions: days,
      deps: { before: previous() },
      file: 'a/{partition}.txt',
      materialize: ({ before }) => expectTypeOf(before).toEqualTypeOf<FileValue | undefined>() as never,
    });
  });

  const shared = { description: 'd', schema: Row, materialize: () => [] };
  const before = previous();
  test.each([
    ['without partitions', () => asset({ ...shared, deps: { before } }), 'has no `partitions`'],
    [
      'of two dimensions',
      () =>
        asset({
          ...shared,
          partitions: twoDimensions({ day: days, n: staticPartitions(['1']) }),
          deps: { before },
        }),
      'two dimensions',
    ],
    [
      'of keys that come and go',
      () => asset({ ...shared, partitions: dynamicPartitions('names'), deps: { before } }),
      'dynamic partitions',
    ],
    [
      'twice',
      () => asset({ ...shared, partitions: days, deps: { a: before, b: before } }),
      'a and b are both previous()',
    ],
    [
      'of many at once',
      () =>
        asset({
          ...shared,
          partitions: days,
          backfill: 'single-run',
          partitionColumn: 'n',
          deps: { before },
        }),
      'in a single run',
    ],
    [
      'of several outputs',
      // @ts-expect-error: they have no partitions
      () => multiAsset({ ...shared, deps: { before }, outputs: { a: { schema: Row }, b: { schema: Row } } }),
      'has no `partitions`',
    ],
  ])('is refused %s', (_name, define, problem) => expect(define).toThrow(problem));
});
