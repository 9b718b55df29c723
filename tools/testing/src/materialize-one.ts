import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AnyAsset,
  assetKey,
  type AssetManifest,
  type Context,
  type FileValue,
  type RowOf,
  type Table,
  type ValueOf,
} from '@nx-assets/core';
import { runStep, type Workshop } from '@nx-assets/engine/execution';
import { columnsOf, DuckDb } from '@nx-assets/storage';
import { type AssetRecord, hashText } from '@nx-assets/storage/records';

/** A file for a file dep: its text, and how many rows it is said to hold. */
export interface FileLiteral {
  readonly text: string;
  readonly rows?: number;
  /** From the workspace root. */
  readonly path?: string;
}

/** What a test hands over for a dep: rows for a table, the value for JSON, a text for a file. */
export type LiteralOf<A> =
  ValueOf<A> extends Table<infer Row>
    ? readonly Row[]
    : ValueOf<A> extends FileValue
      ? FileLiteral
      : ValueOf<A>;

export interface MaterializeOneOptions<A extends AnyAsset> {
  readonly inputs?: { readonly [K in keyof A['deps']]: LiteralOf<A['deps'][K]> };
  /** Clients in place of those that the asset's resources would open. */
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** What came out: rows of a table, the value of a JSON document, the text of a file. */
export type Materialized<A> = {
  readonly record: AssetRecord;
  readonly logs: readonly string[];
} & (ValueOf<A> extends Table<unknown>
  ? { readonly rows: readonly RowOf<A>[] }
  : ValueOf<A> extends FileValue
    ? { readonly text: string; readonly bytes: Buffer; readonly path: string }
    : { readonly value: ValueOf<A> });

/**
 * Materializes one asset alone, with literals for what it depends on, through the same step as a real run:
 * schema checks, Parquet and records included. Works in a temporary folder that is gone afterwards.
 * Rejects with what the step rejects with.
 */
export async function materializeOne<A extends AnyAsset>(
  definition: A,
  options: MaterializeOneOptions<A> = {},
): Promise<Materialized<A>> {
  const root = mkdtempSync(join(tmpdir(), 'materialize-one-'));
  const duckdb = new DuckDb({ memoryLimit: '512MB', spillTo: join(root, 'spill') });
  const logs: string[] = [];
  const workshop: Workshop = {
    root,
    runId: 'test',
    duckdb,
    env: options.env ?? {},
    signal: new AbortController().signal,
    now: () => new Date(),
    versions: {},
  };
  const log = (message: string) => void logs.push(message);
  const step = (name: string, asset: AnyAsset, inputs: Record<string, AssetRecord>, clients = {}) =>
    runStep(
      {
        manifest: manifestOf(name, asset),
        definition: asset,
        actionKey: hashText(name),
        ingredients: { inputs: {}, env: {}, observedAt: null },
        inputs,
        log: { debug: log, info: log, warn: log },
        announce: log,
        clients,
      },
      workshop,
    );
  try {
    const inputs: Record<string, AssetRecord> = {};
    const literals = (options.inputs ?? {}) as Readonly<Record<string, unknown>>;
    for (const [alias, dep] of Object.entries(definition.deps)) {
      inputs[alias] = await step(`input_${alias}`, asLiteral(dep, literals[alias]), {});
    }
    const record = await step('asset', definition, inputs, options.resources);
    return { record, logs, ...(await read(root, definition, record, duckdb)) } as unknown as Materialized<A>;
  } finally {
    await duckdb.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** The dep with its function replaced by one that gives the literal. */
function asLiteral(dep: AnyAsset, literal: unknown): AnyAsset {
  const materialize = (_inputs: never, context: Context): unknown => {
    if (dep.output.type !== 'file') return literal;
    const { text, rows } = literal as FileLiteral;
    writeFileSync(context.file, text);
    if (rows !== undefined) context.metadata({ rows });
    return undefined;
  };
  return { ...dep, deps: {}, resources: {}, checks: [], materialize: materialize as AnyAsset['materialize'] };
}

function manifestOf(name: string, { description, kind, output, preview, control }: AnyAsset): AssetManifest {
  const empty = { version: '', file: '', files: {}, packages: {}, definition: '', runtime: '' };
  return {
    key: assetKey('test', name),
    description,
    kind,
    deps: {},
    output:
      output.type === 'table'
        ? { type: 'table', columns: columnsOf(output.schema), path: '' }
        : output.type === 'json'
          ? { type: 'json', path: '' }
          : output,
    owners: [],
    tags: [],
    metadata: {},
    env: [],
    freshness: null,
    secrets: [],
    isExternal: false,
    checked: null,
    gates: [],
    preview,
    checks: [],
    control,
    code: empty,
  };
}

async function read(
  root: string,
  definition: AnyAsset,
  record: AssetRecord,
  duckdb: DuckDb,
): Promise<object> {
  const path = join(root, record.value.path);
  if (definition.output.type === 'file') {
    const bytes = readFileSync(path);
    return { text: bytes.toString('utf8'), bytes, path: record.value.path };
  }
  if (definition.output.type === 'json') return { value: JSON.parse(readFileSync(path, 'utf8')) as unknown };
  const connection = await duckdb.connect();
  try {
    return { rows: await connection.rows(`SELECT * FROM read_parquet('${path}')`) };
  } finally {
    connection.close();
  }
}
