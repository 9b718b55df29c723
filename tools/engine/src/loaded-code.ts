import { hash } from 'node:crypto';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { hashFile, hashText } from '@nx-assets/storage/records';
import { type InstalledPackage, isInstalled, packageOf } from './installed.ts';

/** What a file asked for, and what Node gave it. */
interface LoadedImport {
  /** The specifier. */
  readonly from: string;
  /** Absolute path. */
  readonly path: string;
}

type Imports = ReadonlyMap<string, readonly LoadedImport[]>;

/** What Node has loaded in this process since it was first watched: files of the workspace, with the bytes that it got. */
export interface LoadedCode {
  /** Absolute path to the sha256 of what was loaded. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Absolute path of a file to what it asked for. */
  readonly imports: Imports;
  /** The same since the definitions are there: what code asks for as it runs. */
  readonly lateImports: Imports;
  /** Absolute path of a file to the packages it asked for, each as it was installed then. */
  readonly packages: ReadonlyMap<string, ReadonlySet<InstalledPackage>>;
  /** Says that the definitions are there. */
  definitionsAreThere(): void;
}

const hashes = new Map<string, string>();
const imports = new Map<string, LoadedImport[]>();
const lateImports = new Map<string, LoadedImport[]>();
const packages = new Map<string, Set<InstalledPackage>>();
/** By a file of theirs: what Node has of it stays. */
const packagesOfFiles = new Map<string, InstalledPackage>();
let isLate = false;
let loaded: LoadedCode | undefined;

/** Watches what Node loads from now on. A process has one module loader, and so one of these. */
export function watchLoading(): LoadedCode {
  if (loaded) return loaded;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const importer = pathOf(context.parentURL);
      const path = pathOf(resolved.url);
      if (importer === null || path === null || isInstalled(importer)) return resolved;
      const into = isLate ? lateImports : imports;
      const known = into.get(importer) ?? [];
      into.set(importer, known);
      if (!known.some((one) => one.from === specifier && one.path === path))
        known.push({ from: specifier, path });
      if (isInstalled(path)) noticePackage(importer, path);
      return resolved;
    },
    load(url, context, next) {
      const result = next(url, context);
      const path = pathOf(url);
      if (path !== null && !isInstalled(path) && !hashes.has(path))
        hashes.set(path, hashOf(result.source, path));
      return result;
    },
  });
  loaded = { hashes, imports, lateImports, packages, definitionsAreThere: () => void (isLate = true) };
  return loaded;
}

function noticePackage(importer: string, path: string): void {
  const found = packagesOfFiles.get(path) ?? packageOf(path);
  packagesOfFiles.set(path, found);
  const known = packages.get(importer) ?? new Set();
  packages.set(importer, known.add(found));
}

/** Of the bytes that Node got; where it reads them later by itself, of those that are there now. */
const hashOf = (source: unknown, path: string): string =>
  typeof source === 'string'
    ? hashText(source)
    : source instanceof Uint8Array
      ? hash('sha256', source)
      : (hashFile(path) ?? '');

/** The path of a file; `null` for what is built in, or no file. */
const pathOf = (url: string | undefined): string | null =>
  url?.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : null;
