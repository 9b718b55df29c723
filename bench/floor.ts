// The least that the large flow can cost: the same documents, queries and files through one DuckDB, by COPY alone.
// Nothing is checked, downloaded, hashed or recorded, and steps in JavaScript are left out.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AnyAsset, isSql } from '@nx-assets/core';
import { loadDefinitions } from '@nx-assets/engine/description';
import { columnsOf, DuckDb, duckdbType, literal, readTable, renderSql } from '@nx-assets/storage';

const [data = '.', root = process.cwd()] = process.argv.slice(2);
const groups = ['sources', 'transforms', 'analytics', 'exports', 'simple-assets'];
const sources = groups.map((name) => {
  const facts = { entry: 'src/index.ts', description: '', owner: null, reserved: [] };
  return { name, root: `packages/${name}`, ...facts };
});
const named = await loadDefinitions(root, sources);
const folder = join(root, 'floor');
mkdirSync(folder, { recursive: true });
const places = new Map<AnyAsset, string>();
const duckdb = new DuckDb({ memoryLimit: '512MB', spillTo: join(folder, 'spill') });
const connection = await duckdb.connect();

/** A table as a query takes it. */
function tableAt(definition: AnyAsset) {
  const columns = definition.output.type === 'table' ? columnsOf(definition.output.schema) : [];
  return { type: 'table', paths: [places.get(definition) ?? ''], columns } as const;
}

/** Deps first, as far as they are tables that a query or a document makes. */
async function make(definition: AnyAsset, name: string): Promise<void> {
  if (places.has(definition)) return;
  for (const [alias, dep] of Object.entries(definition.deps)) await make(dep, alias);
  const deps = Object.entries(definition.deps);
  if (deps.some(([, dep]) => !places.has(dep))) return;
  const target = join(folder, `${places.size}-${name}`);
  const inputs = Object.fromEntries(deps.map(([alias, dep]) => [alias, tableAt(dep)]));
  if (definition.kind === 'api' && definition.output.type === 'table') {
    const columns = columnsOf(definition.output.schema).map(
      (column) => `${literal(column.name)}: ${literal(duckdbType(column))}`,
    );
    const document = join(data, name.includes('post') ? 'posts.json' : 'users.json');
    const rows = `read_json(${literal(document)}, format='array', columns={${columns.join(', ')}})`;
    await connection.run(`COPY (SELECT * FROM ${rows}) TO ${literal(target)} (FORMAT parquet)`);
  } else if (definition.kind === 'csv') {
    const [input] = Object.values(inputs);
    const rows = `SELECT * FROM ${input === undefined ? '' : readTable(input)}`;
    await connection.run(`COPY (${rows}) TO ${literal(target)} (FORMAT csv)`);
  } else if (definition.kind === 'duckdb') {
    const query = await (definition.materialize as (inputs: unknown, context: object) => unknown)(inputs, {
      query: () => Promise.resolve([{}]),
    });
    if (!isSql(query)) return;
    const { text, values } = renderSql(query);
    await connection.run(`COPY (${text}) TO ${literal(target)} (FORMAT parquet)`, values);
  } else return;
  places.set(definition, target);
}

for (const { definition, key } of named) await make(definition, String(key).split('/')[1] ?? '');
process.stdout.write(`${places.size} files\n`);
await duckdb.close();
