import { materializeOne } from '@nx-assets/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { posts_cleaned } from './posts_cleaned.ts';
import { WHITE_SPACE } from './white_space.ts';

const LARGEST = 2 ** 53 - 1;
interface RawPost {
  id: number;
  userId: number;
  title: string;
  body: string;
}

const clean = async (api_posts_raw: readonly RawPost[]) =>
  (await materializeOne(posts_cleaned, { inputs: { api_posts_raw } })).rows;

/** The contract in JavaScript. */
function expected({ id, userId, title: rawTitle, body: rawBody }: RawPost) {
  const title = rawTitle.trim().replace(/\s+/g, ' ');
  const body = rawBody.replaceAll('\r\n', '\n').trim();
  return {
    post_id: id,
    user_id: userId,
    title,
    body,
    title_length: [...title].length,
    body_length: [...body].length,
    word_count: body.match(/\S+/g)?.length ?? 0,
  };
}

test('an ordinary post', async () => {
  expect(await clean([{ id: 7, userId: 3, title: 'a title', body: 'one\ntwo three' }])).toEqual([
    {
      post_id: 7,
      user_id: 3,
      title: 'a title',
      body: 'one\ntwo three',
      title_length: 7,
      body_length: 13,
      word_count: 3,
    },
  ]);
});

test('no posts', async () => {
  expect(await clean([])).toEqual([]);
});

test.each([
  ['outer white space', '  a\t', 'a', '\n a \r\n', 'a', 1],
  ['inner white space', 'a \t\n  b', 'a b', 'a \t\n  b', 'a \t\n  b', 2],
  ['line ends of Windows', 'a\r\nb', 'a b', 'a\r\n\r\nb\rc', 'a\n\nb\rc', 3],
  ['white space of Unicode', '\u00a0a\u3000b\u2003', 'a b', '\ufeffa\u2028b\u00a0', 'a\u2028b', 2],
  ['white space alone', ' \t ', '', '\r\n\u00a0', '', 0],
  ['nothing', '', '', '', '', 0],
  ['quotes and commas', `"a", 'b'`, `"a", 'b'`, `";--`, `";--`, 1],
  ['formulas', '=1+1', '=1+1', '@x', '@x', 1],
  ['text from right to left', 'שלום עולם', 'שלום עולם', 'مرحبا\nبك', 'مرحبا\nبك', 2],
])('%s', async (_name, title, cleanTitle, body, cleanBody, words) => {
  expect(await clean([{ id: 1, userId: 1, title, body }])).toMatchObject([
    { title: cleanTitle, body: cleanBody, word_count: words },
  ]);
});

test('lengths count code points: neither bytes, nor UTF-16 units, nor what looks like one sign', async () => {
  const [row] = await clean([{ id: 1, userId: 1, title: '👩‍👩‍👧', body: 'e\u0301 😀' }]);
  expect(row).toMatchObject({ title_length: 5, body_length: 4, word_count: 2 });
});

test('ids are exact, and give the order', async () => {
  const post = { title: '', body: '' };
  const rows = await clean([LARGEST, 2, LARGEST - 1, -1].map((id) => ({ ...post, id, userId: LARGEST })));
  expect(rows.map(({ post_id }) => post_id)).toEqual([-1, 2, LARGEST - 1, LARGEST]);
  expect(rows.every(({ user_id }) => user_id === LARGEST)).toBe(true);
});

test('white space is what JavaScript calls so', () => {
  const codes = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
  expect([...WHITE_SPACE].sort()).toEqual(codes.filter((char) => /\s/.test(char)));
});

test('whatever the text, it is what JavaScript would make of it', { timeout: 60_000 }, async () => {
  const unit = fc.oneof(
    fc.constantFrom(...WHITE_SPACE, '\r\n', '  ', 'a', 'b', '$', '\\', '\0', '\u0085', '\u200b', '😀', "'"),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  const plain = fc.string({ unit: fc.constantFrom('a', 'bc', 'd!', ' e', ' f', '\n-'), maxLength: 12 });
  const text = fc.oneof(fc.string({ unit, maxLength: 12 }), plain);
  const posts = fc.uniqueArray(
    fc.record({ id: fc.maxSafeInteger(), userId: fc.maxSafeInteger(), title: text, body: text }),
    { selector: ({ id }) => id, minLength: 100, maxLength: 200 },
  );
  await fc.assert(
    fc.asyncProperty(posts, async (rows) => {
      const inOrder = rows.toSorted((a, b) => a.id - b.id);
      expect(await clean(rows)).toEqual(inOrder.map(expected));
    }),
    { numRuns: 15 },
  );
});
