import { type AssetKey, type CheckResult, partitionName } from '@nx-assets/core';
import {
  describeFacts,
  describeReasons,
  type Outcome,
  type PartitionSummary,
  type RunEvent,
} from '@nx-assets/engine';
import { bytes, count, duration, plural, table, type TableColumn } from '@nx-assets/workspace/format';
import type { ProcessContext } from '@nx-assets/workspace/run-context';
import { colours as pc } from '@nx-assets/workspace/colours';
import { plainText } from '@nx-assets/workspace/terminal-text';
import type { CheckedAsset, ReportLine } from './report-line.ts';
import { say, warn } from './terminal.ts';

const SIGNS = {
  materialized: pc.green('✔'),
  'up-to-date': pc.dim('·'),
  failed: pc.red('✖'),
  blocked: pc.yellow('◌'),
  cancelled: pc.yellow('◌'),
} as const;

export const WORDS = {
  materialized: 'materialized',
  'up-to-date': 'up to date',
  failed: 'failed',
  blocked: 'blocked',
  cancelled: 'cancelled',
} as const;

/** Says what happens while it happens. The only place that writes to the terminal, together with the report. */
export function reportProgress(context: ProcessContext, event: RunEvent): void {
  switch (event.type) {
    case 'step-started':
      return; // Nx shows what is running
    case 'step-retried':
      return say(context, describeRetry(event));
    case 'announcement':
      return; // stands once in the report, however many steps said it
    case 'log':
      return event.level === 'debug'
        ? undefined
        : say(context, `  ${pc.dim(partitionName(event.key, event.partition))} ${event.message}`);
    case 'progress':
      return sayProgress(context, event);
    case 'step-finished':
    case 'asset-finished':
      return; // Nx shows that it has finished, and the report says the rest
    case 'op-finished':
      return; // the report of the job says it
    case 'warning':
      return warn(context, describeFailure(event.problem).trimStart());
  }
}

/** Between two words about the same asset. Milliseconds. */
const PROGRESS = 2_000;
const told = new Map<string, number>();

/** How far a backfill has come, every now and then. */
function sayProgress(
  context: ProcessContext,
  { key, done, total, failed, leftMs }: Extract<RunEvent, { type: 'progress' }>,
): void {
  const now = context.now().getTime();
  // Not at the very beginning: what is done in a moment needs no words.
  const last = told.get(key) ?? told.set(key, now).get(key) ?? now;
  if (now - last < PROGRESS) return;
  told.set(key, now);
  const facts = [
    `${count(done)} of ${count(total)} partitions`,
    failed > 0 ? pc.red(`${failed} failed`) : '',
    leftMs === null ? '' : `about ${duration(leftMs)} left`,
  ].filter(Boolean);
  say(context, `  ${pc.dim(key)} ${facts.join(', ')}`);
}

function describeRetry(event: Extract<RunEvent, { type: 'step-retried' }>): string {
  const { attempt, error, waitMs } = event;
  const [first = ''] = error.message.split('\n');
  return `  ${pc.dim(partitionName(event.key, event.partition))} ${pc.yellow(`attempt ${attempt} failed`)}, again in ${duration(waitMs)}: ${first}`;
}

/** What a step came to, in one line; more when it failed. */
export function describeOutcome(outcome: Outcome): string {
  const facts = [
    outcome.rowCount === null ? '' : plural(outcome.rowCount, 'row'),
    bytes(outcome.bytes),
    outcome.status === 'materialized' ? duration(outcome.finishedAt - outcome.startedAt) : '',
    outcome.partitions ? describeTally(outcome.partitions) : '',
    describeReasons(outcome.reasons),
  ].filter(Boolean);
  const same = outcome.status === 'materialized' && outcome.changed === false ? ', same data' : '';
  const line = `${SIGNS[outcome.status]} ${outcome.key}  ${pc.dim(facts.join(' · ') + same)}`;
  return outcome.error ? `${line}\n${describeFailure(outcome.error)}` : line;
}

export function describeFailure(failure: NonNullable<Outcome['error']>): string {
  const lines = [failure.message, ...(failure.stack ? [failure.stack] : [])].join('\n');
  return plainText(lines).replace(/^/gm, '    ');
}

const wordFor = ({ status, isExternal }: ReportLine): string =>
  status === 'materialized' && isExternal ? 'observed' : WORDS[status];

/** The table of a run. Another column is another entry. */
const COLUMNS: readonly TableColumn<ReportLine>[] = [
  { title: '  asset', cell: (line) => `${SIGNS[line.status]} ${line.key}` },
  { title: 'status', cell: (line) => colour(line.status, wordFor(line)) },
  { title: 'why', cell: (line) => describeWhy(line) },
  { title: 'rows', align: 'right', cell: (line) => count(line.rowCount) },
  { title: 'size', align: 'right', cell: (line) => bytes(line.bytes) },
  { title: 'time', align: 'right', cell: (line) => tookOf(line) },
  { title: 'from', cell: ({ source }) => source ?? '' },
];

const tookOf = ({ status, milliseconds }: ReportLine): string =>
  status === 'materialized' || status === 'failed' ? duration(milliseconds) : '';

/** The table at the end of a run, and the next command to type when something failed. */
export function renderReport(
  lines: readonly ReportLine[],
  milliseconds: number,
  command: readonly string[],
): string {
  const announcements = new Set(lines.flatMap((line) => line.announcements));
  return [
    '',
    ...table(COLUMNS, lines),
    '',
    ...renderWarnings(lines),
    ...renderFailures(lines, command),
    ...announcements,
    renderTotals(lines, milliseconds),
    '',
  ].join('\n');
}

