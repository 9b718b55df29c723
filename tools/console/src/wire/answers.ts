import type { AssetDetail, MaterializationView, PreviewView } from './asset.ts';
import type { AutomationView, TickView } from './automation.ts';
import type { CheckView } from './checks.ts';
import type { CompareView, RowsDiff } from './compare.ts';
import type { PartitionsView } from './partitions.ts';
import type { LogPage, RunDetail, RunView } from './runs.ts';
import type { WorkspaceView } from './workspace.ts';

/** Where a page asks for what. The server answers these, and an export has a file for each. */
export interface Answers {
  '/api/workspace': WorkspaceView;
  '/api/assets/:group/:name': AssetDetail;
  '/api/assets/:group/:name/history': readonly MaterializationView[];
  '/api/assets/:group/:name/preview': PreviewView;
  '/api/assets/:group/:name/partitions': PartitionsView;
  '/api/runs': readonly RunView[];
  '/api/runs/:id': RunDetail;
  '/api/runs/:id/logs': LogPage;
  '/api/checks': readonly CheckView[];
  '/api/automation': AutomationView;
  '/api/automation/ticks': readonly TickView[];
  '/api/compare': CompareView;
  '/api/compare/rows': RowsDiff;
}

export type Path = keyof Answers;

type Names<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

/** What stands for the `:names` of a path. */
export type ParamsOf<P extends Path> = Readonly<Record<Names<P>, string>>;

/**
 * `/api/runs/:id` with its names filled in, and a query in a fixed order. Pages ask by it, and the files of an export are
 * found by it.
 */
export function addressOf<P extends Path>(
  path: P,
  params: ParamsOf<P>,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent((params as Readonly<Record<string, string>>)[name] ?? ''),
  );
  const given = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given).toString()}`;
}
