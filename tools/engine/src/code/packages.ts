import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashText } from '@nx-assets/storage/records';

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

/** Knows installed packages by what is on disk, so that every package manager's layout will do. */
export class Packages {
  readonly #read = new Map<string, PackageJson>();
  readonly #identities = new Map<string, readonly [name: string, identity: string]>();
  readonly #closures = new Map<string, ReadonlySet<string>>();
  readonly #consult: (path: string) => void;

  /** `consult` hears of every file that an answer depends on. */
  constructor(consult: (path: string) => void) {
    this.#consult = consult;
  }

  /** A package's name, and its version with a hash over everything that it depends on. */
  identity(root: string): readonly [name: string, identity: string] {
    const known = this.#identities.get(root);
    if (known) return known;
    const lines = [...this.#closure(root)].map((folder) => this.#versionOf(folder)).sort();
    const { name = root, version = '0' } = this.#json(root);
    const deps = lines.length > 1 ? `+${hashText(lines.join('\n')).slice(0, 12)}` : '';
    const identity = [name, `${version}${deps}`] as const;
    this.#identities.set(root, identity);
    return identity;
  }

  #versionOf(root: string): string {
    const { name, version } = this.#json(root);
    return `${name}@${version}`;
  }

  #closure(root: string): ReadonlySet<string> {
    const known = this.#closures.get(root);
    if (known) return known;
    const found = new Set([root]);
    for (const folder of found) {
      const { dependencies, optionalDependencies } = this.#json(folder);
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
        const dep = find(name, folder);
        // Binaries for one platform come in the version of the package that asks for them.
        if (dep !== null && !isPlatformBound(this.#json(dep))) found.add(dep);
      }
    }
    this.#closures.set(root, found);
    return found;
  }

  #json(root: string): PackageJson {
    let json = this.#read.get(root);
    if (!json) {
      const path = join(root, 'package.json');
      this.#consult(path);
      json = JSON.parse(readFileSync(path, 'utf8')) as PackageJson;
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
