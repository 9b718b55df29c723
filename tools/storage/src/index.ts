export { cannotWrite, isRefusedByDisk, moveIntoPlace, temporaryBeside } from './atomic.ts';
export { columnsOf, describeColumn, duckdbType, jsonSchemaOf } from './columns.ts';
export { Connection, DuckDb, literal, queryChannel, readParquet, readTable, renderSql } from './duckdb.ts';
export type { ColumnStatistics } from './statistics.ts';
export { ParquetTable } from './table.ts';
export { openInput, openValue, type StepInput, valueAt } from './open-value.ts';
export { type WriteScope, type Written, writeValue } from './value.ts';
