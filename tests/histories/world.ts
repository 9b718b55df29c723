// A small part of a workspace, as data: a group, the code that its assets load in every way that Node has, and what they
// make of it. `renderWorld` writes it down as files. Numbers are as they were drawn, and are taken modulo what there is
// to choose from, so that each edit and each step of shrinking leaves a world that works.
import { posix } from 'node:path';

export const UNIT_KINDS = ['ts', 'cjs', 'json', 'worker', 'package', 'library'] as const;
export const SHAPES = ['document', 'table', 'sql', 'file', 'pair'] as const;
type UnitKind = (typeof UNIT_KINDS)[number];
type Shape = (typeof SHAPES)[number];

/** Something that loads a unit that comes before it. */
export interface Link {
  readonly to: number;
  readonly way: number;
  /** What a helper between the two says, if it says something. */
  readonly version: number;
}

/** A unit whose box another file changes as it loads. */
interface Setting {
  readonly to: number;
  readonly rate: number;
}

/** A file of code, or an installed package. */
export interface Unit {
  readonly kind: UnitKind;
  readonly version: number;
  readonly comment: number;
  /** Counts its renames, and its moves between two folders. */
  readonly name: number;
  readonly isMoved: boolean;
  readonly links: readonly Link[];
  readonly settings: readonly Setting[];
}

interface Dep {
  readonly to: number;
  /** Which of the things that a dependent gets it reads. */
  readonly reads: number;
}

export interface AssetSpec {
  readonly shape: Shape;
  readonly isPartitioned: boolean;
  readonly isIsolated: boolean;
  /** Its value is one of two, so that most changes end here. */
  readonly isCoarse: boolean;
  /** Declared in the same file as the asset before it. */
  readonly isTogether: boolean;
  readonly deps: readonly Dep[];
  readonly links: readonly Link[];
  readonly version: number;
  readonly comment: number;
  readonly name: number;
  /** Metadata, nullability, and the path of a file. */
  readonly unit: number;
  readonly nullable: boolean;
  readonly path: number;
}

export interface World {
  readonly units: readonly Unit[];
  readonly assets: readonly AssetSpec[];
  readonly isDaily: boolean;
  readonly partitions: number;
}

/** A file's content, or where a symbolic link points. */
export type Content = string | { readonly link: string };

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
  readonly deps: readonly string[];
  /** All that decides its value but the data of its deps. */
  readonly sees: string;
}

