import { AssetError, milliseconds } from '@nx-assets/core';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT } from './exit.ts';
import { sayError } from '@nx-assets/runner/terminal';
import type {
  BackfillFlags,
  ConsoleExportFlags,
  ConsoleFlags,
  HistoryFlags,
  JobsFlags,
  JsonFlag,
  LsFlags,
  MaterializeFlags,
  PartitionsFlags,
  PlanFlags,
  PreviewFlags,
  PruneFlags,
  RunsFlags,
  ServeFlags,
  StatusFlags,
  TickFlags,
} from './flags.ts';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Runs one command line; gives the exit code. */
export async function main(context: ProcessContext): Promise<number> {
  let code: number = EXIT.ok;
  const program = build(context, (result) => (code = result));
  try {
    await program.parseAsync([...context.argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof AssetError)) throw error;
    sayError(context, error);
    return USAGE.has(error.code) ? EXIT.usage : EXIT.failed;
  }
}

/** Every command, as words: `plan`, `automation serve`, and also those that help does not list. */
export function commandNames(context: ProcessContext): string[] {
  const under = (command: Command): string[] =>
    command.commands.flatMap((one) => [one.name(), ...under(one).map((name) => `${one.name()} ${name}`)]);
  return under(build(context, () => undefined));
}

/** What is wrong with the command line, and not with the workspace. */
const USAGE = new Set<string>([
  'SELECTION_INVALID',
  'COMMAND_INVALID',
  'PARTITION_UNKNOWN',
  'PARTITION_NOT_ONE',
]);

const PARTITIONS = 'keys, ranges or lists: 2026-03-01...2026-03-31,latest; with two dimensions: */eu';

const SELECTION = 'assets: a name, group:x, kind:x, status:x, +x and x+, with and, or, not (default: all)';

const CONFIG = 'config for assets: a JSON file, or group/name.field=value; repeatable';
const collect = (text: string, before: readonly string[] = []) => [...before, text];

