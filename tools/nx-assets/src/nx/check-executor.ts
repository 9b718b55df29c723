import type { ExecutorContext } from '@nx/devkit';
import { AssetError, type AssetManifest, groupOf } from '@nx-assets/core';
import { checkMaterialized } from '@nx-assets/engine/execution';
import type { Partitioning, PartitionKey } from '@nx-assets/engine';
import { RecordIndex } from '@nx-assets/storage/records';
import { lastManifest } from '@nx-assets/workspace/manifest';
import { withStepEnvironment } from '@nx-assets/runner/step-environment';
import { definitionsOf } from '@nx-assets/workspace/definitions';
import { partitioningOf } from '@nx-assets/workspace/partitioning';
import type { CheckedAsset } from '@nx-assets/runner/report-line';
import { say } from '@nx-assets/runner/terminal';
import { renderChecks } from '@nx-assets/runner/report';
import { JSON_VERSION } from '../json-version.ts';
import { runContext } from '@nx-assets/workspace/run-context';
import { jsonText } from '@nx-assets/workspace/terminal-text';

/**
 * Runs the checks of a group, and those that others have on its assets, over what is materialized, and makes nothing. Fails
 * where one of severity `error` does.
 */
export default async function checkGroup(
  options: { readonly json?: boolean },
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  const { root, projectName } = context;
  const run = runContext(root);
  const manifests = [...lastManifest(root).values()].filter(
    ({ key, checks, checked }) =>
      checks.length > 0 && [groupOf(key), checked && groupOf(checked)].includes(projectName ?? ''),
  );
  const assets = await withStepEnvironment(run, async (environment) => {
    const definitions = await definitionsOf(root);
    const partitioning = await partitioningOf(root, lastManifest(root), run.now().getTime());
    const checked: CheckedAsset[] = [];
    for (const manifest of manifests) {
      const definition = definitions.get(manifest.key);
      if (!definition)
        throw new AssetError('FRAMEWORK_BUG', `The definition of ${manifest.key} did not load.`);
      try {
        for (const part of materializedParts(root, manifest, partitioning)) {
          const checks = await checkMaterialized(manifest, part, definition, environment, partitioning);
          checked.push({ key: manifest.key, partition: part, problem: null, checks });
        }
      } catch (error) {
        if (!(error instanceof AssetError)) throw error;
        checked.push({ key: manifest.key, partition: null, problem: error.message, checks: [] });
      }
    }
    return checked;
  });
  if (options.json) run.stdout.write(`${jsonText({ version: JSON_VERSION, assets })}\n`);
  else say(run, renderChecks(assets));
  const success = assets.every(
    ({ problem, checks }) =>
      problem === null && checks.every(({ passed, severity }) => passed || severity === 'warn'),
  );
  return { success };
}

/** The partitions of an asset that there are; an asset without any is looked at whether it is there or not. */
function materializedParts(
  root: string,
  manifest: AssetManifest,
  partitioning: Partitioning,
): readonly PartitionKey[] {
  if (!manifest.partitions) return [null];
  const index = new RecordIndex(root, manifest);
  return partitioning.partitionsOf(manifest.key).filter((part) => index.has(part ?? ''));
}
