import { existsSync, realpathSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve as absolute } from 'node:path';
import { AssetError } from '@nx-assets/core';
import { ResolverFactory } from 'oxc-resolver';
import { isInstalled, packageOf } from '../installed.ts';
import type { Import } from './module-shape.ts';

export type Resolved =
  | { readonly type: 'builtin' }
  /** A file beside the code that is not there: it may come. */
  | { readonly type: 'missing'; readonly path: string }
  /** A file of the workspace: its content counts. `through` is what decides which: package.json files and links, there or not. */
  | { readonly type: 'file'; readonly path: string; readonly through: readonly string[] }
  /** An installed package: its version counts. `root` is the folder of its package.json. */
  | { readonly type: 'package'; readonly root: string; readonly through: readonly string[] };

/** Finds what specifiers stand for, as Node does: no guessed extensions in an `import`, symbolic links followed. */
export class Resolver {
  readonly #imports: ResolverFactory;
  readonly #requires: ResolverFactory;
  /** As `#imports`, and stops at links. */
  readonly #linked: ResolverFactory;
  readonly #nearerPlaces = new Map<string, readonly string[]>();

  constructor(conditions: readonly string[]) {
    const names = [...conditions, 'node', 'module-sync'];
    this.#imports = new ResolverFactory({ conditionNames: [...names, 'import'] });
    this.#requires = new ResolverFactory({ conditionNames: [...names, 'require'], extensions: EXTENSIONS });
    const linked = {
      conditionNames: [...names, 'import', 'require'],
      extensions: EXTENSIONS,
      symlinks: false,
    };
    this.#linked = new ResolverFactory(linked);
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
    const nearer = this.#nearer(specifier, dirname(importer));
    if (isInstalled(path)) return { type: 'package', root: packageOf(path).root, through: nearer };
    const asked = isRelative(specifier)
      ? absolute(dirname(importer), specifier)
      : this.#linked.sync(dirname(importer), specifier).path;
    const before = kind === 'require' && asked !== undefined ? triedBefore(asked, path) : [];
    const link = asked === path || asked === undefined ? [] : [asked];
    const through = [packageJsonPath, ...link, ...before, ...nearer].filter((one) => one !== undefined);
    return { type: 'file', path, through };
  }

  #nearer(specifier: string, folder: string): readonly string[] {
    if (isRelative(specifier)) return [];
    const id = `${folder}\0${specifier}`;
    const known = this.#nearerPlaces.get(id) ?? nearerPlaces(specifier, folder);
    this.#nearerPlaces.set(id, known);
    return known;
  }
}

const EXTENSIONS = ['.js', '.json', '.node'];

const isRelative = (specifier: string): boolean => /^\.{0,2}\//.test(specifier);

function besides(specifier: string, importer: string): Resolved {
  if (!specifier.startsWith('.')) return { type: 'builtin' };
  const asked = absolute(dirname(importer), decodeURIComponent(specifier));
  const stats = statSync(asked, { throwIfNoEntry: false });
  if (!stats) return { type: 'missing', path: asked };
  // What is in a folder, nobody says.
  if (stats.isDirectory()) return { type: 'builtin' };
  const path = realpathSync(asked);
  return { type: 'file', path, through: asked === path ? [] : [asked] };
}

/** What `require` would find before the file that it found, for a path that says less than all. */
function triedBefore(asked: string, found: string): string[] {
  const tried = [asked, ...EXTENSIONS.map((extension) => `${asked}${extension}`)];
  const inside = ['package.json', ...EXTENSIONS.map((extension) => `index${extension}`)];
  const all = [...tried, ...inside.map((name) => join(asked, name))].filter((one) => !isFolder(one));
  const at = all.findIndex((one) => existsSync(one) && realpathSync(one) === found);
  return at < 0 ? all : all.slice(0, at);
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/**
 * Where a package would be found before the one that is used, and package.json files that would say before others what `#x`
 * or a package's own name stands for: nothing is there now, up to the first that is.
 */
function nearerPlaces(specifier: string, from: string): string[] {
  const [scope = '', name = ''] = specifier.split('/');
  const folder = scope.startsWith('@') ? `${scope}/${name}` : scope;
  const places: string[] = [];
  for (let at = from; ; at = dirname(at)) {
    const place = specifier.startsWith('#') ? at : join(at, 'node_modules', folder);
    if (!specifier.startsWith('#') && existsSync(place)) return [...places, place];
    const file = join(place, 'package.json');
    if (existsSync(file)) return places;
    places.push(file);
    if (at === dirname(at)) return places;
  }
}
