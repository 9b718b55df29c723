import { AssetError } from '@nx-assets/core';
import { Code } from './code/closure.ts';
import { entryPath, type GroupSource } from './definitions.ts';

/** Why definitions did not load, as an error that says what to do. */
export function explainLoadError(thrown: unknown, root: string, groups: readonly GroupSource[]): AssetError {
  const cycle = isUninitialised(thrown) ? findCycle(root, groups) : null;
  if (cycle) return new AssetError('ASSET_CYCLE', `${cycle}.`, { cause: thrown });
  if (thrown instanceof AssetError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  if (isMissing || error.message.includes('does not provide an export named')) {
    return new AssetError('DEFINITION_IMPORT_UNRESOLVED', `${error.message}.`, { cause: error });
  }
  if (
    error instanceof SyntaxError ||
    code === 'ERR_INVALID_TYPESCRIPT_SYNTAX' ||
    code.startsWith('ERR_UNSUPPORTED_TYPESCRIPT')
  ) {
    return (
      findSyntaxError(root, groups) ??
      new AssetError('DEFINITION_SYNTAX', `${error.message.trim()}.`, { cause: error })
    );
  }
  return new AssetError('DEFINITION_THREW', `${error.name}: ${error.message}.`, { cause: error });
}

/** Node says what is wrong with the syntax, but not always in which file: our own reader does. */
function findSyntaxError(root: string, groups: readonly GroupSource[]): AssetError | null {
  const code = new Code(root);
  for (const group of groups) {
    try {
      code.closureOf(entryPath(root, group), () => false);
    } catch (error) {
      if (error instanceof AssetError && error.code === 'DEFINITION_SYNTAX') return error;
    }
  }
  return null;
}

/** A file that is imported while it is still loading gives bindings that cannot be read yet. */
const isUninitialised = (thrown: unknown): boolean =>
  (thrown instanceof ReferenceError && thrown.message.includes('before initialization')) ||
  (thrown instanceof AssetError && thrown.code === 'ASSET_DEP_INVALID');

/** A cycle of imports between files of the workspace, in words, or `null`. */
function findCycle(root: string, groups: readonly GroupSource[]): string | null {
  const code = new Code(root);
  const owner = (file: string) =>
    groups.find((group) => file.startsWith(`${root}/${group.root}/`))?.name ?? '';
  const done = new Set<string>();
  const path: { file: string; name: string }[] = [];
  const visit = (file: string, name: string): string | null => {
    const start = path.findIndex((step) => step.file === file);
    if (start >= 0) {
      // The first step may have come by `export *`; the one that closes the circle knows its name.
      const steps = path.slice(start).with(0, { file, name }).reverse();
      const words = steps.map((step) => `${owner(step.file)}/${step.name}`);
      return [...words, words[0]].join(' → ');
    }
    if (done.has(file)) return null;
    path.push({ file, name });
    for (const edge of code.edgesOf(file)) {
      const found = visit(edge.file, edge.name);
      if (found) return found;
    }
    path.pop();
    done.add(file);
    return null;
  };
  try {
    for (const group of groups) {
      const found = visit(entryPath(root, group), 'index');
      if (found) return found;
    }
  } catch {
    return null; // the code cannot be read: the first error says more
  }
  return null;
}
