import { join, relative, sep } from 'node:path';
import { AssetError, type AssetManifest } from '@nx-assets/core';
import type { LoadedCode } from '../loaded-code.ts';

/**
 * Compares the code that Node has loaded with what the key of an asset says. Throws `CODE_CHANGED_DURING_RUN` where a file was
 * edited after the run was planned, and `CODE_NOT_FOLLOWED` where the asset has loaded what its version does not cover: what
 * they would make must not be kept under that key.
 */
export async function confirmCode(
  root: string,
  { key, code }: Pick<AssetManifest, 'key' | 'code'>,
  loaded: LoadedCode,
): Promise<void> {
  const known = { ...code.files, ...code.whole };
  const strange: (readonly [importer: string, from: string, path: string])[] = [];
  for (const [path, hash] of Object.entries(known)) {
    const file = join(root, path);
    const found = loaded.hashes.get(file);
    if (found !== undefined && found !== hash)
      throw new AssetError('CODE_CHANGED_DURING_RUN', `${path} changed while the run went on.`);
    for (const { name, version } of loaded.packages.get(file) ?? []) {
      const planned = code.packages[name];
      if (planned !== undefined && !isPlanned(version, planned)) {
        const facts = `${path} imports ${name}, which was ${planned} when the run was planned and ${version} when it was loaded.`;
        throw new AssetError('CODE_CHANGED_DURING_RUN', facts);
      }
    }
    for (const { from, path: target } of loaded.lateImports.get(file) ?? []) {
      if (!(workspacePath(root, target) in known)) strange.push([file, from, target]);
    }
  }
  if (strange.length === 0) return;
  // Rare: then it is worth reading the files again.
  const { Code } = await import('../code/closure.ts');
  const reader = new Code(root);
  for (const [importer, from, target] of strange) {
    if (reader.asksFor(importer, from)) continue;
    const facts = `${key}: ${workspacePath(root, importer)} loaded ${workspacePath(root, target)} as it ran, in a way that cannot be followed.`;
    throw new AssetError('CODE_NOT_FOLLOWED', facts);
  }
}

/** Whether a version is among the planned: each may have a hash of what is below it, and who gets it. */
const isPlanned = (version: string, planned: string): boolean =>
  planned.split(', ').some((one) => one.startsWith(version) && /^($|[+ ])/.test(one.slice(version.length)));

const workspacePath = (root: string, path: string): string => relative(root, path).split(sep).join('/');
