import { join } from 'node:path';
import { AssetError, type DataVersion, identifier, sql, type Sql, type Table } from '@nx-assets/core';
import { renderSql, type StepInput, valueAt, writeValue } from '@nx-assets/storage';
import { hashText } from '@nx-assets/storage/records';
import type { StepPart } from './step-environment.ts';
import type { StepScope } from './step-scope.ts';

/** The rows of a ranged step by partition. Throws `PARTITION_COLUMN` for rows of partitions that were not asked for. */
export async function* split(
  { order, connection, scratch }: StepScope,
  result: unknown,
): AsyncGenerator<readonly [StepPart, Sql]> {
  const { parts } = order;
  const [{ manifest, definition }] = parts as readonly [StepPart, ...StepPart[]];
  const column = manifest.backfill?.column ?? '';
  const target = join(scratch, 'whole.parquet');
  const scope = { target, scratch, source: manifest.key, preview: false, connection };
  const whole = await writeValue(definition.output, result, scope);
  const { key, output } = manifest;
  const facts = { key, dataVersion: whole.dataVersion, value: { ...whole, ...output, path: target } };
  const table = valueAt(target, facts, connection) as Table<object>;
  const name: Sql = { type: 'sql', strings: [identifier(column)], values: [] };
  const { text, values } = renderSql(sql`SELECT DISTINCT ${name} AS key FROM ${table}`);
  const asked = new Set(parts.map(({ partition }) => partition));
  const foreign = (await connection.rows(text, values))
    .map(({ key }) => String(key))
    .filter((key) => !asked.has(key));
  if (foreign.length > 0) {
    const facts = `${manifest.key} gave rows of ${foreign.slice(0, 3).join(', ')} in ${column}, and was asked for ${order.partition?.key ?? ''}.`;
    throw new AssetError('PARTITION_COLUMN', facts);
  }
  for (const part of parts) yield [part, sql`SELECT * FROM ${table} WHERE ${name} = ${part.partition ?? ''}`];
}

/** The inputs of all parts as one: what a ranged step reads. Those that one function makes have the same. */
export function allInputs(parts: readonly StepPart[]): Readonly<Record<string, StepInput>> {
  const [first] = parts;
  if (!first || parts.length === 1 || first.definition.siblings) return first?.inputs ?? {};
  return Object.fromEntries(
    Object.entries(first.inputs).map(([alias, input]) => {
      const all = parts.flatMap(({ inputs }) => inputs[alias]?.records ?? []);
      const records = [...new Map(all.map((record) => [record.partition, record])).values()];
      const versions = parts.map(({ inputs }) => inputs[alias]?.dataVersion);
      return [alias, { ...input, records, dataVersion: hashText(JSON.stringify(versions)) as DataVersion }];
    }),
  );
}
