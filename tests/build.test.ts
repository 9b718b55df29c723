import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

type Manifest = {
  name: string;
  exports: Record<string, string | { types: string; default: string }>;
  executors?: string;
  engines?: { node: string };
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
};

const root = resolve(import.meta.dirname, '..');
const packages = ['packages', 'tools'].flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
);
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const dist = (folder: string) => join(folder, 'dist');
const manifestOf = (folder: string) => readJson(join(dist(folder), 'package.json')) as Manifest;
const needs = (manifest: Manifest) => Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });

/** A consumer's folder: each built package copied in as npm would unpack it, with what it declares and no more. */
let consumer: string;

function install(name: string, place: (target: string) => void) {
  const target = join(consumer, 'node_modules', name);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  place(target);
}

const node = (script: string) => {
  writeFileSync(join(consumer, 'load.mjs'), script);
  return execFileSync(process.execPath, ['load.mjs'], { cwd: consumer, encoding: 'utf8' });
};

beforeAll(() => {
  execFileSync('nx', ['run-many', '-t', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  consumer = mkdtempSync(join(tmpdir(), 'nx-assets-build-'));
  for (const folder of packages)
    install(manifestOf(folder).name, (target) => cpSync(dist(folder), target, { recursive: true }));
  for (const folder of packages) {
    for (const name of needs(manifestOf(folder))) {
      // npm keeps a version beside the package where others want another one.
      const own = join(folder, 'node_modules', name);
      const place = existsSync(own) ? own : join(root, 'node_modules', name);
      install(name, (target) => symlinkSync(place, target));
    }
  }
});

afterAll(() => rmSync(consumer, { recursive: true, force: true }));

describe.each(packages.map((folder) => [folder.slice(root.length + 1), folder]))('%s', (_, folder) => {
  test('the published manifest points at built files only', () => {
    const manifest = manifestOf(folder);
    expect(JSON.stringify(manifest)).not.toMatch(/src\/|[^d]\.ts"/);
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(manifest).not.toHaveProperty('nx');
    for (const target of Object.values(manifest.exports))
      for (const file of typeof target === 'string' ? [target] : Object.values(target))
        expect(existsSync(join(dist(folder), file)), file).toBe(true);
  });

  test('what is published asks for the Node that runs here, and what is not asks for none', () => {
    const { engines, exports } = manifestOf(folder);
    // Pages for a browser export no code.
    const hasCode = Object.values(exports).some((target) => typeof target !== 'string');
    expect(engines).toEqual(hasCode ? { node: `>=${process.versions.node.split('.')[0]}` } : undefined);
    // npm would warn of its own workspace on the older Node that it may be installed with.
    expect(readJson(join(folder, 'package.json'))).not.toHaveProperty('engines');
  });

  test('what comes from other packages is imported, not copied', () => {
    const files = readdirSync(dist(folder)).filter((file) => file.endsWith('.js'));
    const copied = files.flatMap((file) =>
      [...readFileSync(join(dist(folder), file), 'utf8').matchAll(/^\/\/ .*node_modules\/(.+)$/gm)].map(
        ([, path = '']) => path,
      ),
    );
    expect(copied).toEqual([]);
  });

  test('what the built files import is declared', () => {
    const declared = new Set([manifestOf(folder).name, ...needs(manifestOf(folder))]);
    const files = readdirSync(dist(folder)).filter((file) => /\.(js|d\.ts)$/.test(file));
    const imported = files.flatMap((file) =>
      [
        ...readFileSync(join(dist(folder), file), 'utf8').matchAll(
          /(?:from|import\(?)\s*['"]([^.'"\s][^'"\s]*)['"]/g,
        ),
      ].map(([, specifier = '']) => specifier),
    );
    const packageName = (specifier: string) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
    const undeclared = imported.filter(
      (specifier) => !specifier.startsWith('node:') && !declared.has(packageName(specifier)),
    );
    expect(undeclared).toEqual([]);
  });
});

/** Exports that are not for importing: processes begin there, and test runners load the suites of contracts. */
const STARTED = /^\.\/(cli|contracts|(.*[/-])?[\w-]*worker)$/;

test('plain node loads everything that a built package exports', () => {
  // As Node joins a package's name and a key of its exports: `.` is the name alone, `./http` stands after it.
  const names = packages.map(manifestOf).flatMap(({ name, exports }) =>
    Object.entries(exports)
      .filter(([key, target]) => typeof target !== 'string' && !STARTED.test(key))
      .map(([key]) => name + key.slice(1)),
  );
  expect(names.length).toBeGreaterThanOrEqual(packages.length);
  const out = node(
    `const empty = [];
     for (const name of ${JSON.stringify(names)})
       if (Object.keys(await import(name)).length === 0) empty.push(name);
     console.log(JSON.stringify(empty));`,
  );
  // Its types are all that it exports.
  expect(JSON.parse(out)).toEqual(['@nx-assets/runner/report-line']);
});

test('every executor that executors.json names loads from the build', () => {
  const { executors } = readJson(join(consumer, 'node_modules/nx-assets/executors.json')) as {
    executors: Record<string, Record<string, string>>;
  };
  const files = Object.values(executors).flatMap((executor) =>
    ['implementation', 'batchImplementation', 'hasher'].flatMap((key) => executor[key] ?? []),
  );
  expect(files.length).toBeGreaterThan(0);
  const out = node(
    `for (const file of ${JSON.stringify(files)}) {
       const loaded = await import(new URL('node_modules/nx-assets/' + file, import.meta.url));
       console.log(typeof loaded.default);
     }`,
  );
  expect(out.trim().split('\n')).toEqual(files.map(() => 'function'));
});
