import { type AnyAsset, AssetError } from '@nx-assets/core';
import { ApiServer, type Handler, materializeOne } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { api_posts_raw } from './api_posts_raw.ts';
import { api_users_raw } from './api_users_raw.ts';

const user = { id: 1, name: 'Ada', username: 'ada', email: 'ada@example.org' };
const full = {
  ...user,
  address: {
    street: 'a "street"',
    suite: 'a, suite',
    city: 'two\nlines',
    zipcode: '\t',
    geo: { lat: '1.5', lng: '-2' },
  },
  phone: '=1+1',
  website: '@x',
  company: { name: 'שלום', catchPhrase: '😀', bs: '' },
};
const post = { userId: 1, id: 1, title: '=1+1', body: 'two\r\nlines, "quoted"\t😀 שלום ' };

let api: ApiServer;
beforeAll(async () => {
  api = await ApiServer.start({});
});
afterAll(() => api.stop());

const fetchUsers = (users: unknown) => fetch(api_users_raw, 'users', users);
const fetchPosts = (posts: unknown) => fetch(api_posts_raw, 'posts', posts);
function fetch<A extends AnyAsset>(definition: A, name: string, served: unknown) {
  api.collections[name] = served;
  return materializeOne(definition, { env: { JSONPLACEHOLDER_URL: api.url } });
}

describe('users and posts as the API gives them', () => {
  test('whatever their texts', async () => {
    expect((await fetchUsers([full])).rows).toEqual([full]);
    expect((await fetchPosts([post])).rows).toEqual([post]);
  });

  test('in its order, with ids as large as they get', async () => {
    const ids = [2 ** 53 - 1, 3, 2 ** 53 - 2];
    expect((await fetchUsers(ids.map((id) => ({ ...full, id })))).rows.map(({ id }) => id)).toEqual(ids);
    expect((await fetchPosts(ids.map((id) => ({ ...post, id, userId: id })))).rows).toEqual(
      ids.map((id) => ({ ...post, id, userId: id })),
    );
  });

  test('null where the API leaves something out', async () => {
    const { rows } = await fetchUsers([{ ...user, address: { city: 'Paris', geo: {} } }]);
    const address = {
      street: null,
      suite: null,
      city: 'Paris',
      zipcode: null,
      geo: { lat: null, lng: null },
    };
    expect(rows).toEqual([{ ...user, address, phone: null, website: null, company: null }]);
  });

  test('none', async () => {
    expect((await fetchUsers([])).rows).toEqual([]);
    expect((await fetchPosts([])).rows).toEqual([]);
  });

  test('and the log says which API it was', async () => {
    expect((await fetchUsers([])).logs).toEqual([`JSONPlaceholder: ${api.url}`]);
    expect((await materializeOne(api_users_raw)).logs[0]).toContain('the embedded data set');
  });

  test('an hour long', () => {
    const hour = { kind: 'age', due: 3_600_000, overdue: 3_600_000 };
    expect([api_users_raw.freshness, api_posts_raw.freshness]).toEqual([hour, hour]);
  });
});

test('without any network: a client can be handed over', async () => {
  const { rows } = await materializeOne(api_users_raw, {
    resources: { api: { collection: () => Promise.resolve([full] as never) } },
  });
  expect(rows).toEqual([full]);
});

/** The message of what a fetch rejects with. */
async function failure(fetched: Promise<unknown>): Promise<AssetError> {
  const error = await fetched.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(AssetError);
  return error as AssetError;
}

describe('data that is wrong is refused, with its address', () => {
  test.each([
    ['a wrong type', { ...user, name: 5 }, 'row 2, name: '],
    ['a missing field', { ...user, email: undefined }, 'row 2, email: '],
    ['a wrong type inside', { ...full, address: { city: 7 } }, 'row 2, address.city: '],
    ['an id with a fraction', { ...user, id: 1.5 }, 'row 2, id: '],
    ['an id beyond 2^53', { ...user, id: 2 ** 53 }, 'row 2, id: '],
    ['an id twice', user, 'row 2, id: 1 repeats row 1'],
    ['no object', 'user', 'row 2, row: '],
  ])('%s', async (_name, second, where) => {
    const { code, facts } = await failure(fetchUsers([user, second, { ...user, id: 3 }]));
    expect(code).toBe('ROWS_INVALID');
    expect(facts).toContain(`1 of 3 rows from ${api.url}/users`);
    expect(facts).toContain(where);
  });

  test('a post of nobody', async () => {
    const { facts } = await failure(fetchPosts([{ ...post, userId: null }]));
    expect(facts).toContain(`1 of 1 rows from ${api.url}/posts`);
    expect(facts).toContain('row 1, userId: ');
  });

  test('twenty rows are shown, and all are counted', async () => {
    const posts = Array.from({ length: 50 }, (_, id) => ({ ...post, id, title: null }));
    const { facts } = await failure(fetchPosts(posts));
    expect(facts).toContain('50 of 50 rows');
    expect(facts.match(/^ {2}row \d+/gm)).toHaveLength(20);
    expect(facts).toContain('row 20, title');
    expect(facts).not.toContain('row 21,');
  });

  const answer =
    (body: string, type = 'application/json'): Handler =>
    (_request, response) =>
      void response.writeHead(200, { 'content-type': type }).end(body);
  test.each([
    ['no JSON', answer('oops')],
    ['half of it', answer('[{"id":1,')],
    ['nothing', answer('')],
    ['an object', answer('{"users":[]}')],
    ['null', answer('null')],
    ['a page, said to be JSON', answer('<html>Log in</html>')],
    ['a page', answer('<html>Log in</html>', 'text/html')],
  ])('%s instead of a list', async (_name, handler) => {
    const { code, facts } = await failure(fetchUsers(handler));
    expect(code).toBe('HTTP_NOT_JSON');
    expect(facts).toContain(`${api.url}/users`);
  });

  test('a status that is none of success', async () => {
    const { code, facts } = await failure(
      fetchUsers(((_request, response) => void response.writeHead(403).end()) satisfies Handler),
    );
    expect([code, facts]).toEqual(['HTTP_FAILED', `GET ${api.url}/users: status 403.`]);
  });
});
