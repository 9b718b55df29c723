import type { AssetView } from '@nx-assets/console/wire';
import { shown } from '../ui/asset-status.ts';
import type { Mark } from '../ui/StatusMark.tsx';
import { countMarks } from '../ui/StatusCounts.tsx';
import { groupOfNode, type Model } from './model.ts';

export type EdgeStyle = 'plain' | 'stale' | 'failed' | 'running' | 'gate';

/** The worst status in a group stands for it while it is closed. */
export function markOfNode(model: Model, id: string, running: ReadonlySet<string>): Mark {
  const asset = model.assets.get(id);
  if (asset) return shown(asset, running.has(asset.key)).mark;
  return (
    countMarks(inGroup(model, groupOfNode(id) ?? ''), running)
      .keys()
      .next().value ?? 'missing'
  );
}

/** The asset of a card, or all of a group that is closed. */
function behind(model: Model, id: string): AssetView[] {
  const asset = model.assets.get(id);
  return asset ? [asset] : inGroup(model, groupOfNode(id) ?? '');
}

export const inGroup = (model: Model, group: string): AssetView[] =>
  [...model.assets.values()].filter((asset) => asset.group === group);

/** How an edge is drawn: by what it brings, and to whom. */
export function edgeStyle(model: Model, from: string, to: string, running: ReadonlySet<string>): EdgeStyle {
  const [sources, targets] = [behind(model, from), behind(model, to)];
  const [only] = targets;
  if (only && targets.length === 1 && running.has(only.key)) return 'running';
  if (only && targets.length === 1 && sources.length === 1 && !only.deps.includes(from)) return 'gate';
  const keys = new Map(sources.map((one) => [one.key, one]));
  const joined = targets.flatMap((target) => target.deps.flatMap((dep) => keys.get(dep) ?? []));
  if (joined.some(({ status }) => status.statuses.includes('failed'))) return 'failed';
  return targets.some(({ status }) => status.staleFrom.some((key) => keys.has(key))) ? 'stale' : 'plain';
}
