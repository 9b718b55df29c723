// One plain Node process that materializes every asset in order: no Nx, no cache, one step at a time.
// What it costs is the floor that the real thing is compared with.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, loadDefinitions } from '@nx-assets/engine/description';
import { engineVersions, execute, localLocks } from '@nx-assets/engine/execution';
import { DuckDb } from '@nx-assets/storage';
import { LocalValueStore } from '@nx-assets/storage/records';

const root = process.cwd();
const sources = readdirSync(join(root, 'packages'))
  .filter((name) => name !== 'jsonplaceholder')
  .map((name) => ({
    name,
    root: `packages/${name}`,
    entry: 'src/index.ts',
    description: '',
    owner: null,
    reserved: [],
  }));
const named = await loadDefinitions(root, sources);
const { groups } = describe(root, sources, { assets: named, others: [] });
const duckdb = new DuckDb({ memoryLimit: '512MB', spillTo: join(root, '.nx/spill') });
let before = process.cpuUsage();
await execute({
  manifests: groups.flatMap((group) => group.assets),
  environment: {
    root,
    runId: 'plain',
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
  definitions: () => Promise.resolve(new Map(named.map(({ key, definition }) => [key, definition]))),
  emit: (event) => {
    if (event.type !== 'step-finished') return;
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    const { key, status, error } = event.outcome;
    process.stdout.write(
      `${key} ${status} ${((user + system) / 1e6).toFixed(2)} CPU-s ${error?.message ?? ''}\n`,
    );
  },
});
await duckdb.close();
