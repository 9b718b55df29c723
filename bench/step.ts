// One asset in one process, as a hand-written `nx:run-commands` target would do it: `node step.ts group/name`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GroupManifest } from '@nx-assets/core';
import { engineVersions, execute, loadDefinitions, localLocks } from '@nx-assets/engine/execution';
import { DuckDb } from '@nx-assets/storage';
import { LocalValueStore } from '@nx-assets/storage/records';

const root = process.env.NX_WORKSPACE_ROOT ?? process.cwd();
const wanted = process.argv[2];
const { groups } = JSON.parse(readFileSync(join(root, 'manifest.json'), 'utf8')) as {
  groups: GroupManifest[];
};
const group = groups.find(({ name }) => wanted?.startsWith(`${name}/`));
const manifest = group?.assets.find(({ key }) => key === wanted);
if (!group || !manifest) throw new Error(`There is no asset ${wanted}.`);
const duckdb = new DuckDb({ memoryLimit: '512MB', spillTo: join(root, '.nx/spill') });
const outcomes = await execute({
  manifests: [manifest],
  environment: {
    root,
    runId: String(process.pid),
    store: new LocalValueStore(root),
    duckdb,
    locks: localLocks(root),
    env: process.env,
    signal: new AbortController().signal,
    now: () => new Date(),
    versions: engineVersions(),
  },
  force: true,
  refresh: false,
  concurrency: 1,
  definitions: async () => {
    const source = {
      name: group.name,
      root: group.root,
      entry: 'src/index.ts',
      description: '',
      owner: null,
      reserved: [],
    };
    const named = await loadDefinitions(root, [source]);
    return new Map(named.map(({ key, definition }) => [key, definition]));
  },
  emit: () => undefined,
});
await duckdb.close();
if (outcomes.get(manifest.key)?.status !== 'materialized') {
  throw new Error(JSON.stringify(outcomes.get(manifest.key)));
}
