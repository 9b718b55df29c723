import { link, type LinkText } from './links.ts';
import type { AssetSpec, World } from './world.ts';
import type { Writing } from './writing.ts';

const nameOf = (spec: AssetSpec, index: number): string =>
  spec.name === 0 ? `a${index}` : `a${index}_${spec.name}`;

/** The names that an asset exports. */
const exportsOf = (spec: AssetSpec, index: number): readonly string[] =>
  spec.shape === 'pair' ? [`${nameOf(spec, index)}x`, `${nameOf(spec, index)}y`] : [nameOf(spec, index)];

export const isPartitioned = (spec: AssetSpec): boolean =>
  spec.isPartitioned && spec.shape !== 'file' && spec.shape !== 'pair';

export interface DepText {
  readonly index: number;
  readonly name: string;
  /** An expression of what it reads. */
  readonly value: string;
  readonly isTable: boolean;
  /** More than its data is used: its code counts too. */
  readonly usesDefinition: boolean;
}

/** How an asset reads the deps that it has, each once. */
export function depsOf(world: World, index: number): readonly DepText[] {
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
export function fileOf(writing: Writing, index: number): string {
  const { assets } = writing.world;
  let first = index;
  while (first > 0 && assets[first]?.isTogether) first--;
  return `${writing.src}/${nameOf(assets[first] as AssetSpec, first)}.ts`;
}

export function assetText(writing: Writing, index: number, deps: readonly DepText[]) {
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