const WAYS: Readonly<Record<string, readonly string[]>> = {
  'ts ts': [
    'named',
    'namespace',
    'barrel',
    'star',
    'shadowed',
    'configured',
    'imports map',
    'symlink',
    'late',
    'for its effect',
    'typed',
  ],
  'ts cjs': ['named', 'require'],
  'ts json': ['attributes', 'require', 'read'],
  'ts worker': ['thread'],
  'ts package': ['named', 'late'],
  'ts library': ['named'],
  'cjs cjs': ['require'],
  'cjs json': ['require'],
  'cjs package': ['require'],
  'package package': ['named', 'peer'],
  'library package': ['named'],
  'library library': ['named'],
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What is written while a world is, with who loads what. */
class Writing {
  readonly files: Record<string, Content> = {};
  readonly packages: Record<string, string> = {};
  readonly imports: Record<string, string> = {};
  /** What a file loads; without files that only pass on, since what they pass on counts. */
  readonly loads = new Map<string, Set<string>>();
  /** Who changes the box of a file as it loads. */
  readonly setters = new Map<string, Set<string>>();

  readonly group: string;
  readonly world: World;

  constructor(group: string, world: World) {
    this.group = group;
    this.world = world;
  }

  get src(): string {
    return `packages/${this.group}/src`;
  }

  load(from: string, to: string): void {
    this.loads.set(from, (this.loads.get(from) ?? new Set()).add(to));
  }

  set(from: string, to: string): void {
    this.load(from, to);
    this.setters.set(to, (this.setters.get(to) ?? new Set()).add(from));
  }

  /** The name that a package of this world is installed under. */
  packageOf(index: number): string {
    const unit = this.world.units[index];
    return unit?.kind === 'library' ? `@test/${this.group}-u${index}` : `${this.group}-u${index}`;
  }

  pathOf(index: number): string {
    const unit = this.world.units[index] as Unit;
    const name = unit.name === 0 ? `u${index}` : `u${index}_${unit.name}`;
    switch (unit.kind) {
      case 'package':
        return `node_modules/${this.packageOf(index)}/i.js`;
      case 'library':
        return `packages/${this.group}-u${index}/src/${unit.name % 2 === 0 ? 'even' : 'odd'}.ts`;
      default: {
        const extension = unit.kind === 'worker' ? 'mjs' : unit.kind;
        return `${this.src}/${unit.isMoved ? 'moved/' : ''}${name}.${extension}`;
      }
    }
  }
}

interface LinkText {
  readonly imports: readonly string[];
  /** An expression, to be awaited. */
  readonly value: string;
}

const specifier = (from: string, to: string): string => {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
};

/** Does anything that is loaded with a unit change a box? Then its order of loading must be fixed. */
function hasSettings(world: World, index: number): boolean {
  const unit = world.units[index];
  if (unit === undefined || index === 0) return false;
  return (
    unit.settings.length > 0 ||
    unit.links.some(({ to, way }) => {
      const name = wayOf(unit.kind, (world.units[to % index] as Unit).kind, way);
      return name === 'configured' || name === 'barrel' || hasSettings(world, to % index);
    })
  );
}

function wayOf(from: UnitKind, to: UnitKind, way: number): string | undefined {
  const ways = WAYS[`${from} ${to}`];
  return ways?.[way % ways.length];
}

/**
 * Writes what a file needs to load a unit, and the helpers between them.
 *
 * @param index how many units there are to load from: those before it
 */
function link(writing: Writing, from: string, kind: UnitKind, index: number, at: number, it: Link) {
  const { world, src } = writing;
  if (index === 0) return undefined;
  const to = it.to % index;
  const unit = world.units[to] as Unit;
  let way = wayOf(kind, unit.kind, it.way);
  if (way === undefined) return undefined;
  if (way === 'late' && hasSettings(world, to)) way = 'named';
  const path = writing.pathOf(to);
  const name = `${posix.basename(from).replace(/\..*$/, '')}_${at}`;
  const isPackage = unit.kind === 'package' || unit.kind === 'library';
  const word = isPackage ? writing.packageOf(to) : specifier(from, path);
  const helper = `${src}/via_${name}.ts`;
  const pass = specifier(helper, path);
  const through = (content: Content): LinkText => {
    writing.files[helper] = content;
    return {
      imports: [`import { value as ${name} } from '${specifier(from, helper)}';`],
      value: `${name}()`,
    };
  };
  if (way !== 'barrel' && way !== 'shadowed' && way !== 'configured') writing.load(from, path);
  switch (way) {
    case 'namespace':
      return { imports: [`import * as ${name} from '${word}';`], value: `${name}.value()` };
    case 'barrel': {
      const others = world.units.flatMap((other, i) => (other.kind === 'ts' && i < index ? [i] : []));
      writing.load(from, path);
      writing.files[helper] =
        `// All of them, ${it.version}.\n` +
        others
          .map((i) => `export { value as u${i} } from '${specifier(helper, writing.pathOf(i))}';\n`)
          .join('');
      return {
        imports: [`import { u${to} as ${name} } from '${specifier(from, helper)}';`],
        value: `${name}()`,
      };
    }
    case 'star':
      return through(`export * from '${pass}';\n`);
    case 'shadowed':
      writing.load(from, helper);
      writing.load(helper, path);
      return through(`export * from '${pass}';\nexport const value = async () => 'instead ${it.version}';\n`);
    case 'configured':
      writing.load(from, helper);
      writing.set(helper, path);
      return through(
        `// @ts-nocheck\nimport { box, value } from '${pass}';\nbox.rate = ${it.version};\nexport { value };\n`,
      );
    case 'imports map':
      writing.imports[`#${name}`] = specifier(`packages/${writing.group}/package.json`, path);
      return { imports: [`import { value as ${name} } from '#${name}';`], value: `${name}()` };
    case 'symlink':
      return through({ link: pass });
    case 'late':
      return { imports: [], value: `(await import('${word}')).value()` };
    case 'for its effect':
      return { imports: [`import '${word}';`], value: `'for its effect'` };
    case 'typed':
      return { imports: [`import { type Kind as ${name} } from '${word}';`], value: `'typed'` };
    case 'attributes':
      return {
        imports: [`import ${name} from '${word}' with { type: 'json' };`],
        value: `JSON.stringify(${name})`,
      };
    case 'require':
      if (kind === 'cjs')
        return {
          imports: [`const ${name} = require('${word}');`],
          value: unit.kind === 'json' ? `JSON.stringify(${name})` : `${name}.value()`,
        };
      return {
        imports: [`import { createRequire } from 'node:module';`],
        value:
          unit.kind === 'json'
            ? `JSON.stringify(createRequire(import.meta.url)('${word}'))`
            : `createRequire(import.meta.url)('${word}').value()`,
      };
    case 'read':
      return {
        imports: [`import * as ${name} from 'node:fs';`],
        value: `${name}.readFileSync(new URL('${word}', import.meta.url), 'utf8')`,
      };
    case 'thread':
      return {
        imports: [`import { Worker } from 'node:worker_threads';`],
        value: `new Promise((resolve) => new Worker(new URL('${word}', import.meta.url)).on('message', resolve))`,
      };
    default: {
      if (unit.kind === 'cjs')
        return { imports: [`import ${name} from '${word}';`], value: `${name}.value()` };
      return { imports: [`import { value as ${name} } from '${word}';`], value: `${name}()` };
    }
  }
}

function writeUnit(writing: Writing, index: number): void {
  const unit = writing.world.units[index] as Unit;
  const path = writing.pathOf(index);
  const texts = unit.links.flatMap((it, at) => {
    const text: LinkText | undefined = link(writing, path, unit.kind, index, at, it);
    return text === undefined ? [] : [text];
  });
  const label = `u${index} ${unit.version}`;
  const parts = texts.map(({ value }) => `await ${value}`);
  const head = [...new Set(texts.flatMap(({ imports }) => imports))];
  const comment = `// ${unit.comment} ${'edit'.repeat(unit.comment % 3)}`;
  switch (unit.kind) {
    case 'json':
      writing.files[path] = json({ label, comment: unit.comment });
      return;
    case 'worker':
      writing.files[path] =
        `${comment}\nimport { parentPort } from 'node:worker_threads';\nparentPort.postMessage('${label}');\n`;
      return;
    case 'cjs':
      writing.files[path] = lines(
        comment,
        ...head,
        `module.exports.value = async () => ['${label}', ${parts.join(', ')}].join(' ');`,
      );
      return;
    case 'package': {
      const loaded = unit.links.flatMap(({ to, way }) => {
        const target = writing.world.units[to % Math.max(1, index)];
        const name = index === 0 || target === undefined ? undefined : wayOf('package', target.kind, way);
        return name === undefined ? [] : [[writing.packageOf(to % index), name] as const];
      });
      const ofWay = (way: string) =>
        Object.fromEntries(loaded.filter(([, name]) => name === way).map(([name]) => [name, '*']));
      writing.files[posix.join(posix.dirname(path), 'package.json')] = json({
        // By another name than it is installed under, as `npm install x@npm:y` does.
        name: unit.isMoved ? `${writing.group}-real-${index}` : writing.packageOf(index),
        version: `${unit.version}.${unit.name}.${unit.comment}`,
        type: 'module',
        exports: './i.js',
        dependencies: ofWay('named'),
        peerDependencies: ofWay('peer'),
      });
      writing.load(path, posix.join(posix.dirname(path), 'package.json'));
      break;
    }
    case 'library': {
      const folder = `packages/${writing.group}-u${index}`;
      writing.packages[writing.packageOf(index)] = folder;
      writing.files[`${folder}/package.json`] = json({
        name: writing.packageOf(index),
        type: 'module',
        exports: specifier(`${folder}/package.json`, path),
      });
      const other = `${folder}/src/${unit.name % 2 === 0 ? 'odd' : 'even'}.ts`;
      writing.files[other] = `export const value = async () => 'the other';\n`;
      break;
    }
    default:
  }
  const isScript = unit.kind === 'package';
  const settings = unit.kind === 'ts' ? settingsOf(writing, path, index) : [];
  writing.files[path] = lines(
    isScript ? comment : `// @ts-nocheck\n${comment}`,
    ...head,
    ...settings.map(({ statement }) => statement),
    'export const box = { rate: 0 };',
    ...(isScript ? [] : ['export interface Kind { readonly a: 1 }']),
    ...settings.map(({ effect }) => effect),
    `export const value = async () => ['${label}/' + box.rate, ${parts.join(', ')}].join(' ');`,
  );
}

function settingsOf(writing: Writing, path: string, index: number) {
  return (writing.world.units[index] as Unit).settings.flatMap(({ to, rate }, at) => {
    const target = index === 0 ? undefined : writing.world.units[to % index];
    if (target?.kind !== 'ts') return [];
    const other = writing.pathOf(to % index);
    writing.set(path, other);
    return [
      {
        statement: `import { box as box${at} } from '${specifier(path, other)}';`,
        effect: `box${at}.rate = ${rate};`,
      },
    ];
  });
}

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;

const nameOf = (spec: AssetSpec, index: number): string =>
  spec.name === 0 ? `a${index}` : `a${index}_${spec.name}`;

/** The names that an asset exports. */
const exportsOf = (spec: AssetSpec, index: number): readonly string[] =>
  spec.shape === 'pair' ? [`${nameOf(spec, index)}x`, `${nameOf(spec, index)}y`] : [nameOf(spec, index)];

const isPartitioned = (spec: AssetSpec): boolean =>
  spec.isPartitioned && spec.shape !== 'file' && spec.shape !== 'pair';

interface DepText {
  readonly index: number;
  readonly name: string;
  /** An expression of what it reads. */
  readonly value: string;
  readonly isTable: boolean;
  /** More than its data is used: its code counts too. */
  readonly usesDefinition: boolean;
}

/** How an asset reads the deps that it has, each once. */
function depsOf(world: World, index: number): readonly DepText[] {
  const spec = world.assets[index] as AssetSpec;
  const found = new Map<number, DepText>();
  for (const { to, reads } of spec.deps) {
    if (index === 0) break;
    const at = to % index;
    const other = world.assets[at] as AssetSpec;
    const names = exportsOf(other, at);
    const name = names[reads % names.length] as string;
    const isTable = other.shape === 'table' || other.shape === 'sql' || name.endsWith('y');
    const usesDefinition = reads % 5 === 4;
    const read = (() => {
      if (isTable)
        return ['short(await #.rows())', '#.rowCount', 'short(#.columns)', 'short(await #.rows())'];
      if (other.shape === 'file')
        return ["short(readFileSync(#.path, 'utf8'))", '#.workspacePath', '#.rowCount', '#.bytes'];
      return [isPartitioned(other) ? 'short([...#].sort())' : 'short(#)'];
    })();
    const expression = usesDefinition
      ? `${name}.metadata.unit`
      : (read[reads % read.length] as string).replace('#', `inputs.${name}`);
    found.set(at, { index: at, name, value: expression, isTable, usesDefinition });
  }
  return [...found.values()];
}

/** The file that declares an asset. */
function fileOf(writing: Writing, index: number): string {
  const { assets } = writing.world;
  let first = index;
  while (first > 0 && assets[first]?.isTogether) first--;
  return `${writing.src}/${nameOf(assets[first] as AssetSpec, first)}.ts`;
}

function assetText(writing: Writing, index: number, deps: readonly DepText[]) {
  const { world } = writing;
  const spec = world.assets[index] as AssetSpec;
  const path = fileOf(writing, index);
  const name = nameOf(spec, index);
  const texts = spec.links.flatMap((it, at) => {
    const text: LinkText | undefined = link(writing, path, 'ts', world.units.length, index * 10 + at, it);
    return text === undefined ? [] : [text];
  });
  const partition = isPartitioned(spec);
  const parts = [
    `'${index} ${spec.version}'`,
    ...texts.map(({ value }) => `await ${value}`),
    ...deps.map(({ value }) => value),
    ...(partition ? ['context.partition.key'] : []),
  ];
  const text = `${spec.isCoarse ? 'coarse' : 'short'}([${parts.join(', ')}])`;
  const row = `z.object({ t: z.string()${spec.nullable ? '.nullable()' : ''}, n: z.int() })`;
  const folder = spec.path === 0 ? '' : `${spec.path}/`;
  const options = [
    `description: '${name}'`,
    `metadata: { unit: '${spec.unit}' }`,
    `deps: { ${deps.map((dep) => dep.name).join(', ')} }`,
    ...(partition ? ['partitions'] : []),
    ...(spec.isIsolated && spec.shape !== 'pair' ? ['isolated: true'] : []),
  ];
  const table = deps.find(({ isTable }) => isTable);
  const body = (() => {
    switch (spec.shape) {
      case 'document':
        return [`value: z.any()`, `materialize: async (inputs, context) => ({ text: ${text} })`];
      case 'table':
        return [
          `schema: ${row}`,
          `materialize: async (inputs, context) => [{ t: ${text}, n: ${spec.version % 3} }]`,
        ];
      case 'sql': {
        const count = table === undefined ? '1' : `(SELECT count(*) FROM \${inputs.${table.name}})`;
        return [
          `schema: ${row}`,
          `materialize: async (inputs, context) => sql\`SELECT \${${text}} AS t, ${count} AS n\``,
        ];
      }
      case 'file':
        return [
          `file: '${writing.group}/files/${folder}${name}.txt'`,
          `materialize: async (inputs, context) => { writeFileSync(context.file, ${text}); context.metadata({ rows: ${spec.version % 3} }); }`,
        ];
      default:
        return [
          `outputs: { ${name}x: { value: z.any(), metadata: { unit: '${spec.unit}' } }, ${name}y: { schema: ${row}, metadata: { unit: '${spec.unit}' } } }`,
          `materialize: async (inputs, context) => { const text = ${text}; return { ${name}x: text, ${name}y: [{ t: text, n: ${spec.version % 3} }] }; }`,
        ];
    }
  })();
  const names = exportsOf(spec, index);
  const left = spec.shape === 'pair' ? `{ ${names.join(', ')} }` : name;
  const all = spec.shape === 'pair' ? options.filter((option) => !option.startsWith('metadata')) : options;
  return {
    imports: texts.flatMap(({ imports }) => imports),
    comment: `// ${spec.comment}`,
    declaration: `export const ${left} = ${spec.shape === 'pair' ? 'multiAsset' : 'asset'}({ ${[...all, ...body].join(', ')} });`,
    names,
  };
}

const HEAD = `import { asset, daily, multiAsset, sql, staticPartitions } from '@nx-assets/core';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';`;
const TOOLS = `const short = (value) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);
const coarse = (value) => (short(value) < '8' ? 'low' : 'high');`;

/** All files of a world, for a group of that name. */
export function renderWorld(group: string, world: World): Rendered {
  const writing = new Writing(group, world);
  for (const index of world.units.keys()) writeUnit(writing, index);

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
