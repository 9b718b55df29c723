import type { ExecutorContext } from '@nx/devkit';
import { AssetError, groupOf } from '@nx-assets/core';
import { checkMaterialized } from '@nx-assets/engine/execution';
import { lastManifest } from './manifest.ts';
import { type CheckedAsset, renderChecks, say } from './reporter.ts';
import { definitionsOf, withWorkshop } from './workshop.ts';

/**
 * Runs the checks of a group, and those that others have on its assets, over what is materialized, and makes nothing. Fails
 * where one of severity `error` does.
 */
export default async function checkGroup(
  options: { readonly json?: boolean },
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  const { root, projectName } = context;
  const manifests = [...lastManifest(root).values()].filter(
    ({ key, checks, checked }) =>
      checks.length > 0 && [groupOf(key), checked && groupOf(checked)].includes(projectName ?? ''),
  );
  const assets = await withWorkshop(root, async (workshop) => {
    const definitions = await definitionsOf(root);
    const checked: CheckedAsset[] = [];
    for (const manifest of manifests) {
      const definition = definitions.get(manifest.key);
      if (!definition)
        throw new AssetError('FRAMEWORK_BUG', `The definition of ${manifest.key} did not load.`);
      try {
        const checks = await checkMaterialized(manifest, definition, workshop);
        checked.push({ key: manifest.key, problem: null, checks });
      } catch (error) {
        if (!(error instanceof AssetError)) throw error;
        checked.push({ key: manifest.key, problem: error.message, checks: [] });
      }
    }
    return checked;
  });
  if (options.json) process.stdout.write(`${JSON.stringify({ version: 1, assets })}\n`);
  else say(renderChecks(assets));
  const success = assets.every(
    ({ problem, checks }) =>
      problem === null && checks.every(({ passed, severity }) => passed || severity === 'warn'),
  );
  return { success };
}
