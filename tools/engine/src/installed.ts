import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** Whether a file is of an installed package: its version counts, and not its content. */
export const isInstalled = (path: string): boolean => path.includes(`${sep}node_modules${sep}`);

export interface InstalledPackage {
  /** The folder of its package.json. */
  readonly root: string;
  readonly name: string;
  readonly version: string;
}

/** The package that a file belongs to, as its package.json says now. */
export function packageOf(path: string): InstalledPackage | undefined {
  for (let root = dirname(path); root !== dirname(root); root = dirname(root)) {
    const json = readJson(join(root, 'package.json'));
    // Some packages put nameless package.json files into subfolders, only to set the module type.
    if (json?.name !== undefined) return { root, name: json.name, version: json.version ?? '0' };
  }
  return undefined;
}

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
}

function readJson(path: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as PackageJson;
  } catch {
    return undefined; // it is not there, or is being written
  }
}
