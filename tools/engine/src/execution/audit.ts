import {
  type AnyAsset,
  AssetError,
  type AssetManifest,
  CHECKED,
  type CheckResult,
  type CheckScene,
  type Column,
  runChecks,
} from '@nx-assets/core';
import { type Connection, ParquetTable, renderSql } from '@nx-assets/storage';
import type { AssetRecord } from '@nx-assets/storage/records';
import { describeFacts } from '../facts.ts';

/** What checks look at, and what they may compare it with. */
export interface Audit {
  readonly manifest: Pick<AssetManifest, 'key'>;
  readonly definition: Pick<AnyAsset, 'checks' | 'deps' | 'checked' | 'preview'>;
  /** What was made, and is not yet in its place; `null` where the checks are on an input. */
  readonly made: { readonly value: unknown; readonly columns: readonly Column[] | null } | null;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly now: Date;
  readonly previous: AssetRecord | null;
  /** What a check saw in the last runs in which it passed, the newest first; `null` where nobody knows. */
  passedBefore(check: string, runs: number): Promise<readonly CheckResult['facts'][] | null>;
}

/** Runs the checks of an asset over its value, or over the asset that they are on. */
export function audit(order: Audit): Promise<CheckResult[]> {
  const { definition, connection, inputs, previous } = order;
  const { checks, checked, deps } = definition;
  return runChecks(checks, {
    value: checked ? inputs[CHECKED] : order.made?.value,
    signal: order.signal,
    now: order.now,
    preview: definition.preview && (!checked || deps[CHECKED]?.preview !== false),
    query: async <Row>(query: Parameters<CheckScene['query']>[0]) => {
      const { text, values } = renderSql(query);
      return (await connection.rows(text, values)) as Row[];
    },
    tableOf: (asset) => {
      const alias = Object.keys(deps).find((name) => (deps[name]?.mapped?.asset ?? deps[name]) === asset);
      const input = alias === undefined ? undefined : inputs[alias];
      return input instanceof ParquetTable ? input : undefined;
    },
    previousColumns: checked ? checkedColumns(previous) : (previous?.value.columns ?? null),
    passedBefore: async (check, runs) =>
      (await order.passedBefore(check, runs)) ?? previousFacts(previous, check),
  });
}

/** The columns that the checked asset had when it was checked last, as the record of the checks keeps them. */
const checkedColumns = (previous: AssetRecord | null): readonly Column[] | null =>
  (previous?.metadata.columns as unknown as readonly Column[] | undefined) ?? null;

function previousFacts(previous: AssetRecord | null, check: string): CheckResult['facts'][] {
  const found = previous?.checks.find(({ name, passed }) => name === check && passed);
  return found ? [found.facts] : [];
}

/** Rows of each failed check that the message shows; the result has more. */
const SHOWN = 3;

/** A value did not pass a check that stops it. */
export class CheckFailure extends AssetError {
  readonly key: string;
  readonly results: readonly CheckResult[];

  constructor(key: string, results: readonly CheckResult[]) {
    const failed = results.filter(({ passed, severity }) => !passed && severity === 'error');
    const lines = failed.flatMap(({ name, description, facts, rows }) => [
      `  ${name}: ${description} ${describeFacts(facts)}`.trimEnd(),
      ...rows.slice(0, SHOWN).map((row) => `    ${JSON.stringify(row)}`),
    ]);
    const count = `${failed.length} of ${results.length} check${results.length === 1 ? '' : 's'}`;
    super('CHECK_FAILED', `${key} did not pass ${count}:\n${lines.join('\n')}\n`);
    this.key = key;
    this.results = results;
  }
}

/** Throws `CHECK_FAILED` when a check of severity `error` did not pass. */
export function enforce(key: string, results: readonly CheckResult[]): void {
  if (results.some(({ passed, severity }) => !passed && severity === 'error')) {
    throw new CheckFailure(key, results);
  }
}
