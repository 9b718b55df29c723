import { readFileSync } from 'node:fs';
import {
  type AnyAsset,
  AssetError,
  type AssetManifest,
  type CheckResult,
  type CheckScene,
  runChecks,
} from '@nx-assets/core';
import { type Connection, ParquetTable, renderSql, type Written } from '@nx-assets/storage';
import type { AssetRecord } from '@nx-assets/storage/records';
import { describeFacts } from './facts.ts';

/** A value that is made and not yet in its place, and what its checks may compare it with. */
export interface Audit {
  readonly manifest: AssetManifest;
  readonly definition: AnyAsset;
  /** Absolute path of the value. */
  readonly path: string;
  readonly written: Pick<Written, 'dataVersion' | 'bytes' | 'rowCount' | 'columns'>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly now: Date;
  readonly previous: AssetRecord | null;
  /** Row counts of the last materializations, the newest first. */
  rowCounts(runs: number): Promise<readonly number[]>;
}

/** Runs the checks of an asset over its value. */
export function audit(order: Audit): Promise<CheckResult[]> {
  const { definition, connection, inputs } = order;
  return runChecks(definition.checks, {
    value: valueOf(order),
    signal: order.signal,
    now: order.now,
    preview: definition.preview,
    query: async <Row>(query: Parameters<CheckScene['query']>[0]) => {
      const { text, values } = renderSql(query);
      return (await connection.rows(text, values)) as Row[];
    },
    tableOf: (asset) => {
      const alias = Object.keys(definition.deps).find((name) => definition.deps[name] === asset);
      const input = alias === undefined ? undefined : inputs[alias];
      return input instanceof ParquetTable ? input : undefined;
    },
    previousColumns: order.previous?.value.columns ?? null,
    rowCounts: (runs) => order.rowCounts(runs),
  });
}

function valueOf({ manifest, path, written, connection }: Audit): unknown {
  const { key, output } = manifest;
  const { dataVersion, bytes, rowCount, columns } = written;
  switch (output.type) {
    case 'table':
      return new ParquetTable(
        { key, path, dataVersion, rowCount: rowCount ?? 0, columns: columns ?? output.columns },
        connection,
      );
    case 'json':
      return JSON.parse(readFileSync(path, 'utf8')) as unknown;
    case 'file':
      return { type: 'file', key, path, workspacePath: output.path, bytes, rowCount, dataVersion };
  }
}

/** Rows of each failed check that the message shows; the result has more. */
const SHOWN = 3;

/** A value did not pass a check that stops it. */
export class CheckFailure extends AssetError {
  readonly results: readonly CheckResult[];

  constructor(key: string, results: readonly CheckResult[]) {
    const failed = results.filter(({ passed, severity }) => !passed && severity === 'error');
    const lines = failed.flatMap(({ name, description, facts, rows }) => [
      `  ${name}: ${description} ${describeFacts(facts)}`.trimEnd(),
      ...rows.slice(0, SHOWN).map((row) => `    ${JSON.stringify(row)}`),
    ]);
    const count = `${failed.length} of ${results.length} check${results.length === 1 ? '' : 's'}`;
    super('CHECK_FAILED', `${key} did not pass ${count}:\n${lines.join('\n')}\n`);
    this.results = results;
  }
}

/** Throws `CHECK_FAILED` when a check of severity `error` did not pass. */
export function enforce(key: string, results: readonly CheckResult[]): void {
  if (results.some(({ passed, severity }) => !passed && severity === 'error')) {
    throw new CheckFailure(key, results);
  }
}
