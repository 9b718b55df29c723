import type { AssetKey, Freshness } from '@nx-assets/core';
import { describeFreshness, describeReason, type PlannedStep, type Reason } from '@nx-assets/engine';
import type { EventLog, Step } from '@nx-assets/event-log';
import pc from 'picocolors';
import { fromHistory } from '../history.ts';
import { type FileHistory, fileHistory } from './git.ts';
import { EXIT, type JsonFlag } from './main.ts';
import { ago, print, printJson } from './output.ts';
import { describeCounts, type PartitionCounts } from './partition-status.ts';
import { chooseOne, standings, type StepFailure } from './select.ts';
import { Workspace } from './workspace.ts';

/** How what is there came about. */
interface Made {
  readonly at: string;
  readonly runId: string;
  readonly dataVersion: string;
  /** Why it ran then, as far as history goes back. */
  readonly reasons: readonly Reason[];
}

/** A link in the chain: an asset, why it stands as it does, and the links that it hangs on. */
export interface Link {
  readonly key: AssetKey;
  readonly status: readonly string[];
  readonly action: PlannedStep['action'];
  readonly reasons: readonly Reason[];
  readonly failure: StepFailure | null;
  /** How its partitions stand, where it has some. */
  readonly partitions: PartitionCounts | null;
  readonly freshness: Freshness | null;
  readonly dataFrom: string | null;
  /** Checks on what it depends on that did not pass. */
  readonly stoppedBy: readonly AssetKey[];
  readonly files: readonly (FileHistory & { readonly path: string })[];
  readonly materialized: Made | null;
  readonly upstream: readonly Link[];
}

/** Explains the state of one asset, up to where it comes from. */
export async function whyCommand(word: string, flags: JsonFlag): Promise<number> {
  const workspace = await Workspace.open();
  const { key } = chooseOne(workspace, word);
  const link = await explain(workspace, key);
  if (flags.json) printJson({ asset: link });
  else print(render(link, '', new Set()).join('\n'));
  return EXIT.ok;
}

/** The chain of reasons of one asset, up to where it comes from. */
export async function explain(workspace: Workspace, key: AssetKey): Promise<Link> {
  const madeBecause = await reasonsOfRuns(workspace);
  const all = await standings(workspace);
  const known = new Map<AssetKey, Link>();
  const linkOf = (asset: AssetKey): Link => {
    const found = known.get(asset);
    if (found) return found;
    const standing = all.get(asset);
    const { reasons = [], action = 'reuse' } = standing?.step ?? {};
    const reading = workspace.reading(asset);
    const stoppedBy = standing?.manifest.blockingChecks.filter((gate) => all.get(gate)?.failure) ?? [];
    const files = reasons.flatMap((reason) => (reason.kind === 'code-changed' ? reason.files : []));
    const link: Link = {
      key: asset,
      status: standing?.statuses ?? [],
      action,
      reasons,
      failure: standing?.failure ?? null,
      partitions: standing?.counts ?? null,
      freshness: standing?.manifest.freshness ?? null,
      dataFrom: standing?.dataFrom ?? null,
      files: files.map((path) => ({
        path,
        ...(fileHistory(workspace.root, path) ?? { isUncommitted: false, commit: null }),
      })),
      materialized:
        reading.status === 'found'
          ? {
              at: reading.record.finishedAt,
              runId: reading.record.runId,
              dataVersion: reading.record.dataVersion,
              reasons: madeBecause(asset, reading.record.runId),
            }
          : null,
      stoppedBy,
      upstream: [...new Set([...reasons.flatMap(upstreamOf), ...stoppedBy])].map(linkOf),
    };
    known.set(asset, link);
    return link;
  };
  return linkOf(key);
}

/** Why assets ran in the runs that made what is there. */
async function reasonsOfRuns(
  workspace: Workspace,
): Promise<(key: AssetKey, runId: string) => readonly Reason[]> {
  const readings = workspace.assets.map(({ key }) => workspace.reading(key));
  const runIds = new Set(readings.flatMap((one) => (one.status === 'found' ? [one.record.runId] : [])));
  const steps = new Map<string, Step>();
  const read = async (history: EventLog) => {
    for (const runId of runIds) {
      for (const step of await history.steps(runId)) steps.set(`${runId} ${step.key}`, step);
    }
  };
  await fromHistory(workspace.root, read, undefined);
  return (key, runId) => (steps.get(`${runId} ${key}`)?.reasons ?? []) as unknown as readonly Reason[];
}

function upstreamOf(reason: Reason): readonly AssetKey[] {
  if (reason.kind === 'upstream-undecided') return reason.keys;
  return reason.kind === 'upstream-changed' || reason.kind === 'upstream-failed' ? [reason.key] : [];
}

function render(link: Link, indent: string, seen: Set<AssetKey>): string[] {
  const made = link.materialized
    ? `made ${ago(link.materialized.at)}, run ${link.materialized.runId}`
    : link.partitions
      ? describeCounts(link.partitions)
      : 'never made';
  const head = `${indent}${pc.bold(link.key)}  ${link.status.join(', ')}  ${pc.dim(made)}`;
  if (seen.has(link.key)) return [`${indent}${pc.bold(link.key)}  ${pc.dim('see above')}`];
  seen.add(link.key);
  const because =
    link.materialized?.reasons.map((reason) => `${indent}  made because: ${describeReason(reason)}`) ?? [];
  const lines = link.reasons.flatMap((reason) => [
    `${indent}  ${words(reason)}`,
    ...filesOf(link, reason, indent),
  ]);
  return [
    head,
    ...failureOf(link, indent),
    ...ageOf(link, indent),
    ...link.stoppedBy.map((key) => `${indent}  ${pc.red('stopped')} by the checks ${key}`),
    ...lines,
    ...because,
    ...link.upstream.flatMap((upstream) => render(upstream, `${indent}    `, seen)),
  ];
}

/** What its last step failed with, the first lines of it. */
function failureOf({ failure }: Link, indent: string): string[] {
  if (!failure) return [];
  const [first = '', ...rest] = failure.error.message.trimEnd().split('\n').slice(0, 4);
  return [
    `${indent}  ${pc.red('failed')} ${ago(failure.at)}, run ${failure.runId}: ${first}`,
    ...rest.map((line) => `${indent}    ${line}`),
  ];
}

/** The policy that it does not keep. */
function ageOf({ status, freshness, dataFrom }: Link, indent: string): string[] {
  const state = status.find((one) => one === 'overdue' || one === 'due');
  if (!state || !freshness || !dataFrom) return [];
  return [
    `${indent}  ${pc.yellow(state)} by its policy ${describeFreshness(freshness)}: its data was asked for ${ago(dataFrom)}`,
  ];
}

function words(reason: Reason): string {
  if (reason.kind === 'unchanged') return 'nothing changed since';
  if (reason.kind !== 'upstream-changed') return describeReason(reason);
  const short = (version: string | null) => version?.slice(0, 8) ?? 'nothing';
  return `${describeReason(reason)}  ${pc.dim(`${short(reason.was)} → ${short(reason.now)}`)}`;
}

function filesOf(link: Link, reason: Reason, indent: string): string[] {
  if (reason.kind !== 'code-changed') return [];
  return link.files.map(({ path, isUncommitted, commit }) => {
    const last = commit ? `${commit.hash} ${commit.subject} (${commit.author}, ${ago(commit.at)})` : '';
    const facts = [
      isUncommitted ? 'not committed' : '',
      isUncommitted && last ? `last commit ${last}` : last,
    ];
    return `${indent}    ${path}  ${pc.dim(facts.filter(Boolean).join('; '))}`;
  });
}
