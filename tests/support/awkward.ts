import type { RawData, RawPost, RawUser } from './contract.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** Every white space of JavaScript's `\s`. */
const WHITE_SPACE =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** Texts that break what splits, quotes, trims, counts or renders without care. */
export const TEXTS: readonly string[] = [
  '',
  ' ',
  'plain',
  '"',
  '""',
  'say "hi", she said',
  'a,b',
  'two\nlines',
  'two\r\nlines\r\n\r\nand more',
  'lone\rreturn',
  'a\ttab',
  ' \t padded \n',
  '👩‍👩‍👧‍👦 family',
  '🤦🏼‍♂️',
  'e\u0301 and é',
  'שלום עולם, مرحبا',
  '\u202eright to left',
  '=1+1',
  '+1',
  '-1',
  '@x',
  "'quoted'",
  '# no comment',
  'a # in the middle',
  'null',
  'NULL',
  '\\N',
  'C:\\new\\table',
  '${x} {{y}} %s %d',
  "'; DROP TABLE users; --",
  '<script>alert(1)</script>',
  'nul\u0000inside',
  'bell\u0007',
  'half a pair \ud83d!',
  'backslash before \\\ud83d',
  'zero\u200bwidth',
  '\ufeffmarked',
  'next\u0085line',
  `${WHITE_SPACE}all${WHITE_SPACE}white${WHITE_SPACE}`,
  WHITE_SPACE,
  'long '.repeat(2000),
];

const text = (index: number): string => TEXTS[index % TEXTS.length] as string;

const users: RawUser[] = [
  // Not in the order of their ids.
  { id: LARGEST, name: 'The last', username: 'last', email: '  Last@EXAMPLE.org \t' },
  { id: 0, name: 'Zero', username: 'same', email: 'no at sign', phone: null, website: null, address: null },
  { id: -7, name: 'Negative', username: 'same', email: '@', company: null },
  { id: 1, name: '', username: '', email: '', address: {}, company: {} },
  { id: 2, name: 'Nulls', username: 'n', email: 'a@b@C.d', address: { geo: null, suite: null, city: null } },
  { id: 3, name: 'Parts', username: 'p', email: 'ÀÉ@ÇÔ.FR', address: { geo: { lat: '1.5' }, city: 'Paris' } },
  // More than five who wrote nothing.
  ...[10, 11, 12, 13, 14, 15, 16].map((id) => ({ id, name: `Silent ${id}`, username: 's', email: 'S@s' })),
  ...TEXTS.map((_, index) => ({
    id: 1000 + index,
    name: text(index),
    username: text(index + 1),
    email: `${text(index)}@${text(index + 2)}`,
    phone: text(index + 3),
    website: text(index + 4),
    address: {
      street: text(index + 5),
      suite: index % 3 ? text(index + 6) : null,
      city: text(index + 7),
      zipcode: text(index + 8),
      geo: { lat: latitude(index), lng: latitude(index + 1) },
    },
    company: { name: text(index + 9), catchPhrase: text(index + 10), bs: text(index + 11) },
  })),
];

function latitude(index: number): string {
  const texts = [
    '-37.3159',
    '0',
    '1e-7',
    '1e21',
    ' 12.5 ',
    '',
    'north',
    'NaN',
    'Infinity',
    '1e999',
    '1_0',
    '5.',
  ];
  return texts[index % texts.length] as string;
}

const posts: RawPost[] = [
  { userId: LARGEST, id: LARGEST, title: 'The last', body: 'of them' },
  { userId: 404, id: 5, title: 'Nobody', body: 'wrote this' },
  { userId: -404, id: -5, title: 'Nobody', body: 'wrote this either' },
  // The same posts and words for 2 and 3; the same posts and more words for 0.
  { userId: 3, id: 30, title: 'three', body: 'one two' },
  { userId: 2, id: 20, title: 'two', body: 'one two' },
  { userId: 0, id: 40, title: 'zero', body: 'one two three' },
  ...TEXTS.map((_, index) => ({
    userId: 1000 + (index % 4),
    id: 2000 - index,
    title: text(index),
    body: `${text(index + 1)}${text(index)}${text(index + 2)}`,
  })),
  ...TEXTS.map((body, index) => ({ userId: 1004, id: 3000 + index, title: body, body })),
];

/** Valid data that nobody would send on purpose. */
export const awkwardData: RawData = { users, posts };
