import { describe, expect, test } from 'vitest';
import { Post, User } from './schema.ts';

const required = { id: 1, name: 'Ada', username: 'ada', email: 'ada@example.org' };
const post = { id: 1, userId: 1, title: '', body: '' };

describe('a user', () => {
  test('may lack what is not required: null then', () => {
    expect(User.parse(required)).toEqual({
      ...required,
      phone: null,
      website: null,
      address: null,
      company: null,
    });
  });

  test('may lack parts of the address and the company', () => {
    expect(User.parse({ ...required, address: { city: 'Paris', geo: {} }, company: {} })).toMatchObject({
      address: { street: null, suite: null, city: 'Paris', zipcode: null, geo: { lat: null, lng: null } },
      company: { name: null, catchPhrase: null, bs: null },
    });
  });

  test('may have fields that nobody asked for: they are left out', () => {
    expect(User.parse({ ...required, avatar: 'x' })).not.toHaveProperty('avatar');
  });

  test.each(['id', 'name', 'username', 'email'])('must have %s', (field) => {
    expect(User.safeParse({ ...required, [field]: undefined }).error?.issues[0]?.path).toEqual([field]);
    expect(User.safeParse({ ...required, [field]: null }).error?.issues[0]?.path).toEqual([field]);
  });

  test.each([
    ['phone', 1],
    ['address', 'Paris'],
    ['company', []],
    ['name', 5],
  ])('%s cannot be %j', (field, value) => {
    expect(User.safeParse({ ...required, [field]: value }).error?.issues[0]?.path).toEqual([field]);
  });
});

describe('an id', () => {
  test.each([0, 1, 2 ** 53 - 1])('%d is one', (id) => {
    expect(Post.parse({ ...post, id, userId: id })).toMatchObject({ id, userId: id });
    expect(User.parse({ ...required, id })).toMatchObject({ id });
  });

  test.each([1.5, 2 ** 53, '1', null, Number.NaN])('%s is none', (id) => {
    expect(Post.safeParse({ ...post, id }).success).toBe(false);
    expect(Post.safeParse({ ...post, userId: id }).success).toBe(false);
  });
});

test.each(['id', 'userId', 'title', 'body'])('a post must have %s', (field) => {
  expect(Post.safeParse({ ...post, [field]: undefined }).error?.issues[0]?.path).toEqual([field]);
});
