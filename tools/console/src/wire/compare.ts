/** What differs between two states of the data: after two runs, or of two materializations as `record:<id>`. */
export interface CompareView {
  readonly from: string;
  readonly to: string;
  readonly assets: readonly AssetDiff[];
  readonly unchanged: number;
  /** Assets with partitions: of two runs their data is not compared. */
  readonly notCompared: number;
}

export interface AssetDiff {
  readonly key: string;
  readonly status: 'added' | 'removed' | 'changed';
  readonly rowCount: readonly [was: number | null, now: number | null];
  readonly columns: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly { readonly name: string; readonly was: string; readonly now: string }[];
  };
  readonly statistics: readonly { readonly column: string; readonly was: string; readonly now: string }[];
  /** `null` where one of the values is gone. */
  readonly rows: { readonly added: number; readonly removed: number; readonly changed: number } | null;
  readonly cause: string;
}

/** Rows that differ, matched by key. */
export interface RowsDiff {
  readonly asset: string;
  /** Columns that name a row; none where rows are compared whole. */
  readonly by: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly change: 'added' | 'removed' | 'changed';
    readonly was: Readonly<Record<string, unknown>> | null;
    readonly now: Readonly<Record<string, unknown>> | null;
  }[];
  readonly total: number;
  /** Why nothing can be compared, where nothing can. */
  readonly because: string | null;
}
