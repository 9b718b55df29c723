import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsup';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Manifest = Record<string, Json>;

/** What only the workspace needs: targets, sources, tools. A consumer sees none of it. */
const DEVELOPMENT_ONLY = ['nx', 'devDependencies', 'scripts', 'private'];

/** What is published runs on the Node that it is tested with; in this workspace that one comes along. */
const ENGINES = { node: '>=24' };

const readJson = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest;
const writeJson = (path: string, value: Json) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

/** Rewrites every `./src/x.ts` inside a JSON value to the built `./x.js`. */
function toBuilt(value: Json): Json {
  if (typeof value === 'string') return value.replace(/^\.\/src\/(.+)\.ts$/, './$1.js');
  if (Array.isArray(value)) return value.map(toBuilt);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toBuilt(inner)]));
}

function publishedExport(target: Json): Json {
  if (typeof target !== 'string' || !target.endsWith('.ts')) return target;
  const built = toBuilt(target) as string;
  return { types: built.replace(/\.js$/, '.d.ts'), default: built };
}

/** The manifest of the published package: the development one, pointing at what was built beside it. */
function publishManifest(manifest: Manifest): Manifest {
  const kept = Object.fromEntries(
    Object.entries(manifest).filter(([key]) => !DEVELOPMENT_ONLY.includes(key)),
  );
  const exports = Object.entries(manifest['exports'] as Manifest);
  return {
    ...(toBuilt(kept) as Manifest),
    engines: ENGINES,
    exports: Object.fromEntries(exports.map(([path, target]) => [path, publishedExport(target)])),
  };
}

/** JSON at the package root that the package points Nx or its readers at: executors, generators, schemas. */
function copyJson(from: string, to: string) {
  for (const file of readdirSync(from)) {
    if (!file.endsWith('.json') || file === 'package.json' || file.startsWith('tsconfig')) continue;
    writeJson(join(to, file), toBuilt(readJson(join(from, file))));
  }
  if (existsSync(join(from, 'schemas')))
    cpSync(join(from, 'schemas'), join(to, 'schemas'), { recursive: true });
}

/** What is built on its own: every source that package.json (exports, bin) and executors.json name. */
function entries(manifest: Manifest): Record<string, string> {
  const executors = existsSync('executors.json') ? readJson('executors.json') : {};
  const named = JSON.stringify([manifest['exports'], manifest['bin'] ?? {}, executors]);
  const paths = [...named.matchAll(/"(?:\.\/)?src\/(.+?)\.ts"/g)].map(([, path]) => path ?? '');
  return Object.fromEntries(paths.map((path) => [path, `src/${path}.ts`]));
}

/** The one build of every package: `dist/` is the package as published, with its own package.json. */
export default defineConfig(() => {
  const manifest = readJson('package.json');
  return {
    entry: entries(manifest),
    format: 'esm',
    target: 'node24',
    platform: 'node',
    // Some modules exist only under their node: name.
    removeNodeProtocol: false,
    dts: true,
    clean: true,
    silent: true,
    onSuccess: async () => {
      writeJson('dist/package.json', publishManifest(manifest));
      copyJson('.', 'dist');
    },
  };
});
