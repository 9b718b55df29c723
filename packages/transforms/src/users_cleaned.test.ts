import { materializeOne, type LiteralOf } from '@nx-assets/testing';
import { expect, test } from 'vitest';
import { users_cleaned } from './users_cleaned.ts';

type RawUser = LiteralOf<(typeof users_cleaned)['deps']['api_users_raw']>[number];

const leanne: RawUser = {
  id: 1,
  name: 'Leanne Graham',
  username: 'Bret',
  email: 'Sincere@april.biz',
  address: {
    street: 'Kulas Light',
    suite: 'Apt. 556',
    city: 'Gwenborough',
    zipcode: '92998-3874',
    geo: { lat: '-37.3159', lng: '81.1496' },
  },
  phone: '1-770-736-8031 x56442',
  website: 'hildegard.org',
  company: {
    name: 'Romaguera-Crona',
    catchPhrase: 'Multi-layered client-server neural-net',
    bs: 'harness real-time e-markets',
  },
};

const clean = async (...api_users_raw: readonly RawUser[]) =>
  (await materializeOne(users_cleaned, { inputs: { api_users_raw } })).rows;

test('an ordinary user: the columns of the contract, in its order', async () => {
  const [row] = await clean(leanne);
  expect(Object.entries(row ?? {})).toEqual([
    ['user_id', 1],
    ['name', 'Leanne Graham'],
    ['username', 'Bret'],
    ['email', 'sincere@april.biz'],
    ['email_domain', 'april.biz'],
    ['phone', '1-770-736-8031 x56442'],
    ['website', 'hildegard.org'],
    ['street', 'Kulas Light'],
    ['suite', 'Apt. 556'],
    ['city', 'Gwenborough'],
    ['zipcode', '92998-3874'],
    ['lat', -37.3159],
    ['lng', 81.1496],
    ['company_name', 'Romaguera-Crona'],
    ['company_catch_phrase', 'Multi-layered client-server neural-net'],
    ['company_bs', 'harness real-time e-markets'],
  ]);
});

test('no users', async () => {
  expect(await clean()).toEqual([]);
});

test('what the API left out is null, at any depth', async () => {
  const bare = { ...leanne, phone: null, website: null, address: null, company: null };
  const [row] = await clean(bare);
  const { user_id, name, username, email, email_domain, ...rest } = row ?? {};
  expect([user_id, name, username, email, email_domain]).toEqual([
    1,
    'Leanne Graham',
    'Bret',
    'sincere@april.biz',
    'april.biz',
  ]);
  expect(new Set(Object.values(rest))).toEqual(new Set([null]));
  const address = { street: null, suite: null, city: 'Paris', zipcode: null, geo: null };
  expect(await clean({ ...leanne, address })).toMatchObject([{ city: 'Paris', suite: null, lat: null }]);
});

test.each([
  [' \t Sincere@April.BIZ\r\n', 'sincere@april.biz', 'april.biz'],
  ['\u00a0a@b.c\u2003', 'a@b.c', 'b.c'],
  ['"odd@name"@Host.org', '"odd@name"@host.org', 'host.org'],
  ['ÜNI@CODE.ÄÖ', 'üni@code.äö', 'code.äö'],
  ['no-at', 'no-at', null],
  ['nothing-after@', 'nothing-after@', null],
  ['@', '@', null],
  ['', '', null],
])('the email %j is %j, of %j', async (given, email, email_domain) => {
  expect(await clean({ ...leanne, email: given })).toMatchObject([{ email, email_domain }]);
});

test.each([
  ['-37.3159', -37.3159],
  [' 12 ', 12],
  ['1e2', 100],
  ['0', 0],
  ['', null],
  ['12,5', null],
  ['north', null],
  ['nan', null],
  ['inf', null],
  ['-Infinity', null],
  ['1e999', null],
  [null, null],
])('the latitude %j is the number %j', async (lat, number) => {
  const geo = { lat, lng: lat };
  const [row] = await clean({ ...leanne, address: { ...leanne.address, geo } as RawUser['address'] });
  expect(row).toMatchObject({ lat: number, lng: number });
});

test('other texts are as they were', async () => {
  const odd = ['a "quote", a comma', 'line\nbreak\tand tab', ' spaces ', '=1+1', '@x', 'שלום', '👩‍👩‍👧', ''];
  const users = odd.map((text, id) => ({
    ...leanne,
    id,
    name: text,
    username: text,
    phone: text,
    website: text,
    address: { street: text, suite: text, city: text, zipcode: text, geo: null },
    company: { name: text, catchPhrase: text, bs: text },
  }));
  const rows = await clean(...users);
  expect(rows.map(({ name, phone, suite, company_bs }) => [name, phone, suite, company_bs])).toEqual(
    odd.map((text) => [text, text, text, text]),
  );
});

test('ids are exact, and give the order', async () => {
  const ids = [2 ** 53 - 1, 5, 2 ** 53 - 2, -3];
  const rows = await clean(...ids.map((id) => ({ ...leanne, id })));
  expect(rows.map(({ user_id }) => user_id)).toEqual([-3, 5, 2 ** 53 - 2, 2 ** 53 - 1]);
});
