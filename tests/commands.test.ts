import type { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { thorough } from './support/thorough.ts';
import { ALL, referenceWorkspace } from './support/reference.ts';

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = referenceWorkspace();
});
afterAll(() => workspace.dispose());

/** The edges of the contract, as `group:asset` to what it depends on. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  'sources:api_users_raw': [],
  'sources:api_posts_raw': [],
  'transforms:users_cleaned': ['sources:api_users_raw'],
  'transforms:posts_cleaned': ['sources:api_posts_raw'],
  'transforms:posts_with_user_info': ['transforms:posts_cleaned', 'transforms:users_cleaned'],
  'analytics:user_activity_stats': ['transforms:posts_cleaned', 'transforms:users_cleaned'],
  'analytics:top_authors': ['analytics:user_activity_stats'],
  'analytics:data_summary': [
    'analytics:user_activity_stats',
    'transforms:posts_cleaned',
    'transforms:users_cleaned',
  ],
  'exports:users_csv': ['transforms:users_cleaned'],
  'exports:posts_enriched_csv': ['transforms:posts_with_user_info'],
  'exports:user_stats_csv': ['analytics:user_activity_stats'],
  'exports:top_authors_csv': ['analytics:top_authors'],
  'exports:export_summary': [
    'analytics:data_summary',
    'exports:posts_enriched_csv',
    'exports:top_authors_csv',
    'exports:user_stats_csv',
    'exports:users_csv',
  ],
  'simple-assets:raw_user_data': [],
  'simple-assets:transformed_user_data': ['simple-assets:raw_user_data'],
  'simple-assets:user_data_csv': ['simple-assets:transformed_user_data'],
  'simple-assets:data_extraction_summary': [
    'simple-assets:transformed_user_data',
    'simple-assets:user_data_csv',
  ],
};

interface Graph {
  readonly graph: {
    readonly nodes: Readonly<Record<string, unknown>>;
    readonly dependencies: Readonly<Record<string, readonly { readonly target: string }[]>>;
  };
}
interface Tasks {
  readonly tasks: {
    readonly tasks: Readonly<Record<string, unknown>>;
    readonly dependencies: Readonly<Record<string, readonly string[]>>;
  };
}

describe('the nx commands', () => {
  test('know no group that Nx ignores', async () => {
    const names = async () => (await workspace.command(['ls', '--names'])).stdout.trim().split('\n');
    const all = await names();
    workspace.write({ '.nxignore': 'packages/simple-assets\n' });
    const fewer = await names();
    workspace.remove('.nxignore');
    expect(all.filter((key) => !fewer.includes(key))).toEqual(
      all.filter((key) => key.startsWith('simple-assets/')),
    );
    expect(fewer.length).toBeLessThan(all.length);
  });

  test('nx run transforms:users_cleaned runs it with its upstreams and nothing else', async () => {
    const { ran, code } = await workspace.materialize(['run', 'transforms:users_cleaned']);
    expect(ran).toEqual(['api_users_raw', 'users_cleaned']);
    expect(code).toBe(0);
  });

  test('nx run transforms:materialize runs the group with its upstreams', async () => {
    const { ran, assets } = await workspace.materialize(['run', 'transforms:materialize']);
    expect(ran).toEqual(['api_posts_raw', 'posts_cleaned', 'posts_with_user_info']);
    expect(assets).toHaveLength(5);
  });

  test('nx run-many -t materialize runs the rest, says which API is in use, and ends with a table', async () => {
    const { output, code } = await workspace.nx(['run-many', '-t', 'materialize']);
    expect(code).toBe(0);
    expect(output).toContain('17 assets: 12 materialized, 5 up to date');
    expect(output).toMatch(/embedded/i);
    expect(output).toMatch(/✔ exports\/users_csv +materialized +not materialized yet +10 +[\d.]+ kB/);
    expect(output).not.toContain('\u001B[');
  });

  test('--json puts one document on standard output', async () => {
    const { stdout } = await workspace.nx(['run-many', '-t', 'materialize', '--json']);
    const document = JSON.parse(stdout) as { assets: { key: string; status: string }[] };
    expect(document.assets).toHaveLength(17);
  });

  test('nx show project says what a group holds', async () => {
    const { stdout } = await workspace.nx(['show', 'project', 'transforms', '--json']);
    const project = JSON.parse(stdout) as {
      targets: Record<string, { metadata?: { description?: string; technologies?: string[] } }>;
      metadata: { targetGroups: Record<string, string[]>; description: string };
    };
    expect(Object.keys(project.targets)).toEqual(
      expect.arrayContaining(['materialize', 'posts_cleaned', 'posts_with_user_info', 'users_cleaned']),
    );
    expect(project.targets.users_cleaned?.metadata?.technologies).toEqual(['duckdb']);
    expect(project.targets.users_cleaned?.metadata?.description).toBeTruthy();
    expect(project.metadata.targetGroups.assets).toContain('users_cleaned');
  });

  test('nx graph --file has the edges between the groups', async () => {
    await workspace.nx(['graph', '--file=graph.json']);
    const { graph } = JSON.parse(workspace.read('graph.json')) as Graph;
    const targets = (project: string) => graph.dependencies[project]?.map(({ target }) => target).sort();
    expect(targets('transforms')).toContain('sources');
    expect(targets('analytics')).toContain('transforms');
    expect(targets('exports')).toEqual(expect.arrayContaining(['analytics', 'transforms']));
    expect(targets('simple-assets')).not.toContain('sources');
    workspace.remove('graph.json');
  });

  test('nx run-many --graph has exactly the edges of the definitions', async () => {
    await workspace.nx(['run-many', '-t', 'materialize', '--graph=tasks.json']);
    const { tasks } = JSON.parse(workspace.read('tasks.json')) as Tasks;
    const edges = Object.fromEntries(
      Object.entries(tasks.dependencies)
        .filter(([id]) => !id.endsWith(':materialize'))
        .map(([id, deps]) => [id, [...deps].sort()]),
    );
    expect(edges).toEqual(EDGES);
    workspace.remove('tasks.json');
  });

  test('nx affected runs what a change can touch', async () => {
    const clean = await workspace.materialize(['affected', '-t', 'materialize', '--base=HEAD']);
    expect(clean.assets).toEqual([]);
    workspace.edit('packages/analytics/src/top_authors.ts', (code) => `${code}// a comment\n`);
    const { ran, assets, code } = await workspace.materialize([
      'affected',
      '-t',
      'materialize',
      '--base=HEAD',
    ]);
    expect(code).toBe(0);
    expect(ran).toEqual(['top_authors']);
    // Analytics and exports are affected; what they need of other groups is checked, and comes from the cache.
    expect(assets.map(({ key }) => key.split('/')[0])).not.toContain('simple-assets');
    expect(assets.map(({ key }) => key.split('/')[1]).sort()).toEqual(
      ALL.filter(
        (name) =>
          !['raw_user_data', 'transformed_user_data', 'user_data_csv', 'data_extraction_summary'].includes(
            name,
          ),
      ),
    );
    workspace.git('checkout', '-q', '.');
  });

  thorough('--batch=false makes the same bytes and the same decisions', async () => {
    const other = referenceWorkspace();
    try {
      const { ran } = await other.materialize(['run-many', '-t', 'materialize', '--batch=false']);
      expect(ran).toEqual(ALL);
      await workspace.materialize();
      for (const path of [
        'output/modular_users.csv',
        'output/user_data.csv',
        'output/analytics/data_summary.json',
        'output/transforms/posts_with_user_info.parquet',
        'output/exports/export_summary.json',
      ]) {
        expect(other.read(path), path).toBe(workspace.read(path));
      }
    } finally {
      other.dispose();
    }
  });
});
