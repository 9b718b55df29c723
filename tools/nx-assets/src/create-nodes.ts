import type { CreateNodesContextV2, CreateNodesResultArray, TargetConfiguration } from '@nx/devkit';
import {
  AssetError,
  type AssetKey,
  type AssetManifest,
  type GroupManifest,
  groupOf,
  nameOf,
  prerequisitesOf,
} from '@nx-assets/core';
import { recordPath, valuePath } from '@nx-assets/storage/records';
import { readGroups } from './groups.ts';
import { readManifest } from './manifest.ts';
import { sayError } from './reporter.ts';

/** One target per asset and `materialize` per group, from the definitions alone. */
export async function nodesOf(
  files: readonly string[],
  { workspaceRoot }: CreateNodesContextV2,
): Promise<CreateNodesResultArray> {
  const groups = await readDefinitions(workspaceRoot, files);
  const checked = new Set(groups.flatMap(({ assets }) => assets.flatMap(checkedIn)));
  return groups.map((group) => [
    `${group.root}/package.json`,
    {
      projects: {
        [group.root]: { name: group.name, targets: targetsOf(group, checked), metadata: metadataOf(group) },
      },
    },
  ]);
}

async function readDefinitions(root: string, files: readonly string[]): Promise<readonly GroupManifest[]> {
  try {
    return await readManifest(root, readGroups(root, files));
  } catch (error) {
    // Nx says that the project graph failed, and why only with --verbose.
    if (error instanceof AssetError) sayError(error);
    throw error;
  }
}

/** The groups whose data checks look at: the asset's own, and that of the asset that they are on. */
const checkedIn = ({ key, checks, checked }: AssetManifest): string[] =>
  checks.length === 0 ? [] : [groupOf(key), ...(checked ? [groupOf(checked)] : [])];

function targetsOf(group: GroupManifest, checked: ReadonlySet<string>): Record<string, TargetConfiguration> {
  const materialize: TargetConfiguration = {
    executor: 'nx:noop',
    cache: false,
    dependsOn: group.assets.map(({ key }) => ({ target: nameOf(key), params: 'forward' })),
    metadata: { description: `Materialize every asset of ${group.name}: ${group.description}` },
  };
  const check: TargetConfiguration = {
    executor: 'nx-assets:check',
    cache: false,
    metadata: { description: `Check what is materialized of ${group.name}, and make nothing` },
  };
  const assets = group.assets.map((asset) => [nameOf(asset.key), targetOf(asset)] as const);
  return Object.fromEntries([
    ['materialize', materialize],
    ...(checked.has(group.name) ? [['check', check] as const] : []),
    ...assets,
  ]);
}

function targetOf(asset: AssetManifest): TargetConfiguration {
  return {
    executor: 'nx-assets:materialize',
    cache: true,
    dependsOn: prerequisitesOf(asset).map((before) => edge(asset.key, before)),
    // The hasher decides what counts. This line tells Nx that outputs of upstream tasks do, so that it
    // hashes a task again after what it depends on has run.
    inputs: [{ dependentTasksOutputFiles: '**/*', transitive: false }],
    outputs: [valuePath(asset.key, asset.output), recordPath(asset.key)].map(
      (path) => `{workspaceRoot}/${path}`,
    ),
    options: {},
    metadata: { description: asset.description, technologies: [asset.kind] },
  };
}

const edge = (from: AssetKey, to: AssetKey) =>
  groupOf(from) === groupOf(to)
    ? { target: nameOf(to), params: 'forward' as const }
    : { projects: [groupOf(to)], target: nameOf(to), params: 'forward' as const };

function metadataOf(group: GroupManifest) {
  return {
    description: group.description,
    technologies: [...new Set(group.assets.map(({ kind }) => kind))].sort(),
    ...(group.owner ? { owners: { [group.owner]: { ownedFiles: [{ files: ['**/*'] }] } } } : {}),
    targetGroups: { assets: ['materialize', ...group.assets.map(({ key }) => nameOf(key))] },
  };
}
