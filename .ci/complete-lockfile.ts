/**
 * Adds to package-lock.json the platform binaries that its packages name as optional dependencies and that the
 * registry it was written from did not have. npm leaves those out, and then `npm ci` refuses the lockfile. The entries
 * carry no integrity hash: only their own platform fetches them. Run it after `npm install` changed the lockfile:
 *
 *     npx node .ci/complete-lockfile.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';

type Entry = {
  version?: string;
  cpu?: string[];
  dev?: boolean;
  libc?: string[];
  optional?: boolean;
  os?: string[];
  optionalDependencies?: Record<string, string>;
};
type Lockfile = { packages: Record<string, Entry> };

const path = 'package-lock.json';
const lock = JSON.parse(readFileSync(path, 'utf8')) as Lockfile;

const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** `@rollup/rollup-linux-x64-musl` → linux, x64, musl. Names that say no platform are not ours to guess. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> | undefined {
  const words = name.split(/[-/]/);
  const os = OS.find((word) => words.includes(word));
  const cpu = CPU.find((word) => words.includes(word));
  if (os === undefined || cpu === undefined) return undefined;
  const libc =
    os !== 'linux'
      ? undefined
      : words.includes('gnu')
        ? 'glibc'
        : words.includes('musl')
          ? 'musl'
          : undefined;
  return { cpu: [cpu], ...(libc && { libc: [libc] }), os: [os] };
}

/** Where Node would look for `name` from the package at `from`: the nearest node_modules first. */
function* places(from: string, name: string): Generator<string> {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    yield folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (folder === '') return;
  }
}

let added = 0;
for (const [from, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const candidates = [...places(from, name)];
    if (candidates.some((place) => lock.packages[place]?.version === version)) continue;
    const platform = platformOf(name);
    if (platform === undefined || !/^\d/.test(version)) continue;
    // Beside the package that wants it; where that place is taken by another version, inside the package.
    const beside = `${from.slice(0, from.lastIndexOf('node_modules/'))}node_modules/${name}`;
    const place = lock.packages[beside] === undefined ? beside : `${from}/node_modules/${name}`;
    lock.packages[place] = { version, ...(dev && { dev }), optional: true, ...platform };
    added += 1;
  }
}

const [root, ...others] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([
  ...(root ? [root] : []),
  ...others.sort(([a], [b]) => a.localeCompare(b, 'en')),
]);
if (added > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} platform packages added to ${path}\n`);
