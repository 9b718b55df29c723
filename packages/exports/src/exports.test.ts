import { createHash } from 'node:crypto';
import { fixture, materializeOne } from '@nx-assets/testing';
import { expect, test } from 'vitest';
import { export_summary, posts_enriched_csv, top_authors_csv, user_stats_csv, users_csv } from './index.ts';

const texts = ['a "quote", a comma', 'two\nlines', '\ttab', '=1+1', '@x', 'שלום 😀', ''];

const author = {
  user_id: 2 ** 53 - 1,
  username: 'ada',
  name: 'Ada, "the first"',
  total_posts: 2,
  total_words: 7,
  avg_title_length: 10.5,
  avg_body_length: null,
};

test('users_csv: every column, null as nothing, coordinates as JSON writes them', async () => {
  const known = { username: 'ada', email: 'ada@example.org', email_domain: 'example.org' };
  const place = { street: null, suite: null, city: null, zipcode: '01234', lat: -37.3159, lng: 100 };
  const company = {
    phone: null,
    website: null,
    company_name: null,
    company_catch_phrase: null,
    company_bs: null,
  };
  const users = texts.map((name, user_id) =>
    fixture(users_csv.deps.table, { user_id, name, ...known, ...place, ...company }),
  );
  const { text, path } = await materializeOne(users_csv, { inputs: { table: users } });
  expect(path).toBe('output/modular_users.csv');
  const rest = 'ada,ada@example.org,example.org,,,,,,01234,-37.3159,100,,,';
  expect(text).toBe(
    [
      'user_id,name,username,email,email_domain,phone,website,street,suite,city,zipcode,lat,lng,company_name,company_catch_phrase,company_bs',
      `0,"a ""quote"", a comma",${rest}`,
      `1,"two\nlines",${rest}`,
      `2,\ttab,${rest}`,
      `3,=1+1,${rest}`,
      `4,@x,${rest}`,
      `5,שלום 😀,${rest}`,
      `6,"",${rest}`,
      '',
    ].join('\n'),
  );
});

test('posts_enriched_csv', async () => {
  const post = {
    post_id: 1,
    user_id: 9,
    title: 'a title',
    body: 'two\nlines',
    title_length: 7,
    body_length: 9,
    word_count: 2,
    username: null,
    author_name: null,
    author_email: null,
    author_city: null,
    author_company: null,
  };
  const { text, path } = await materializeOne(posts_enriched_csv, { inputs: { table: [post] } });
  expect(path).toBe('output/modular_posts_enriched.csv');
  expect(text).toBe(
    'post_id,user_id,title,body,title_length,body_length,word_count,username,author_name,author_email,author_city,author_company\n' +
      '1,9,a title,"two\nlines",7,9,2,,,,,\n',
  );
});

test('user_stats_csv', async () => {
  const { text, path } = await materializeOne(user_stats_csv, { inputs: { table: [author] } });
  expect(path).toBe('output/modular_user_stats.csv');
  expect(text).toBe(
    'user_id,username,name,total_posts,total_words,avg_title_length,avg_body_length\n' +
      '9007199254740991,ada,"Ada, ""the first""",2,7,10.5,\n',
  );
});

test('top_authors_csv', async () => {
  const { text, path } = await materializeOne(top_authors_csv, {
    inputs: { table: [{ rank: 1, ...author }] },
  });
  expect(path).toBe('output/modular_top_authors.csv');
  expect(text).toBe(
    'rank,user_id,username,name,total_posts,total_words,avg_title_length,avg_body_length\n' +
      '1,9007199254740991,ada,"Ada, ""the first""",2,7,10.5,\n',
  );
});

test('export_summary: each file with its rows, bytes and hash, and the totals before the summary', async () => {
  const data_summary = fixture(export_summary.deps.data_summary);
  const { value } = await materializeOne(export_summary, {
    inputs: {
      users_csv: { text: 'a\n1\n', rows: 1 },
      posts_enriched_csv: { text: 'ü\n', rows: 0 },
      user_stats_csv: { text: '', rows: 2 },
      top_authors_csv: { text: 'a\n1\n', rows: 3 },
      data_summary,
    },
  });
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const entries = value.exported_files.map((file) => Object.values(file));
  expect(Object.keys(value.exported_files[0] ?? {})).toEqual(['asset', 'path', 'rows', 'bytes', 'sha256']);
  expect(entries).toEqual([
    ['users_csv', 'output/modular_users.csv', 1, 4, sha256('a\n1\n')],
    ['posts_enriched_csv', 'output/modular_posts_enriched.csv', 0, 3, sha256('ü\n')],
    ['user_stats_csv', 'output/modular_user_stats.csv', 2, 0, sha256('')],
    ['top_authors_csv', 'output/modular_top_authors.csv', 3, 4, sha256('a\n1\n')],
  ]);
  expect(Object.entries(value.summary)).toEqual([
    ['total_files', 4],
    ['total_rows', 6],
    ['total_bytes', 11],
    ...Object.entries(data_summary),
  ]);
});
