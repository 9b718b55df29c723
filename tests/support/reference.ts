import { cpSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';

const repository = resolve(import.meta.dirname, '../..');

/** What the first two pages of the learning path are about: groups, and what they use. */
const PACKAGES = ['analytics', 'exports', 'jsonplaceholder', 'simple-assets', 'sources', 'transforms'];

/** Their 17 assets, sorted. */
export const ALL = [
  'api_posts_raw',
  'api_users_raw',
  'data_extraction_summary',
  'data_summary',
  'export_summary',
  'posts_cleaned',
  'posts_enriched_csv',
  'posts_with_user_info',
  'raw_user_data',
  'top_authors',
  'top_authors_csv',
  'transformed_user_data',
  'user_activity_stats',
  'user_data_csv',
  'user_stats_csv',
  'users_cleaned',
  'users_csv',
];

/** All packages of this repository, those of later pages included. */
export const everyPackage = (): readonly string[] => readdirSync(join(repository, 'packages'));

/** A copy of reference packages that a test may edit, committed to a git of its own. */
export function referenceWorkspace(names: readonly string[] = PACKAGES): TestWorkspace {
  const workspace = new TestWorkspace({ 'README.md': '# A copy\n' });
  const packages = join(repository, 'packages');
  for (const name of names) {
    cpSync(join(packages, name), join(workspace.root, 'packages', name), {
      recursive: true,
      filter: (path) => !/\/(dist|node_modules|coverage)$/.test(path),
    });
    workspace.link(`@acme/${name}`, `packages/${name}`);
  }
  workspace.git('init');
  workspace.git('add', '-A');
  workspace.git('commit', '-qm', 'reference');
  return workspace;
}

const user = (id: number, more: object = {}) => ({
  id,
  name: `Name ${id}`,
  username: `user${id}`,
  email: `User${id}@Example.org`,
  address: {
    street: 'Street',
    suite: 'Apt. 1',
    city: `City ${id % 3}`,
    zipcode: '123',
    geo: { lat: '-37.3159', lng: '81.1496' },
  },
  phone: '1-770-736-8031',
  website: 'example.org',
  company: { name: 'Company', catchPhrase: 'Phrase', bs: 'bs' },
  ...more,
});

const post = (id: number, userId: number, more: object = {}) => ({
  userId,
  id,
  title: `title ${id}`,
  body: `body of ${id}`,
  ...more,
});

/** Few rows of the API's shape, for tests that change them. */
export const smallData = () => ({
  users: [1, 2, 3, 4].map((id) => user(id)),
  posts: [1, 2, 3, 4, 5, 6].map((id) => post(id, (id % 3) + 1)),
});

export { post, user };
