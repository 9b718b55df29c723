import fc from 'fast-check';
import { TEXTS } from './awkward.ts';
import type { RawData, RawPost, RawUser } from './contract.ts';

/** Ids near each other, so that users and posts meet, and some far away. */
const id = fc.oneof(
  { arbitrary: fc.integer({ min: -3, max: 60 }), weight: 9 },
  { arbitrary: fc.maxSafeInteger(), weight: 1 },
);

const text = fc.oneof(
  fc.constantFrom(...TEXTS.filter((value) => value.length < 100)),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.lorem({ maxCount: 6 }),
  fc
    .array(fc.constantFrom(...TEXTS.filter((value) => value.length < 20)), { maxLength: 4 })
    .map((parts) => parts.join('')),
);

/** Capitals of Unicode 16 and 17, whose small letters Node knows and DuckDB does not know yet. */
const YOUNG = /[\u1c89\ua7cb-\ua7dc\u{10d50}-\u{10d65}\u{16ea0}-\u{16eb8}]/gu;

const email = fc
  .tuple(text, fc.constantFrom('@', ''), text)
  .map((parts) => parts.join('').replaceAll(YOUNG, 'x'));

/** Present, null, or not there at all. */
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4, nil: null });
const partly = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] });

const coordinate = fc.oneof(
  fc.double({ min: -180, max: 180, noNaN: true }).map(String),
  fc.constantFrom('', 'x', 'NaN', 'inf', '1e-9', '1e300', ' 1 ', '-0.5'),
);

const user: fc.Arbitrary<RawUser> = fc
  .tuple(
    fc.record({
      id,
      name: text,
      username: fc.oneof(text, fc.constant('same')),
      email,
    }),
    partly({
      phone: maybe(text),
      website: maybe(text),
      address: maybe(
        partly({
          street: maybe(text),
          suite: maybe(text),
          city: maybe(fc.oneof(text, fc.constantFrom('Paris', 'Rome'))),
          zipcode: maybe(text),
          geo: maybe(partly({ lat: maybe(coordinate), lng: maybe(coordinate) })),
        }),
      ),
      company: maybe(partly({ name: maybe(text), catchPhrase: maybe(text), bs: maybe(text) })),
    }),
  )
  .map(([required, optional]) => ({ ...required, ...optional }));

const post: fc.Arbitrary<RawPost> = fc.record({ userId: id, id, title: text, body: text });

/** Any data that the API may give. */
export const rawData = ({ maxUsers = 12, maxPosts = 30 } = {}): fc.Arbitrary<RawData> =>
  fc.record({
    users: fc.uniqueArray(user, { selector: (row) => row.id, maxLength: maxUsers, size: 'max' }),
    posts: fc.uniqueArray(post, { selector: (row) => row.id, maxLength: maxPosts, size: 'max' }),
  });