function build(context: ProcessContext, exit: (code: number) => void): Command {
  const program = new Command('nx-assets')
    .description('Data assets in an Nx workspace: what exists, what would run, and why.')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .exitOverride();
  const verb = (name: string, summary: string) =>
    program.command(name).description(summary).option('--json', 'print one JSON document instead of text');
  /** Which partitions; without any of these flags, all. */
  const cut = (command: Command) =>
    command
      .option('--partition <keys>', PARTITIONS)
      .option('--missing', 'only missing partitions')
      .option('--stale', 'only stale partitions')
      .option('--failed', 'only partitions whose last step failed');

  cut(verb('plan [selection...]', 'show what would run and why; changes nothing'))
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--refresh', 'plan as if external data were fetched again')
    .option('--force', 'plan as if everything were recomputed')
    .option('--config <config>', CONFIG, collect)
    .option('--exit-code', `exit with ${EXIT.work} when something would run`)
    .action(async (selection: string[], options: PlanFlags) =>
      exit(await (await import('./plan.ts')).planCommand(context, selection, options)),
    );
  cut(
    verb(
      'materialize [selection...]',
      'bring assets and their upstreams up to date; starts nx only when there is work',
    ),
  )
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--refresh', 'fetch external data again')
    .option('--force', 'recompute everything')
    .option('--config <config>', CONFIG, collect)
    .option('--dry-run', 'the same as plan')
    .option('--parallel <steps>', 'how many steps to run in parallel', wholeNumber)
    .option('--no-batch', 'run each step in its own process')
    .action(async (selection: string[], options: MaterializeFlags) =>
      exit(await (await import('./materialize.ts')).materializeCommand(context, selection, options)),
    );
  cut(
    verb(
      'backfill [asset]',
      'materialize many partitions of an asset, with progress; can be stopped and resumed',
    ),
  )
    .option('--force', 'include partitions that are up to date')
    .option('--resume [id]', 'resume an unfinished backfill')
    .option('--list', 'list unfinished backfills')
    .option('--retries <times>', 'how often to retry failed partitions', countOf, 0)
    .option('--parallel <steps>', 'how many partitions to run in parallel', wholeNumber)
    .option('--dry-run', 'only show how much there is to do')
    .action(async (asset: string | undefined, options: BackfillFlags) =>
      exit(await (await import('./backfill.ts')).backfillCommand(context, asset, options)),
    );
  verb('partitions <asset>', 'list the partitions of an asset with their status')
    .option('--partition <keys>', PARTITIONS)
    .option('--status <status>', 'only partitions that are fresh, stale, missing or failed')
    .option('--limit <partitions>', 'show at most this many, the latest ones', wholeNumber, 30)
    .option('--page <page>', 'page number; later pages show older partitions', wholeNumber, 1)
    .option('--add <keys...>', 'add keys to a dynamic partition set')
    .option('--remove <keys...>', 'remove keys from a dynamic partition set')
    .action(async (asset: string, options: PartitionsFlags) =>
      exit(await (await import('./partitions.ts')).partitionsCommand(context, asset, options)),
    );
  verb(
    'status [selection...]',
    'show which assets are fresh, stale, due, overdue, failed or missing, and why',
  )
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--exit-code', `exit with ${EXIT.work} when an asset is not fresh`)
    .action(async (selection: string[], options: StatusFlags) =>
      exit(await (await import('./status.ts')).statusCommand(context, selection, options)),
    );
  verb('why <asset>', 'explain the status of an asset, through its upstreams').action(
    async (asset: string, options: JsonFlag) =>
      exit(await (await import('./why.ts')).whyCommand(context, asset, options)),
  );
  verb('ls [selection...]', 'list assets with kind, owners and description')
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--names', 'print names only, one per line')
    .action(async (selection: string[], options: LsFlags) =>
      exit(await (await import('./ls.ts')).lsCommand(context, selection, options)),
    );
  verb(
    'jobs [job]',
    'list jobs and what they would run; or show one job, with its ops and the plan of its assets',
  ).action(async (job: string | undefined, options: JobsFlags) =>
    exit(await (await import('./jobs.ts')).jobsCommand(context, job, options)),
  );
  automation(context, program, exit);
  consoleVerbs(context, program, exit);
  verb('show <asset>', 'show the definition, schema, record, upstreams and downstreams of an asset').action(
    async (asset: string, options: JsonFlag) =>
      exit(await (await import('./show.ts')).showCommand(context, asset, options)),
  );
  verb('preview [asset]', 'show rows of an asset, or of a SQL query over materialized tables')
    .option('--limit <rows>', 'show at most this many rows', wholeNumber, 10)
    .option('--partition <key>', 'only this partition')
    .option('--sql <query>', 'a query; tables are named group.name, or just name where that is unambiguous')
    .action(async (asset: string | undefined, options: PreviewFlags) =>
      exit(await (await import('./preview.ts')).previewCommand(context, asset, options)),
    );
  verb(
    'runs [run]',
    'list recent runs; or the steps of one run, given its id, the start of its id, or "last"',
  )
    .option('--limit <runs>', 'show at most this many', wholeNumber, 20)
    .option('--status <status>', 'only runs with this status: succeeded, failed, cancelled, lost or running')
    .action(async (run: string | undefined, options: RunsFlags) =>
      exit(await (await import('./runs.ts')).runsCommand(context, run, options)),
    );
  verb('logs <run> [asset]', 'show what the steps of a run logged').action(
    async (run: string, asset: string | undefined, options: JsonFlag) =>
      exit(await (await import('./logs.ts')).logsCommand(context, run, asset, options)),
  );
  verb(
    'diff <from> <to>',
    'compare the data of two runs or two record files: rows, columns, statistics',
  ).action(async (from: string, to: string, options: JsonFlag) =>
    exit(await (await import('./diff.ts')).diffCommand(context, from, to, options)),
  );
  verb('prune', 'remove old runs from the history, and files of deleted assets')
    .option('--older-than <duration>', 'remove runs older than this, for example 30d', duration)
    .option('--keep-runs <runs>', 'keep only this many of the newest runs', wholeNumber)
    .option('--dry-run', 'only show what would be removed')
    .action(async (options: PruneFlags) =>
      exit(await (await import('./prune.ts')).pruneCommand(context, options)),
    );
  program
    .command('completion <shell>')
    .description('print a shell completion script for bash, zsh or fish')
    .action(async (shell: string) => {
      const verbs = program.commands.map((command) => command.name());
      exit((await import('./completion.ts')).completionCommand(context, shell, verbs));
    });
  return program;
}