/** `3 of 31 partitions`: those that ran, or that did not get done, of those that were asked for. */
export function describeTally({ counts }: PartitionSummary): string {
  const total = Object.values(counts).reduce((sum, amount) => sum + amount, 0);
  const ran = total - (counts['up-to-date'] ?? 0);
  const noun = total === 1 ? 'partition' : 'partitions';
  if (total === 0) return 'no partition';
  if (counts.failed) return `${counts.failed} of ${total} ${noun} failed`;
  const stopped = counts.cancelled ?? counts.blocked;
  const made = counts.materialized ? `, ${counts.materialized} made` : '';
  if (stopped !== undefined) return `${stopped} of ${total} ${noun}${made}`;
  return ran === 0 ? `${total} ${noun}` : `${ran} of ${total} ${noun}`;
}

function describeWhy(line: ReportLine): string {
  const tally = line.partitions ? `${describeTally(line.partitions)}: ` : '';
  if (line.status === 'failed') return tally + (line.error?.code ?? '');
  return (
    tally +
    describeReasons(line.reasons) +
    (line.changed === false && line.status === 'materialized' ? ', same data' : '')
  );
}

const colour = (status: ReportLine['status'], text: string): string => {
  if (status === 'failed') return pc.red(text);
  if (status === 'blocked' || status === 'cancelled') return pc.yellow(text);
  return status === 'materialized' ? pc.green(text) : pc.dim(text);
};

export const signOf = ({ passed, severity }: Pick<CheckResult, 'passed' | 'severity'>): string =>
  passed ? pc.green('✔') : severity === 'warn' ? pc.yellow('▲') : pc.red('✖');

/** What checks over materialized assets came to, with the rows that do not pass. */
export function renderChecks(assets: readonly CheckedAsset[]): string {
  const lines = assets.flatMap(({ key, partition, problem, checks }) => [
    pc.bold(partitionName(key, partition)),
    ...(problem === null ? [] : [`  ${pc.red('✖')} ${problem}`]),
    ...checks.flatMap((check) => [
      `  ${signOf(check)} ${check.name}  ${pc.dim(describeCheck(check))}`,
      ...check.rows.map((row) => `      ${JSON.stringify(row)}`),
    ]),
  ]);
  const all = assets.flatMap(({ checks }) => checks);
  const failed = all.filter(({ passed }) => !passed).length;
  const totals = `${plural(all.length, 'check')}: ${all.length - failed} passed, ${failed} failed`;
  return [...lines, '', totals].join('\n');
}

/** Checks that a published value does not pass. */
function renderWarnings(lines: readonly ReportLine[]): string[] {
  const warnings = lines.flatMap(({ key, status, checks }) =>
    status === 'failed'
      ? []
      : checks.filter(({ passed }) => !passed).map((check) => renderWarning(key, check)),
  );
  return warnings.length > 0 ? [...warnings, ''] : [];
}

const renderWarning = (key: AssetKey, check: CheckResult): string =>
  `${pc.yellow('▲')} ${key}  ${check.name}: ${describeCheck(check)}`;

/** What it checks; and what it saw, where it does not pass. */
const describeCheck = ({ description, passed, facts }: CheckResult): string =>
  passed ? description : `${description} ${describeFacts(facts)}`.trimEnd();

/** Partitions of an asset whose failures are told in full. */
const SHOWN = 3;

function renderFailures(lines: readonly ReportLine[], command: readonly string[]): string[] {
  const failures = lines.flatMap((line) => {
    if (!line.error) return [];
    const { failed = [], counts = {} } = line.partitions ?? {};
    if (failed.length === 0) return [`${pc.red('✖')} ${line.key}`, describeFailure(line.error), ''];
    const named = failed
      .slice(0, SHOWN)
      .flatMap(({ partition, error }) => [
        `${pc.red('✖')} ${partitionName(line.key, partition)}`,
        error ? describeFailure(error) : '',
        '',
      ]);
    const rest = (counts.failed ?? 0) - SHOWN;
    return rest > 0 ? [...named, `… and ${rest} more partitions of ${line.key}`, ''] : named;
  });
  if (failures.length === 0) return [];
  return [...failures, `Once fixed, run: ${pc.bold(againBy(command))}`, ''];
}

/** A backfill goes on by its own command, which ends it. */
function againBy(command: readonly string[]): string {
  const backfill = command.find((word) => word.startsWith('--backfill='))?.slice('--backfill='.length);
  return backfill === undefined
    ? ['npx nx', ...command].join(' ')
    : `npx nx-assets backfill --resume ${backfill}`;
}

function renderTotals(lines: readonly ReportLine[], milliseconds: number): string {
  const number = (status: ReportLine['status']) => lines.filter((line) => line.status === status).length;
  const parts = [
    [number('materialized'), 'materialized'],
    [number('up-to-date'), 'up to date'],
    [number('failed'), 'failed'],
    [number('blocked'), 'blocked'],
    [number('cancelled'), 'cancelled'],
  ] as const;
  const words = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`);
  const assets = [plural(lines.length, 'asset'), words.join(', ')].filter(Boolean).join(': ');
  return `${assets}, in ${duration(milliseconds)}`;
}
