import type { CheckView } from './checks.ts';
import type { Status } from './status.ts';
import type { AssetView } from './workspace.ts';

/** One asset, with all that its page leads with. */
export interface AssetDetail {
  readonly asset: AssetView;
  /** What a person types to make it. */
  readonly command: string;
  /** Where its value is, from the workspace root. */
  readonly path: string;
  /** First the asset itself, then what its state hangs on. */
  readonly why: WhyLink;
  /** What failed last keeps these from running. */
  readonly blocks: readonly string[];
  readonly downstream: readonly string[];
  readonly columns: readonly ColumnView[] | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly freshness: string | null;
  readonly resources: readonly string[];
  /** The record of what is there, whole; `null` where nothing is. */
  readonly record: RecordView | null;
  readonly checks: readonly CheckView[];
  /** Whether its rows may be shown. */
  readonly preview: boolean;
  /** Made by the same function. */
  readonly siblings: readonly string[];
}

export interface WhyLink {
  readonly key: string;
  readonly statuses: readonly Status[];
  readonly reasons: readonly string[];
  /** Files that changed, each with the commit that did it last. */
  readonly files: readonly { readonly path: string; readonly change: string }[];
  readonly upstream: readonly WhyLink[];
}

export interface ColumnView {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** How it differs from the schema before: its type then, or that it was not there. */
  readonly change: { readonly kind: 'added' } | { readonly kind: 'changed'; readonly was: string } | null;
  readonly nulls: number | null;
  readonly min: string | null;
  readonly max: string | null;
}

export interface RecordView {
  readonly runId: string;
  readonly dataVersion: string;
  readonly codeVersion: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly rowCount: number | null;
  readonly bytes: number;
  readonly inputs: readonly { readonly key: string; readonly dataVersion: string }[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Columns that were removed since the schema before. */
  readonly removedColumns: readonly string[];
}

/** One materialization, for plots and for the lineage of what was there then. */
export interface MaterializationView {
  readonly id: number;
  readonly runId: string;
  readonly partition: string | null;
  readonly at: number;
  readonly took: number | null;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly dataVersion: string;
  readonly codeVersion: string;
  readonly inputs: readonly { readonly key: string; readonly dataVersion: string }[];
  /** Numbers of its metadata: each can be plotted. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** A page of rows of a table, or of lines of a document or file. */
export type PreviewView =
  | {
      readonly kind: 'rows';
      readonly columns: readonly { readonly name: string; readonly type: string }[];
      readonly rows: readonly Readonly<Record<string, unknown>>[];
      readonly total: number;
      readonly offset: number;
    }
  | { readonly kind: 'lines'; readonly lines: readonly string[]; readonly isWhole: boolean }
  /** Nothing can be shown: why. */
  | { readonly kind: 'none'; readonly because: string };
