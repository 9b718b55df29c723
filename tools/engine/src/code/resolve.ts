import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { AssetError } from '@nx-assets/core';
import { ResolverFactory } from 'oxc-resolver';

export type Resolved =
  | { readonly type: 'builtin' }
  /** A file of the workspace: its content counts. */
  | { readonly type: 'file'; readonly path: string }
  /** An installed package: its version counts. `root` is the folder of its package.json. */
  | { readonly type: 'package'; readonly root: string };

// As Node resolves an `import`: no guessed extensions, symbolic links followed.
const resolver = new ResolverFactory({ conditionNames: ['node', 'import', 'module-sync'] });

/** What a specifier in a file stands for, as Node itself resolves it. Throws `DEFINITION_IMPORT_UNRESOLVED`. */
export function resolve(specifier: string, from: string): Resolved {
  if (isBuiltin(specifier)) return { type: 'builtin' };
  const { path } = resolver.sync(dirname(from), specifier);
  if (path === undefined) {
    throw new AssetError(
      'DEFINITION_IMPORT_UNRESOLVED',
      `${from} imports "${specifier}", which is not there.`,
    );
  }
  if (path.includes(`${sep}node_modules${sep}`)) return { type: 'package', root: packageRoot(path) };
  return { type: 'file', path };
}

/** The folder of the package.json that names the package a file belongs to. */
function packageRoot(path: string): string {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    // Some packages put nameless package.json files into subfolders, only to set the module type.
    if (existsSync(file) && 'name' in (JSON.parse(readFileSync(file, 'utf8')) as object)) return folder;
  }
  throw new AssetError('DEFINITION_IMPORT_UNRESOLVED', `${path} belongs to no package.`);
}
