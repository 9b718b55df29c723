export interface CheckView {
  /** The asset that it is on. */
  readonly asset: string;
  /** Who says so: the same asset, or one of kind `check`. */
  readonly by: string;
  readonly name: string;
  readonly description: string;
  readonly severity: 'warn' | 'error';
  /** `null`: it has not run yet. */
  readonly passed: boolean | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Rows that do not pass, a few. */
  readonly rows: readonly unknown[];
  readonly at: number | null;
  readonly runId: string | null;
  /** The last results, the oldest first. */
  readonly last: readonly { readonly passed: boolean; readonly at: number; readonly runId: string }[];
}
