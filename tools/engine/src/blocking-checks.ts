import { AssetError, type AssetKey, type AssetManifest, buildGraph } from '@nx-assets/core';

/**
 * Lets what depends on a checked asset wait for its blocking checks: but for what these need themselves, and for other
 * checks. Throws `ASSET_CYCLE`.
 */
export function withBlockingChecks(
  manifests: readonly AssetManifest[],
  blocking: ReadonlySet<AssetKey>,
): readonly AssetManifest[] {
  const graph = buildGraph(manifests);
  const checks = manifests.filter(({ key }) => blocking.has(key));
  if (checks.length === 0) return manifests;
  const gated = manifests.map((manifest) => {
    const deps = Object.values(manifest.deps);
    const blockingChecks = checks.filter(
      ({ key, checked }) =>
        manifest.checked === null &&
        checked !== null &&
        deps.includes(checked) &&
        !graph.upstream(key).has(manifest.key),
    );
    return { ...manifest, blockingChecks: blockingChecks.map(({ key }) => key) };
  });
  try {
    buildGraph(gated);
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    // Without blocking checks there was none: the definitions alone are in order.
    const remedy =
      'Make one of these checks non-blocking: assets downstream of the checked asset wait for them.';
    throw new AssetError(error.code, error.facts, { remedy, cause: error });
  }
  return gated;
}
