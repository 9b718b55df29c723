import type { RunRequest, WorkspaceView } from '@nx-assets/console/wire';
import { PAGES } from './pages.ts';

/** Something that can be found, and where it leads or what it runs. */
interface Entry {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly go: {
    readonly to: string;
    readonly params?: Record<string, string>;
    readonly search?: Record<string, string>;
  };
  readonly request?: RunRequest;
}

/** Everything that there is, pages first. */
export function entriesOf(workspace: WorkspaceView | undefined, isLive: boolean): Entry[] {
  const pages = PAGES.map(({ to, title }): Entry => ({ id: to, title, note: 'page', go: { to } }));
  if (!workspace) return pages;
  const assets = workspace.assets.map(({ key, group, name, kind }): Entry => ({
    id: key,
    title: key,
    note: kind,
    go: { to: '/assets/$group/$name', params: { group, name } },
  }));
  const groups = workspace.groups.map(({ name, path }): Entry => ({
    id: `group ${name}`,
    title: `group ${name}`,
    note: path,
    go: { to: '/groups', search: { filter: `group:${name}` } },
  }));
  if (!isLive) return [...pages, ...assets, ...groups];
  const run = (id: string, title: string, note: string, request: RunRequest): Entry => ({
    id,
    title,
    note,
    request,
    go: { to: '.' },
  });
  return [
    ...pages,
    ...assets,
    ...groups,
    run('all', 'Materialize all', 'run', { assets: 'all' }),
    run('stale', 'Materialize stale', 'run', { assets: 'stale' }),
    ...workspace.jobs.map(({ key }) => run(`job ${key}`, `Run job ${key}`, 'run', { assets: [], job: key })),
    ...workspace.assets.map(({ key }) => run(`run ${key}`, `Materialize ${key}`, 'run', { assets: [key] })),
  ];
}

/** Those that have all letters in order, the closest first: at the start of a word, together, short. */
export function find(entries: readonly Entry[], text: string): Entry[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [...entries];
  return entries
    .map((entry, index) => ({ entry, index, score: scoreOf(entry.title.toLowerCase(), wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ entry }) => entry);
}

function scoreOf(title: string, wanted: string): number {
  const at = title.indexOf(wanted);
  if (at >= 0)
    return 1_000 - at - title.length / 100 + (at === 0 || /[^a-z]/.test(title[at - 1] ?? '') ? 500 : 0);
  let place = -1;
  for (const letter of wanted) {
    place = title.indexOf(letter, place + 1);
    if (place < 0) return 0;
  }
  return 100 - title.length / 100;
}
