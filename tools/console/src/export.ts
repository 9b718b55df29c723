import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleApi, Query } from './api.ts';
import { addressOf, type ParamsOf, type Path, type RunView, type WorkspaceView } from './wire/index.ts';

export interface ExportOptions {
  /** Folder of the pages that are built for files. */
  readonly pages: string;
  /** Folder to write; what an export wrote there before is replaced. */
  readonly to: string;
  /** How many runs go with it, the newest ones. */
  readonly runs: number;
}

/** JSON that may stand in a script: U+2028 and U+2029 are fine there by now, and `</script>` is not. */
const literal = (value: unknown): string => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);

/**
 * Writes the console as files that open from `file://`: each answer is a script, since such a page may load scripts and
 * fetch nothing. Gives how many answers there are.
 */
export async function exportPages(api: ConsoleApi, { pages, to, runs }: ExportOptions): Promise<number> {
  rmSync(join(to, 'data'), { recursive: true, force: true });
  rmSync(join(to, 'files'), { recursive: true, force: true });
  mkdirSync(join(to, 'data'), { recursive: true });
  cpSync(pages, to, { recursive: true });
  const files: Record<string, string> = {};
  const first: Record<string, unknown> = {};
  const keep = async <P extends Path>(path: P, params: ParamsOf<P>, query: Query = {}) => {
    const answer = await api.answers[path](params, query);
    const address = addressOf(path, params, query);
    const file = `data/${Object.keys(files).length}.js`;
    files[address] = file;
    writeFileSync(join(to, file), `nxAssetsExport.answers[${literal(address)}]=${literal(answer)};\n`);
    return answer;
  };
  const workspace: WorkspaceView = await api.answers['/api/workspace']({}, {});
  first['/api/workspace'] = workspace;
  for (const { group, name, hasPartitions } of workspace.assets) {
    await keep('/api/assets/:group/:name', { group, name });
    await keep('/api/assets/:group/:name/history', { group, name });
    await keep('/api/assets/:group/:name/preview', { group, name });
    if (hasPartitions) await keep('/api/assets/:group/:name/partitions', { group, name });
  }
  const newest = await api.answers['/api/runs']({}, { limit: String(runs) });
  first['/api/runs'] = newest;
  for (const { id } of newest as readonly RunView[]) {
    await keep('/api/runs/:id', { id });
    await keep('/api/runs/:id/logs', { id });
  }
  await keep('/api/checks', {});
  await keep('/api/automation', {});
  await keep('/api/automation/ticks', {});
  writeFileSync(
    join(to, 'data/index.js'),
    `var nxAssetsExport=${literal({ at: workspace.at, answers: first, files })};\n`,
  );
  const page = readFileSync(join(to, 'index.html'), 'utf8');
  writeFileSync(
    join(to, 'index.html'),
    page.replace('<script defer', '<script defer src="./data/index.js"></script>\n    <script defer'),
  );
  return Object.keys(files).length + Object.keys(first).length;
}
