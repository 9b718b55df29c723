import { posix } from 'node:path';
import { link, type LinkText, wayOf } from './links.ts';
import type { Unit } from './world.ts';
import { json, lines, specifier, type Writing } from './writing.ts';

export function writeUnit(writing: Writing, index: number): void {
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
