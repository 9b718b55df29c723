import type { AssetKey } from '@nx-assets/core';
import { describeReasons, type PlannedStep } from '@nx-assets/engine';
import { colours as pc } from '@nx-assets/workspace/colours';
import { print, printJson } from './output.ts';
import type { PlanFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { planOf } from '@nx-assets/workspace/asset-status';
import { chooseAssets } from '@nx-assets/workspace/choose-assets';
import { EXIT } from './exit.ts';
import { fromHistory } from '@nx-assets/workspace/history';
import { duration, plural, table } from '@nx-assets/workspace/format';
import { asOne, byAsset } from '@nx-assets/workspace/partition-status';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

const SIGNS = {
  blocked: pc.red('✖'),
  run: pc.green('▸'),
  undecided: pc.yellow('?'),
  restore: pc.cyan('↺'),
  keep: pc.dim('·'),
} as const;
const WORDS = {
  blocked: 'cannot run',
  run: 'run',
  undecided: 'maybe',
  restore: 'restore',
  keep: 'up to date',
} as const;

/** Says what a run would do. */
export async function planCommand(
  context: ProcessContext,
  selection: readonly string[],
  flags: PlanFlags,
): Promise<number> {
  const workspace = await Workspace.open(context);
  const steps = await planOf(workspace, await chooseAssets(workspace, selection), {
    ...flags,
    force: flags.force ?? false,
    refresh: flags.refresh ?? false,
  });
  const busy = [...new Set(steps.filter(({ action }) => action !== 'keep').map(({ key }) => key))];
  const known = await durations(workspace, busy);
  const took = (key: AssetKey) => known.get(key) ?? lastDuration(workspace, key);
  if (flags.json) {
    printJson(context, { steps: steps.map((step) => ({ ...step, milliseconds: took(step.key) })) });
  } else {
    print(context, renderPlan(steps, took));
  }
  const isWork = steps.some(({ action }) => action !== 'keep');
  return flags.exitCode && isWork ? EXIT.work : EXIT.ok;
}

/** What steps usually take, milliseconds, as far as history knows. */
async function durations(
  { root }: Workspace,
  keys: readonly AssetKey[],
): Promise<ReadonlyMap<AssetKey, number>> {
  return keys.length === 0 ? new Map() : fromHistory(root, (history) => history.durations(keys), new Map());
}

/** How long its last step took, in milliseconds; `null` where it never ran. */
function lastDuration(workspace: Workspace, key: AssetKey): number | null {
  const reading = workspace.reading(key);
  if (reading.status !== 'found') return null;
  const { startedAt, finishedAt } = reading.record;
  const milliseconds = Date.parse(finishedAt) - Date.parse(startedAt);
  return Number.isFinite(milliseconds) ? milliseconds : null;
}

/** The steps that would do something, and a total. */
export function renderPlan(steps: readonly PlannedStep[], took: (key: AssetKey) => number | null): string {
  const busy = steps.filter(({ action }) => action !== 'keep');
  if (busy.length === 0) return `Nothing to run: ${plural(byAsset(steps).size, 'asset')} up to date.`;
  const rows = [...byAsset(busy)].flatMap(([key, own]) => {
    // Of partitions that can run, and of those that cannot.
    const groups = Map.groupBy(own, ({ action }) => action === 'blocked').values();
    return [...groups].map((some) => ({ key, own: some, step: asOne(some) as PlannedStep }));
  });
  const lines = table(
    [
      { title: '  asset', cell: ({ key, own, step }) => `${SIGNS[step.action]} ${key}${partsOf(own)}` },
      { title: 'plan', cell: ({ step }) => WORDS[step.action] },
      { title: 'why', cell: ({ step }) => describeReasons(step.reasons) },
      {
        title: 'usually takes',
        align: 'right',
        cell: ({ key, own, step }) => {
          const time = took(key);
          return step.action === 'restore' || step.action === 'blocked' || time === null
            ? ''
            : duration(time * own.length);
        },
      },
    ],
    rows,
  );
  return [...lines, '', renderTotals(steps, took)].join('\n');
}

/** Which partitions, as far as they fit on a line. */
function partsOf(steps: readonly PlannedStep[]): string {
  const [first, last] = [steps[0]?.partition ?? null, steps.at(-1)?.partition ?? null];
  if (first === null) return '';
  return steps.length === 1 ? ` [${first}]` : ` [${steps.length}: ${first} … ${last}]`;
}

function renderTotals(steps: readonly PlannedStep[], took: (key: AssetKey) => number | null): string {
  const isCut = steps.some(({ partition }) => partition !== null);
  const number = (action: PlannedStep['action']) => steps.filter((step) => step.action === action).length;
  const parts = (['blocked', 'run', 'undecided', 'restore', 'keep'] as const)
    .map((action) => [number(action), WORDS[action]] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, word]) => `${amount} ${word}`);
  const sum = (actions: readonly PlannedStep['action'][]) =>
    steps
      .filter(({ action }) => actions.includes(action))
      .reduce((total, { key }) => total + (took(key) ?? 0), 0);
  const [least, most] = [sum(['run']), sum(['run', 'undecided'])];
  const time =
    most === 0
      ? ''
      : `; steps usually take ${least === most ? duration(most) : `${duration(least)} to ${duration(most)}`}`;
  const what = isCut
    ? `${plural(byAsset(steps).size, 'asset')}, ${plural(steps.length, 'step')}`
    : plural(steps.length, 'asset');
  return `${what}: ${parts.join(', ')}${time}`;
}
