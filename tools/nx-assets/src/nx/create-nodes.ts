import type { CreateNodesContextV2, CreateNodesResultArray, TargetConfiguration } from '@nx/devkit';
import {
  AssetError,
  type AssetKey,
  type AssetManifest,
  type GroupManifest,
  groupOf,
  nameOf,
  type OtherManifest,
  prerequisitesOf,
} from '@nx-assets/core/data';
import { partitionPaths, recordPath, valuePath } from '@nx-assets/storage/records';
import { readManifest } from '@nx-assets/workspace/manifest';
import { readGroups } from '@nx-assets/workspace/groups';
import { sayError } from '@nx-assets/runner/terminal';
import { processContext } from '@nx-assets/workspace/run-context';
import { plainText } from '@nx-assets/workspace/terminal-text';

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
    return await readManifest(root, readGroups(root, files), processContext().conditions);
  } catch (error) {
    // Nx says that the project graph failed, and why only with --verbose.
    if (error instanceof AssetError) sayError(processContext(), error);
    throw shown(error);
  }
}

/** The same error, for Nx to print. */
function shown(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  error.message = plainText(error.message);
  if (error.stack !== undefined) error.stack = plainText(error.stack);
  return error;
}

/** The groups whose data checks look at: the asset's own, and that of the asset that they are on. */
const checkedIn = ({ key, checks, checked }: AssetManifest): string[] =>
  checks.length === 0 ? [] : [groupOf(key), ...(checked ? [groupOf(checked)] : [])];

function targetsOf(group: GroupManifest, checked: ReadonlySet<string>): Record<string, TargetConfiguration> {
  const materialize: TargetConfiguration = {
    executor: 'nx:noop',
    cache: false,
    dependsOn: group.assets.map(({ key }) => ({ target: nameOf(key), params: 'forward' })),
    metadata: { description: `Materialize every asset of ${group.name}: ${plainText(group.description)}` },
  };
  const check: TargetConfiguration = {
    executor: 'nx-assets:check',
    cache: false,
    metadata: { description: `Check what is materialized of ${group.name}, and make nothing` },
  };
  const assets = group.assets.map((asset) => [nameOf(asset.key), targetOf(asset)] as const);
  // A package of jobs alone has nothing to materialize.
  const holdsAssets = group.assets.length > 0 || group.others.length === 0;
  return Object.fromEntries([
    ...(holdsAssets ? [['materialize', materialize] as const] : []),
    ...(checked.has(group.name) ? [['check', check] as const] : []),
    ...assets,
    ...group.others.flatMap((other) => otherTarget(other)),
  ]);
}

/** What a definition that is no asset can be run as. */
function otherTarget(other: OtherManifest): (readonly [name: string, target: TargetConfiguration])[] {
  switch (other.type) {
    case 'job':
      return [[nameOf(other.key), jobTarget(other)]];
    // They run something else: nobody runs them.
    case 'schedule':
    case 'sensor':
      return [];
  }
}

/** No `dependsOn`: ops come before the assets, and Nx would run what a target depends on first. */
const jobTarget = ({ description }: OtherManifest): TargetConfiguration => ({
  executor: 'nx-assets:job',
  cache: false,
  options: {},
  metadata: { description: plainText(description), technologies: ['job'] },
});

function targetOf(asset: AssetManifest): TargetConfiguration {
  return {
    executor: 'nx-assets:materialize',
    cache: true,
    dependsOn: prerequisitesOf(asset).map((before) => edge(asset.key, before)),
    // The hasher decides what counts. This line tells Nx that outputs of upstream tasks do, so that it
    // hashes a task again after what it depends on has run.
    inputs: [
      { dependentTasksOutputFiles: '**/*', transitive: false },
      // And these tell `nx affected` that files elsewhere in the workspace do.
      ...(asset.reads ?? []).map((pattern) => `{workspaceRoot}/${pattern}`),
    ],
    outputs: outputsOf(asset).map((path) => `{workspaceRoot}/${path}`),
    options: {},
    metadata: { description: plainText(asset.description), technologies: [asset.kind] },
  };
}

/** Of an asset with partitions: the files of the one that a command line names, and none where it names several. */
const outputsOf = ({ key, output, partitions }: AssetManifest): string[] =>
  partitions
    ? Object.values(partitionPaths(key, output, '{options.partition}'))
    : [valuePath(key, output), recordPath(key)];

const edge = (from: AssetKey, to: AssetKey) =>
  groupOf(from) === groupOf(to)
    ? { target: nameOf(to), params: 'forward' as const }
    : { projects: [groupOf(to)], target: nameOf(to), params: 'forward' as const };

function metadataOf(group: GroupManifest) {
  const jobs = group.others.filter(({ type }) => type === 'job').map(({ key }) => nameOf(key));
  return {
    description: plainText(group.description),
    technologies: [...new Set(group.assets.map(({ kind }) => kind))].sort(),
    ...(group.owner ? { owners: { [group.owner]: { ownedFiles: [{ files: ['**/*'] }] } } } : {}),
    targetGroups: {
      ...(group.assets.length > 0 || group.others.length === 0
        ? { assets: ['materialize', ...group.assets.map(({ key }) => nameOf(key))] }
        : {}),
      ...(jobs.length > 0 ? { jobs } : {}),
    },
  };
}
