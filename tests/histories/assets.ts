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

export const hasPolicy = (spec: AssetSpec, deps: readonly DepText[]): boolean =>
  spec.hasPolicy && deps.length === 0 && !spec.isPartitioned;

const hasPrevious = (spec: AssetSpec): boolean =>
  spec.hasPrevious && isPartitioned(spec) && spec.shape === 'document';

/** What an asset declares of the files that it opens, and how it opens them. */
function opened(writing: Writing, path: string, { opens }: AssetSpec) {
  const { data } = writing.world;
  if (opens === null || data.length === 0) return null;
  const all = data.map((_, index) => writing.dataPath(index));
  const chosen = opens === 'all' ? all : [all[opens % all.length] as string];
  for (const one of chosen) writing.load(path, one);
  const folder = `packages/${writing.group}/data`;
  if (opens !== 'all')
    return {
      option: `reads: ['{workspaceRoot}/${chosen[0]}']`,
      value: `readFileSync(context.root + '/${chosen[0]}', 'utf8')`,
    };
  const file = `context.root + '/${folder}/' + name`;
  return {
    option: `reads: ['data/*.txt']`,
    value: `readdirSync(context.root + '/${folder}').sort().map((name) => readFileSync(${file}, 'utf8')).join()`,
  };
}

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
  const open = opened(writing, path, spec);
  const parts = [
    `'${index} ${spec.version}'`,
    ...texts.map(({ value }) => `await ${value}`),
    ...deps.map(({ value }) => value),
    ...(partition ? ['context.partition.key'] : []),
    ...(hasPrevious(spec) ? ['short(inputs.before ?? null)'] : []),
    ...(open === null ? [] : [open.value]),
  ];
  const text = `${spec.isCoarse ? 'coarse' : 'short'}([${parts.join(', ')}])`;
  const row = `z.object({ t: z.string()${spec.nullable ? '.nullable()' : ''}, n: z.int() })`;
  const folder = spec.path === 0 ? '' : `${spec.path}/`;
  const options = [
    `description: '${name}'`,
    `metadata: { unit: '${spec.unit}' }`,
    `deps: { ${[...deps.map((dep) => dep.name), ...(hasPrevious(spec) ? ['before: previous()'] : [])].join(', ')} }`,
    ...(open === null ? [] : [open.option]),
    ...(hasPolicy(spec, deps) ? [`freshness: { maxAge: '1d' }`] : []),
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
