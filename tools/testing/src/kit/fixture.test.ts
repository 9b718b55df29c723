import { asset } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fixture, fixtures } from './fixture.ts';

const User = z.object({
  id: z.int().positive(),
  name: z.string(),
  email: z.email(),
  role: z.enum(['admin', 'guest']),
  score: z.number().min(0).max(1),
  phone: z.string().nullable(),
  nickname: z.string().optional(),
  address: z.object({ city: z.string(), zip: z.string().regex(/^\d{5}$/) }),
  tags: z.array(z.string().max(3)),
});

describe('a fixture', () => {
  test('fills in what the test does not say', () => {
    const user = fixture(User, { id: 7, name: 'Ada' });
    expect(user).toMatchObject({ id: 7, name: 'Ada', email: 'email1@example.org', role: 'guest' });
    expect(user.address).toMatchObject({ city: 'city 1', zip: expect.stringMatching(/^\d{5}$/) as string });
    expect(User.parse(user)).toEqual(user);
  });

  test('is the same each time, and another for another seed', () => {
    expect(fixture(User)).toEqual(fixture(User));
    expect(fixture(User, {}, { seed: 2 })).not.toEqual(fixture(User));
  });

  test('of an asset is one of its rows, or its document', () => {
    const rows = asset({ description: 'd', schema: User, materialize: () => [] });
    const total = asset({
      description: 'd',
      value: z.object({ total: z.int(), unit: z.literal('kg') }),
      materialize: () => ({ total: 1, unit: 'kg' as const }),
    });
    expect(fixture(rows, { id: 3 }).id).toBe(3);
    expect(fixture(total)).toEqual({ total: 1, unit: 'kg' });
  });

  test('takes what the test says through the schema: defaults and transforms included', () => {
    const schema = z.object({ at: z.string().default('noon'), size: z.coerce.number() });
    expect(fixture(schema, { size: '4' })).toEqual({ at: 'at 1', size: 4 });
    expect(() => fixture(User, { email: 'nobody' })).toThrow('email: Invalid email address');
  });

  test('that cannot be guessed says which field the test has to say', () => {
    const Even = z.object({ n: z.int().refine((n) => n % 10 === 4, 'must end in 4'), m: z.int() });
    expect(() => fixture(Even)).toThrow('Say these fields in the test:\n  n: must end in 4');
    expect(fixture(Even, { n: 14 })).toEqual({ n: 14, m: 1 });
  });

  test('of what refers to itself ends', () => {
    interface Tree {
      readonly name: string;
      readonly children: readonly Tree[];
      readonly parent?: Tree | null | undefined;
    }
    const Tree: z.ZodType<Tree> = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree);
      },
      get parent() {
        return Tree.nullish();
      },
    });
    expect(fixture(Tree)).toEqual({ name: 'name 1', children: [], parent: null });
  });
});

describe('several', () => {
  test('differ, as far as the schema leaves room', () => {
    const users = fixtures(User, 50);
    for (const field of ['id', 'name', 'email'] as const) {
      expect(new Set(users.map((user) => user[field])).size).toBe(50);
    }
  });

  test('are one for each thing that is said', () => {
    const users = fixtures(User, [{ role: 'admin' }, { name: 'Bob' }]);
    expect(users.map(({ id, role, name }) => [id, role, name])).toEqual([
      [1, 'admin', 'name 1'],
      [2, 'admin', 'Bob'],
    ]);
  });
});

/** Schemas of many kinds. What has a rule that is only code is not among them: a fixture says so. */
const anySchema: fc.Arbitrary<z.ZodType> = fc.letrec<{ schema: z.ZodType }>((tie) => {
  const range = fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(1000));
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<z.ZodType>(
        z.string(),
        z.email(),
        z.url(),
        z.uuid(),
        z.ipv4(),
        z.iso.date(),
        z.iso.datetime(),
        z.iso.time(),
        z.nanoid(),
        z.cuid2(),
        z.base64(),
        z.boolean(),
        z.null(),
        z.int(),
        z.number(),
        z.int().positive(),
        z.int().negative(),
        z.literal('one'),
        z.literal([1, 2]),
        z.enum(['a', 'b', 'c']),
        z.string().regex(/^[A-Z]{2}-\d+$/),
        z.string().startsWith('a').endsWith('z'),
        z.coerce.number(),
        z.string().trim().toLowerCase(),
      ),
      fc.tuple(fc.nat(20), fc.nat(20)).map(([min, more]) =>
        z
          .string()
          .min(min)
          .max(min + more),
      ),
      range.map(([min, more]) =>
        z
          .int()
          .min(min)
          .max(min + more),
      ),
      range.map(([min, more]) =>
        z
          .number()
          .min(min)
          .max(min + more),
      ),
      range.map(([min, more]) =>
        z
          .number()
          .gt(min)
          .lt(min + more + 0.001),
      ),
      fc.integer({ min: 1, max: 50 }).map((step) => z.int().multipleOf(step)),
      tie('schema').map((inner) => inner.nullable()),
      tie('schema').map((inner) => inner.optional()),
      fc.tuple(tie('schema'), fc.nat(4)).map(([inner, min]) => z.array(inner).min(min)),
      fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.union([a, b])),
      fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.tuple([a, b])),
      tie('schema').map((inner) => z.record(z.string(), inner)),
      fc
        .dictionary(
          fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
          tie('schema'),
          { maxKeys: 4 },
        )
        .map((shape) => z.object(shape)),
    ),
  };
}).schema;

test('whatever it builds, the schema takes', () => {
  fc.assert(
    fc.property(anySchema, fc.integer({ min: 1, max: 100_000 }), (schema, seed) => {
      const built = fixture(schema, undefined, { seed });
      expect(fixture(schema, undefined, { seed })).toEqual(built);
      expect(schema.safeParse(built).success).toBe(true);
    }),
    { numRuns: 500 },
  );
});
