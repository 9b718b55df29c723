import { basename } from 'node:path';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type AssetManifest, groupOf, nameOf } from '@nx-assets/core';
import type { AssetView, JobView, AssetStatus, WorkspaceView } from '../wire/index.ts';
import { describeCondition } from '@nx-assets/workspace/describe-condition';
import type { Workspace } from '@nx-assets/workspace/workspace';
import { currentBranch } from '@nx-assets/workspace/git';
import { describeSchedule } from '@nx-assets/workspace/jobs';

const NOTHING: AssetStatus = {
  statuses: ['missing'],
  why: '',
  staleFrom: [],
  rowCount: null,
  bytes: null,
  madeAt: null,
  failure: null,
  partitions: null,
  checks: { passed: 0, warned: 0, failed: 0 },
  last: [],
};

const assetView = (manifest: AssetManifest, status: AssetStatus = NOTHING): AssetView => ({
  key: manifest.key,
  group: groupOf(manifest.key),
  name: nameOf(manifest.key),
  description: manifest.description,
  kind: manifest.kind,
  type: manifest.output.type,
  owners: manifest.owners,
  tags: manifest.tags,
  deps: [...new Set(Object.values(manifest.deps))],
  blockingChecks: manifest.blockingChecks,
  checked: manifest.checked,
  isExternal: manifest.isExternal,
  hasPartitions: manifest.partitions !== null,
  automation: manifest.automation ? describeCondition(manifest.automation) : null,
  file: manifest.code.file,
  status,
});

/** Everything but what changes while nothing does: revision, cursor and clock. */
export function workspaceView(
  workspace: Workspace,
  statuses: Readonly<Record<string, AssetStatus>>,
): Pick<WorkspaceView, 'name' | 'branch' | 'versions' | 'groups' | 'assets' | 'jobs'> {
  return {
    name: nameIn(workspace.root),
    branch: currentBranch(workspace.root),
    versions: { nx: nxVersion(workspace.root), node: process.versions.node },
    groups: workspace.groups.map(({ name, root, owner, description }) => ({
      name,
      path: root,
      owner,
      description,
    })),
    assets: workspace.assets.map((manifest) => assetView(manifest, statuses[manifest.key])),
    jobs: jobsOf(workspace),
  };
}

const jobsOf = ({ groups }: Workspace): JobView[] =>
  groups
    .flatMap(({ others }) => others.filter((other) => other.type === 'job'))
    .map((job) => ({
      key: job.key,
      description: job.description,
      selection: job.select,
      schedule: describeSchedule(job) || null,
      command: `npx nx run ${job.key.replace('/', ':')}`,
    }));

function nxVersion(root: string): string {
  const { version } = createRequire(join(root, 'package.json'))('nx/package.json') as { version: string };
  return version;
}

/** As its package.json calls it, or else its folder. */
function nameIn(root: string): string {
  try {
    const { name } = createRequire(join(root, 'package.json'))('./package.json') as { name?: string };
    return name ?? basename(root);
  } catch {
    return basename(root);
  }
}
