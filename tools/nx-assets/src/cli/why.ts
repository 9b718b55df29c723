import { colours as pc } from '@nx-assets/workspace/colours';
import { ago, print, printJson } from './output.ts';
import type { JsonFlag } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseOne } from '@nx-assets/workspace/choose-assets';
import { explain, type Link } from '@nx-assets/workspace/explain';
import { EXIT } from './exit.ts';
import type { AssetKey } from '@nx-assets/core';
import { describeCounts } from '@nx-assets/workspace/partition-status';
import { describeFreshness, describeReason, type Reason } from '@nx-assets/engine';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Explains the state of one asset, up to where it comes from. */
export async function whyCommand(context: ProcessContext, word: string, flags: JsonFlag): Promise<number> {
  const workspace = await Workspace.open(context);
  const { key } = chooseOne(workspace, word);
  const link = await explain(workspace, key);
  if (flags.json) printJson(context, { asset: link });
  else print(context, render(link, context.now(), '', new Set()).join('\n'));
  return EXIT.ok;
}

function render(link: Link, now: Date, indent: string, seen: Set<AssetKey>): string[] {
  const made = link.materialized
    ? `materialized ${ago(link.materialized.at, now)}, run ${link.materialized.runId}`
    : link.partitions
      ? describeCounts(link.partitions)
      : 'never materialized';
  const head = `${indent}${pc.bold(link.key)}  ${link.status.join(', ')}  ${pc.dim(made)}`;
  if (seen.has(link.key)) return [`${indent}${pc.bold(link.key)}  ${pc.dim('see above')}`];
  seen.add(link.key);
  const because =
    link.materialized?.reasons.map((reason) => `${indent}  last run because: ${describeReason(reason)}`) ??
    [];
  const lines = link.reasons.flatMap((reason) => [
    `${indent}  ${words(reason)}`,
    ...filesOf(link, reason, now, indent),
  ]);
  return [
    head,
    ...failureOf(link, now, indent),
    ...ageOf(link, now, indent),
    ...link.stoppedBy.map((key) => `${indent}  ${pc.red('blocked')} by the checks ${key}`),
    ...lines,
    ...because,
    ...link.upstream.flatMap((upstream) => render(upstream, now, `${indent}    `, seen)),
  ];
}

/** What its last step failed with, the first lines of it. */
function failureOf({ failure }: Link, now: Date, indent: string): string[] {
  if (!failure) return [];
  const [first = '', ...rest] = failure.error.message.trimEnd().split('\n').slice(0, 4);
  return [
    `${indent}  ${pc.red('failed')} ${ago(failure.at, now)}, run ${failure.runId}: ${first}`,
    ...rest.map((line) => `${indent}    ${line}`),
  ];
}

/** The policy that it does not keep. */
function ageOf({ status, freshness, dataFrom }: Link, now: Date, indent: string): string[] {
  const state = status.find((one) => one === 'overdue' || one === 'due');
  if (!state || !freshness || !dataFrom) return [];
  return [
    `${indent}  ${pc.yellow(state)} (policy: ${describeFreshness(freshness)}): data last requested ${ago(dataFrom, now)}`,
  ];
}

function words(reason: Reason): string {
  if (reason.kind === 'unchanged') return 'unchanged since';
  if (reason.kind !== 'upstream-changed') return describeReason(reason);
  const short = (version: string | null) => version?.slice(0, 8) ?? 'nothing';
  return `${describeReason(reason)}  ${pc.dim(`${short(reason.was)} → ${short(reason.now)}`)}`;
}

function filesOf(link: Link, reason: Reason, now: Date, indent: string): string[] {
  if (reason.kind !== 'code-changed' && reason.kind !== 'file-changed') return [];
  const files = link.files.filter(({ path }) => reason.files.includes(path));
  return files.map(({ path, isUncommitted, commit }) => {
    const last = commit ? `${commit.hash} ${commit.subject} (${commit.author}, ${ago(commit.at, now)})` : '';
    const facts = [
      isUncommitted ? 'not committed' : '',
      isUncommitted && last ? `last commit ${last}` : last,
    ];
    return `${indent}    ${path}  ${pc.dim(facts.filter(Boolean).join('; '))}`;
  });
}
