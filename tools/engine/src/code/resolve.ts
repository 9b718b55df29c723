import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve as absolute } from 'node:path';
import { AssetError } from '@nx-assets/core';
import { ResolverFactory } from 'oxc-resolver';
import { isInstalled } from '../loaded-code.ts';
import type { Import } from './module-shape.ts';

export type Resolved =
  | { readonly type: 'builtin' }
  /** A file beside the code that is not there: it may come. */
  | { readonly type: 'missing'; readonly path: string }
  /** A file of the workspace: its content counts. */
  | { readonly type: 'file'; readonly path: string; readonly through: readonly string[] }
  /** An installed package: its version counts. `root` is the folder of its package.json. */
  | { readonly type: 'package'; readonly root: string; readonly through: readonly string[] };

/** Finds what specifiers stand for, as Node does: no guessed extensions in an `import`, symbolic links followed. */
export class Resolver {
  readonly #imports: ResolverFactory;
  readonly #requires: ResolverFactory;

  constructor(conditions: readonly string[]) {
    const names = [...conditions, 'node', 'module-sync'];
    this.#imports = new ResolverFactory({ conditionNames: [...names, 'import'] });
    const extensions = ['.js', '.json', '.node'];
    this.#requires = new ResolverFactory({ conditionNames: [...names, 'require'], extensions });
  }

  /**
   * What an import in a file stands for, and the files and links that decide it besides. `loaded` is what Node itself gave
   * the file for it; where that is something else, it is right. Throws `DEFINITION_IMPORT_UNRESOLVED`.
   */
  resolve(
    { from: specifier, kind }: Pick<Import, 'from' | 'kind'>,
    importer: string,
    loaded: readonly string[] = [],
  ): Resolved {
    if (kind === 'url') return besides(specifier, importer);
    if (isBuiltin(specifier)) return { type: 'builtin' };
    const resolver = kind === 'require' ? this.#requires : this.#imports;
    const { path: read, packageJsonPath } = resolver.sync(dirname(importer), specifier);
    const path = read !== undefined && loaded.includes(read) ? read : (loaded[0] ?? read);
    if (path === undefined) {
      throw new AssetError(
        'DEFINITION_IMPORT_UNRESOLVED',
        `${importer} imports "${specifier}", which is not there.`,
      );
    }
    if (isInstalled(path)) return { type: 'package', root: packageRoot(path), through: [] };
    const link = linkTo(specifier, importer, path);
    const through = [packageJsonPath, link].filter((one) => one !== undefined);
    return { type: 'file', path, through };
  }
}

function besides(specifier: string, importer: string): Resolved {
  if (!specifier.startsWith('.')) return { type: 'builtin' };
  const path = absolute(dirname(importer), decodeURIComponent(specifier));
  if (!existsSync(path)) return { type: 'missing', path };
  return { type: 'file', path: realpathSync(path), through: [] };
}

/** Where a symbolic link was followed: the path before it. */
function linkTo(specifier: string, importer: string, path: string): string | undefined {
  if (/^\.{0,2}\//.test(specifier)) {
    const asked = absolute(dirname(importer), specifier);
    return asked === path ? undefined : asked;
  }
  if (specifier.startsWith('#')) return undefined;
  const [scope = '', name = ''] = specifier.split('/');
  const folder = scope.startsWith('@') ? `${scope}/${name}` : scope;
  for (let at = dirname(importer); ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', folder);
    if (existsSync(candidate)) return candidate;
    if (at === dirname(at)) return undefined;
  }
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
