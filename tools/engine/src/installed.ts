import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const PLACE = `${sep}node_modules${sep}`;

/** What a package.json says that matters here. */
export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

export interface InstalledPackage {
  /** The folder that was installed. */
  readonly root: string;
  readonly name: string;
  readonly version: string;
}

/** Whether a file is of an installed package: its version counts, and not its content. */
export const isInstalled = (path: string): boolean => path.includes(PLACE);

/**
 * The package that an installed file belongs to, as its package.json says now. That is the one which an install put there:
 * others below it, with a name or without, come and go with it.
 */
export function packageOf(path: string): InstalledPackage {
  const root = rootOf(path);
  const { name = nameAt(root), version = '0' } = readPackageJson(root) ?? {};
  return { root, name, version };
}

/** What the package.json in a folder says; `undefined` where there is none, or one that is just being written. */
export function readPackageJson(folder: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
  } catch {
    return undefined;
  }
}

/** The name under which a package is installed. */
export const nameAt = (root: string): string =>
  root.slice(root.lastIndexOf(PLACE) + PLACE.length).replaceAll(sep, '/');

function rootOf(path: string): string {
  const begin = path.lastIndexOf(PLACE) + PLACE.length;
  const [first = '', second = ''] = path.slice(begin).split(sep);
  return path.slice(0, begin) + (first.startsWith('@') ? join(first, second) : first);
}
