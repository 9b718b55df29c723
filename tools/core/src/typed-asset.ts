import type { Upstream } from './asset-model.ts';
import type { FileValue, Table } from './table.ts';

// What a kind takes: `from: TableAsset<Row>` lets the compiler find `Row`, and `inputs` are typed without a cast.

/** Any asset whose dependents receive a table. Without `Row`, of whatever rows. */
export type TableAsset<Row extends object = object> = Upstream<Table<Row>>;

/** Any asset whose dependents receive a JSON value of that type. The sentence is what the editor shows. */
export type DocumentAsset<Value> = Upstream<Value> &
  (Value extends Table<object> | FileValue
    ? 'A document is an asset with a `value`, not a table or a file.'
    : unknown);

/** Any asset whose dependents receive a file. */
export type FileAsset = Upstream<FileValue>;
