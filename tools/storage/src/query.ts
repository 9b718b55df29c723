import { AssetError, type Column, type ColumnFilter, identifier, type TableQuery } from '@nx-assets/core';
import type { Scalar } from './scalar.ts';

const OPERATORS = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** The clauses of a `TableQuery` over a relation, so that only what was asked for is read. */
export function renderQuery(
  relation: string,
  columns: readonly Column[],
  query: TableQuery<Record<string, unknown>, string>,
): { text: string; values: Scalar[] } {
  const values: Scalar[] = [];
  const known = new Set(columns.map((column) => column.name));
  const name = (column: string): string => {
    if (known.has(column)) return identifier(column);
    throw new AssetError(
      'SQL_FAILED',
      `There is no column "${column}" (there are ${[...known].join(', ')}).`,
    );
  };
  const select = (query.columns ?? columns.map((column) => column.name)).map(name);
  const where = Object.entries(query.where ?? {}).flatMap(([column, condition]) =>
    conditions(name(column), condition as ColumnFilter<Scalar>, values),
  );
  const order = (query.orderBy ?? []).map((key) =>
    key.startsWith('-') ? `${name(key.slice(1))} DESC NULLS LAST` : `${name(key)} ASC NULLS LAST`,
  );
  const clauses = [
    `SELECT ${select.join(', ')} FROM ${relation}`,
    where.length > 0 ? `WHERE ${where.join(' AND ')}` : '',
    order.length > 0 ? `ORDER BY ${order.join(', ')}` : '',
    query.limit === undefined ? '' : `LIMIT ${limit(query.limit)}`,
  ];
  return { text: clauses.filter(Boolean).join(' '), values };
}

function limit(count: number): number {
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new AssetError('SQL_FAILED', `${count} is not a number of rows.`);
}

function conditions(column: string, condition: ColumnFilter<Scalar>, values: Scalar[]): string[] {
  if (condition === null) return [`${column} IS NULL`];
  if (typeof condition !== 'object') {
    values.push(condition);
    return [`${column} = ?`];
  }
  return Object.entries(condition).map(([operator, operand]) => {
    if (operator === 'in') {
      const list = operand as readonly Scalar[];
      values.push(...list);
      return list.length === 0 ? 'FALSE' : `${column} IN (${list.map(() => '?').join(', ')})`;
    }
    values.push(operand as Scalar);
    return `${column} ${OPERATORS[operator as keyof typeof OPERATORS]} ?`;
  });
}
