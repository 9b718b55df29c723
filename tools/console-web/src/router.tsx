import {
  createBrowserHistory,
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { source } from './api/source.ts';
import { NotFound, PageError } from './shell/Fallbacks.tsx';
import { Shell } from './shell/Shell.tsx';

/** Only texts: what an address says is nobody's promise. */
type Search<Names extends string> = { readonly [Name in Names]?: string | undefined };
const search =
  <Names extends string>(...names: readonly Names[]) =>
  (given: Record<string, unknown>): Search<Names> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = given[name];
        return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [];
      }),
    ) as Search<Names>;

const root = createRootRoute({ component: Shell });
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => redirect({ to: '/groups', throw: true }),
});
const groups = createRoute({
  getParentRoute: () => root,
  path: '/groups',
  validateSearch: search('filter', 'chosen'),
  component: lazyRouteComponent(() => import('./pages/groups/GroupsPage.tsx'), 'GroupsPage'),
});
const lineage = createRoute({
  getParentRoute: () => root,
  path: '/lineage',
  /** `asset` is the one in the panel, `around` the one whose neighbourhood is shown, `hops` how far. */
  validateSearch: search('filter', 'asset', 'around', 'hops', 'collapsed', 'path'),
  component: lazyRouteComponent(() => import('./pages/lineage/LineagePage.tsx'), 'LineagePage'),
});
const asset = createRoute({
  getParentRoute: () => root,
  path: '/assets/$group/$name',
  validateSearch: search('tab', 'sort', 'direction', 'offset', 'partition', 'state', 'place', 'range'),
  component: lazyRouteComponent(() => import('./pages/asset/AssetPage.tsx'), 'AssetPage'),
});
const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  validateSearch: search('status', 'filter'),
  component: lazyRouteComponent(() => import('./pages/runs/RunsPage.tsx'), 'RunsPage'),
});
const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/$id',
  validateSearch: search('step', 'level', 'find', 'open'),
  component: lazyRouteComponent(() => import('./pages/runs/RunPage.tsx'), 'RunPage'),
});
const partitions = createRoute({
  getParentRoute: () => root,
  path: '/partitions',
  validateSearch: search('asset', 'state', 'place', 'range'),
  component: lazyRouteComponent(() => import('./pages/partitions/PartitionsPage.tsx'), 'PartitionsPage'),
});
const checks = createRoute({
  getParentRoute: () => root,
  path: '/checks',
  validateSearch: search('filter', 'check', 'state'),
  component: lazyRouteComponent(() => import('./pages/checks/ChecksPage.tsx'), 'ChecksPage'),
});
const automation = createRoute({
  getParentRoute: () => root,
  path: '/automation',
  validateSearch: search('name', 'tick'),
  component: lazyRouteComponent(() => import('./pages/automation/AutomationPage.tsx'), 'AutomationPage'),
});
const compare = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  /** `of` is the asset whose records are compared, with its `partition`; without it, runs are. */
  validateSearch: search('from', 'to', 'asset', 'of', 'partition'),
  component: lazyRouteComponent(() => import('./pages/compare/ComparePage.tsx'), 'ComparePage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    groups,
    lineage,
    asset,
    runs,
    run,
    partitions,
    checks,
    automation,
    compare,
  ]),
  // Plain addresses: `filter=status:stale`, and no JSON in them.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (given) => {
    const entries = Object.entries(given).filter(([, value]) => typeof value === 'string' && value !== '');
    const text = new URLSearchParams(entries as [string, string][]).toString();
    return text === '' ? '' : `?${text}`;
  },
  // Pages from `file://` have no server that would answer other paths.
  history: source.isLive ? createBrowserHistory() : createHashHistory(),
  defaultPreload: 'intent',
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: PageError,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
