import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashText } from '@nx-assets/storage/records';
import { nameAt, type PackageJson, readPackageJson } from '../installed.ts';

/** By the name that is asked for, which may be an alias, and where it is. */
type Dependency = readonly [name: string, folder: string];

/** Knows installed packages by what is on disk, so that every package manager's layout will do. */
export class Packages {
  readonly #read = new Map<string, PackageJson>();
  readonly #identities = new Map<string, readonly [name: string, identity: string]>();
  readonly #consult: (path: string) => void;

  readonly #conditions: string;

  /** `consult` hears of every file that an answer depends on. `conditions` decide which files of a package Node loads. */
  constructor(consult: (path: string) => void, conditions: readonly string[]) {
    this.#consult = consult;
    this.#conditions = conditions.map((condition) => ` ${condition}`).join('');
  }

  /** The package.json files that say how Node loads what is in some folders, and what, where that is not as modules. None lies above `root`. */
  typesAbove(folders: ReadonlySet<string>, root: string): (readonly [path: string, type: string])[] {
    const found = new Map<string, string>();
    for (const folder of folders) {
      for (let at = folder; ; at = dirname(at)) {
        const path = join(at, 'package.json');
        this.#consult(path);
        if (existsSync(path)) {
          const { type = 'none' } = this.#json(at);
          if (type !== 'module') found.set(path, type);
          break;
        }
        if (at === root || at === dirname(at)) break;
      }
    }
    return [...found];
  }

  /** A package's name, and its version with a hash over everything that it depends on. */
  identity(root: string): readonly [name: string, identity: string] {
    const known = this.#identities.get(root);
    if (known) return known;
    const lines = [...this.#dependencies(root)].flatMap(([folder, deps]) =>
      deps.map(([alias, dep]) => {
        const as = alias === this.#json(dep).name ? '' : `${alias}=`;
        return `${this.#versionOf(folder)} ${as}${this.#versionOf(dep)}`;
      }),
    );
    const { name = nameAt(root), version = '0' } = this.#json(root);
    const deps = lines.length > 0 ? `+${hashText(lines.sort().join('\n')).slice(0, 12)}` : '';
    const identity = [name, `${version}${deps}${this.#conditions}`] as const;
    this.#identities.set(root, identity);
    return identity;
  }

  #versionOf(root: string): string {
    const { name, version } = this.#json(root);
    return `${name}@${version}`;
  }

  /** Everything below a package, each with what it asks for itself: who gets which version counts. */
  #dependencies(root: string): ReadonlyMap<string, readonly Dependency[]> {
    const found = new Map<string, readonly Dependency[]>();
    const stack = [root];
    for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
      if (found.has(folder)) continue;
      const { dependencies, optionalDependencies, peerDependencies } = this.#json(folder);
      const names = new Set(
        [dependencies, optionalDependencies, peerDependencies].flatMap((some) => Object.keys(some ?? {})),
      );
      const from = folder;
      const deps = [...names].flatMap((name): Dependency[] => {
        const dep = find(name, from);
        return dep === null ? [] : [[name, dep]];
      });
      // Binaries for one platform come in the version of the package that asks for them.
      const portable = deps.filter(([, dep]) => !isPlatformBound(this.#json(dep)));
      found.set(folder, portable);
      stack.push(...portable.map(([, dep]) => dep));
    }
    return found;
  }

  #json(root: string): PackageJson {
    let json = this.#read.get(root);
    if (!json) {
      this.#consult(join(root, 'package.json'));
      json = readPackageJson(root) ?? {};
      this.#read.set(root, json);
    }
    return json;
  }
}

const isPlatformBound = (json: PackageJson): boolean => json.os !== undefined || json.cpu !== undefined;

/** The folder of a dependency as Node would find it, or `null` where it is not installed. */
function find(name: string, from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) return null;
  }
}
