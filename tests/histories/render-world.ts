import { posix } from 'node:path';
import { assetText, depsOf, fileOf, hasPolicy, isPartitioned } from './assets.ts';
import { writeUnit } from './units.ts';
import type { AssetSpec, World } from './world.ts';
import { type Content, json, lines, specifier, Writing } from './writing.ts';

export interface Rendered {
  /** By workspace path. */
  readonly files: Readonly<Record<string, Content>>;
  /** Package names of folders of the workspace. */
  readonly packages: Readonly<Record<string, string>>;
  readonly assets: readonly RenderedAsset[];
}

interface RenderedAsset {
  readonly keys: readonly string[];
  readonly isPartitioned: boolean;
  /** When it was asked for counts, too. */
  readonly hasPolicy: boolean;
  readonly deps: readonly string[];
  /** All that decides its value but the data of its deps. */
  readonly sees: string;
}

const HEAD = `import { asset, daily, multiAsset, previous, sql, staticPartitions } from '@nx-assets/core';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';`;
const TOOLS = `const short = (value) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);
const coarse = (value) => (short(value) < '8' ? 'low' : 'high');`;

/** All files of a world, for a group of that name. */
export function renderWorld(group: string, world: World): Rendered {
  const writing = new Writing(group, world);
  for (const index of world.units.keys()) writeUnit(writing, index);
  for (const [index, held] of world.data.entries()) writing.files[writing.dataPath(index)] = `${held}\n`;

  const partitions = `${writing.src}/partitions.ts`;
  writing.files[partitions] = lines(
    '// @ts-nocheck',
    `import { daily, staticPartitions } from '@nx-assets/core';`,
    world.isDaily
      ? `export const partitions = daily({ start: '2026-03-01', end: '2026-03-0${2 + (world.partitions % 4)}' });`
      : `export const partitions = staticPartitions([${Array.from({ length: 1 + (world.partitions % 4) }, (_, i) => `'p${i}'`).join(', ')}]);`,
  );

  const texts = world.assets.map((_, index) => {
    const deps = depsOf(world, index);
    return { path: fileOf(writing, index), deps, ...assetText(writing, index, deps) };
  });
  const ofFile = Map.groupBy(texts, ({ path }) => path);
  for (const [path, declared] of ofFile) {
    const imports = declared.flatMap(({ imports: all, deps }) => [
      ...all,
      ...deps.flatMap(({ index, name }) => {
        const other = fileOf(writing, index);
        return other === path ? [] : [`import { ${name} } from '${specifier(path, other)}';`];
      }),
    ]);
    writing.load(path, partitions);
    writing.files[path] = lines(
      '// @ts-nocheck',
      HEAD,
      `import { partitions } from './partitions.ts';`,
      ...new Set(imports),
      TOOLS,
      ...declared.flatMap(({ comment, declaration }) => [comment, declaration]),
    );
  }
  writing.files[`${writing.src}/index.ts`] = lines(
    ...texts.map(({ path, names }) => `export { ${names.join(', ')} } from './${posix.basename(path)}';`),
  );
  writing.files[`packages/${group}/package.json`] = json({
    name: `@test/${group}`,
    type: 'module',
    exports: { '.': './src/index.ts' },
    imports: writing.imports,
    nx: { name: group },
    'nx-assets': { entry: './src/index.ts', owner: '@test/team', description: `The ${group}.` },
  });
  return {
    files: writing.files,
    packages: writing.packages,
    assets: texts.map(({ path, deps, names }, index) => ({
      keys: names.map((name) => `${group}/${name}`),
      isPartitioned: isPartitioned(world.assets[index] as AssetSpec),
      hasPolicy: hasPolicy(world.assets[index] as AssetSpec, deps),
      deps: deps.map(({ name }) => `${group}/${name}`),
      sees: seen(writing, [
        path,
        ...deps.flatMap((dep) => (dep.usesDefinition ? [fileOf(writing, dep.index)] : [])),
      ]),
    })),
  };
}

/** The content of all files that some files load, and of those that change what these share. */
function seen(writing: Writing, from: readonly string[]): string {
  const todo = [...from];
  const done = new Set<string>();
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (done.has(path)) continue;
    done.add(path);
    todo.push(...(writing.loads.get(path) ?? []), ...(writing.setters.get(path) ?? []));
  }
  return JSON.stringify([...done].sort().map((path) => [path, writing.files[path]]));
}
