import { existsSync } from 'node:fs';
import type { AssetKey } from '@nx-assets/core';
import { describeReasons, type PlannedStep } from '@nx-assets/engine';
import pc from 'picocolors';
import { duration, table } from '../format.ts';
import { historyPath, openHistory } from '../history.ts';
import { EXIT, type PlanFlags } from './main.ts';
import { print, printJson } from './output.ts';
import { chooseAssets } from './select.ts';
import { Workspace } from './workspace.ts';

const SIGNS = {
  run: pc.green('▸'),
  undecided: pc.yellow('?'),
  restore: pc.cyan('↺'),
  reuse: pc.dim('·'),
} as const;
const WORDS = { run: 'run', undecided: 'maybe', restore: 'restore', reuse: 'up to date' } as const;

/** Says what a run would do. */
export async function planCommand(selection: readonly string[], flags: PlanFlags): Promise<number> {
  const workspace = await Workspace.open();
  const steps = workspace.plan(await chooseAssets(workspace, selection), {
    force: flags.force ?? false,
    refresh: flags.refresh ?? false,
  });
  const busy = steps.filter(({ action }) => action !== 'reuse').map(({ key }) => key);
  const known = await durations(workspace, busy);
  const took = (key: AssetKey) => known.get(key) ?? lastDuration(workspace, key);
  if (flags.json) {
    printJson({ steps: steps.map((step) => ({ ...step, milliseconds: took(step.key) })) });
  } else {
    print(renderPlan(steps, took));
  }
  const isWork = steps.some(({ action }) => action !== 'reuse');
  return flags.exitCode && isWork ? EXIT.work : EXIT.ok;
}

/** What steps usually take, milliseconds, as far as history knows. */
async function durations(
  { root }: Workspace,
  keys: readonly AssetKey[],
): Promise<ReadonlyMap<AssetKey, number>> {
  if (keys.length === 0 || !existsSync(historyPath(root))) return new Map();
  const history = await openHistory(root).catch(() => null);
  try {
    return (await history?.durations(keys)) ?? new Map();
  } catch {
    return new Map(); // an estimate is not worth an error
  } finally {
    history?.close();
  }
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
  const busy = steps.filter(({ action }) => action !== 'reuse');
  if (busy.length === 0) return `${count(steps.length)} up to date: nothing would run.`;
  const rows = busy.map((step) => [
    `${SIGNS[step.action]} ${step.key}`,
    WORDS[step.action],
    describeReasons(step.reasons),
    step.action === 'restore' ? '' : duration(took(step.key)),
  ]);
  const [head = '', ...body] = table(
    [{ title: '  asset' }, { title: 'plan' }, { title: 'why' }, { title: 'usually takes', align: 'right' }],
    rows,
  );
  return [pc.dim(head), ...body, '', renderTotals(steps, took)].join('\n');
}

function renderTotals(steps: readonly PlannedStep[], took: (key: AssetKey) => number | null): string {
  const number = (action: PlannedStep['action']) => steps.filter((step) => step.action === action).length;
  const parts = (['run', 'undecided', 'restore', 'reuse'] as const)
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
  return `${count(steps.length)}: ${parts.join(', ')}${time}`;
}

const count = (number: number): string => `${number} asset${number === 1 ? '' : 's'}`;
