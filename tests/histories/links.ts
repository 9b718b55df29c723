import { posix } from 'node:path';
import type { Link, Unit, UnitKind, World } from './world.ts';
import { type Content, specifier, type Writing } from './writing.ts';

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

export interface LinkText {
  readonly imports: readonly string[];
  /** An expression, to be awaited. */
  readonly value: string;
}

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

export function wayOf(from: UnitKind, to: UnitKind, way: number): string | undefined {
  const ways = WAYS[`${from} ${to}`];
  return ways?.[way % ways.length];
}

/**
 * Writes what a file needs to load a unit, and the helpers between them.
 *
 * @param index how many units there are to load from: those before it
 */
export function link(writing: Writing, from: string, kind: UnitKind, index: number, at: number, it: Link) {
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