/** Schedules, sensors and conditions: a group of verbs, so that each has its own help. */
function automation(context: ProcessContext, program: Command, exit: (code: number) => void): void {
  const group = program.command('automation').description('schedules, sensors and conditions').exitOverride();
  const verb = (name: string, summary: string) =>
    group.command(name).description(summary).option('--json', 'print JSON instead of text');
  verb('serve', 'run the automation daemon until it is stopped; with several, one is the leader')
    .option('--every <duration>', 'how often to evaluate conditions', duration, milliseconds('15s'))
    .option('--runs <requests>', 'how many requests to run in parallel', wholeNumber, 2)
    .option('--for <duration>', 'stop after this time, for example 1h', duration)
    .option('--verbose', 'also show ticks that requested nothing')
    .action(async (options: ServeFlags) =>
      exit(await (await import('./automation-serve.ts')).serveCommand(context, options)),
    );
  verb('tick', 'evaluate everything once, run what is due, and wait for it: for cron and CI')
    .option('--runs <requests>', 'how many requests to run in parallel', wholeNumber, 2)
    .action(async (options: TickFlags) =>
      exit(await (await import('./automation-serve.ts')).tickCommand(context, options)),
    );
  verb('status', 'list schedules, sensors and conditions, with the next due time and the last result').action(
    async (options: JsonFlag) =>
      exit(await (await import('./automation-status.ts')).statusCommand(context, options)),
  );
  verb('history [name]', 'list recent ticks, newest first: what each decided, and why')
    .option('--limit <ticks>', 'show at most this many', wholeNumber, 20)
    .option('--tree', 'show every part of each condition')
    .action(async (name: string | undefined, options: HistoryFlags) =>
      exit(await (await import('./automation-history.ts')).historyCommand(context, name, options)),
    );
  group
    .command('run <request>', { hidden: true })
    .action(async (id: string) =>
      exit(await (await import('./automation-serve.ts')).runRequestCommand(context, id)),
    );
}

/** Pages in a browser: served, or as files. */
function consoleVerbs(context: ProcessContext, program: Command, exit: (code: number) => void): void {
  const group = program
    .command('console')
    .description('open the console in a browser: groups, lineage, runs, and why each asset has its status')
    .option('--json', 'print JSON instead of text')
    .option('--port <port>', 'port to listen on; 0 for any free port', portNumber, 4680)
    .option(
      '--host <address>',
      'address to listen on, for access from other machines; requires NX_ASSETS_CONSOLE_PASSWORD',
    )
    .option('--name <names...>', 'host names that other machines may use')
    .exitOverride()
    .action(async (options: ConsoleFlags) =>
      exit(await (await import('./console.ts')).consoleCommand(context, options)),
    );
  group
    .command('export')
    .description('write the console as files that open without a server')
    .option('--json', 'print JSON instead of text')
    .option('--to <folder>', 'folder to write to (default: output/console)')
    .option('--runs <runs>', 'how many runs to include', wholeNumber, 50)
    .action(async (options: ConsoleExportFlags) =>
      exit(await (await import('./console.ts')).exportCommand(context, options)),
    );
  group
    .command('run <planned>', { hidden: true })
    .action(async (planned: string) =>
      exit(await (await import('./console.ts')).runPlannedCommand(context, planned)),
    );
}

function countOf(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0 || text.trim() === '')
    throw new InvalidArgumentError('It must be a whole number, 0 or greater.');
  return number;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number greater than 0.');
  return number;
}

/** Milliseconds. */
function duration(text: string): number {
  try {
    return milliseconds(text);
  } catch {
    throw new InvalidArgumentError('It must be a number and a unit: 90s, 15m, 1h or 7d.');
  }
}

function portNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('It must be a port number from 0 to 65535.');
  return number;
}
