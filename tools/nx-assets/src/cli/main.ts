import { AssetError } from '@nx-assets/core';
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

/** What is wrong with the command line, and not with the workspace. */
const USAGE = new Set<string>([
  'SELECTION_INVALID',
  'COMMAND_INVALID',
  'PARTITION_UNKNOWN',
  'PARTITION_NOT_ONE',
]);

const PARTITIONS = 'keys, ranges and lists: 2026-03-01...2026-03-31,latest; in two dimensions */eu';

const SELECTION = 'assets: a name, group:x, kind:x, status:x, +x and x+, with and, or, not (default: all)';

const CONFIG = 'what the run gives to assets: a file of JSON, or group/name.field=value; may be repeated';
const collect = (text: string, before: readonly string[] = []) => [...before, text];

function build(context: ProcessContext, exit: (code: number) => void): Command {
  const program = new Command('nx-assets')
    .description('Data assets on the project graph of Nx: what is there, what would run, and why.')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .exitOverride();
  const verb = (name: string, summary: string) =>
    program.command(name).description(summary).option('--json', 'one JSON document instead of text');
  /** Which partitions; without any of these flags, all. */
  const cut = (command: Command) =>
    command
      .option('--partition <keys>', PARTITIONS)
      .option('--missing', 'only partitions that are not there')
      .option('--stale', 'only partitions that are out of date')
      .option('--failed', 'only partitions whose last step failed');

  cut(verb('plan [selection...]', 'what would run and why; touches nothing'))
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--refresh', 'as if data from outside were asked for again')
    .option('--force', 'as if everything were computed again')
    .option('--config <config>', CONFIG, collect)
    .option('--exit-code', `exit with ${EXIT.work} when something would run`)
    .action(async (selection: string[], options: PlanFlags) =>
      exit(await (await import('./plan.ts')).planCommand(context, selection, options)),
    );
  cut(
    verb(
      'materialize [selection...]',
      'bring assets up to date, with what they need; runs nx only when there is work',
    ),
  )
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--refresh', 'ask for data from outside again')
    .option('--force', 'compute everything again')
    .option('--config <config>', CONFIG, collect)
    .option('--dry-run', 'the same as plan')
    .option('--parallel <steps>', 'how many steps at the same time', wholeNumber)
    .option('--no-batch', 'a process for each step')
    .action(async (selection: string[], options: MaterializeFlags) =>
      exit(await (await import('./materialize.ts')).materializeCommand(context, selection, options)),
    );
  cut(
    verb('backfill [asset]', 'make many partitions of an asset, with progress; goes on where it was stopped'),
  )
    .option('--force', 'also those that are up to date')
    .option('--resume [id]', 'go on with a backfill that did not come to its end')
    .option('--list', 'the backfills that did not')
    .option('--retries <times>', 'how often to try again what failed', countOf, 0)
    .option('--parallel <steps>', 'how many partitions at the same time', wholeNumber)
    .option('--dry-run', 'only says how much there is to do')
    .action(async (asset: string | undefined, options: BackfillFlags) =>
      exit(await (await import('./backfill.ts')).backfillCommand(context, asset, options)),
    );
  verb('partitions <asset>', 'the partitions of an asset, and how they stand')
    .option('--partition <keys>', PARTITIONS)
    .option('--status <status>', 'only those that are fresh, stale, missing or failed')
    .option('--limit <partitions>', 'at most this many, the last ones', wholeNumber, 30)
    .option('--page <page>', 'those before them', wholeNumber, 1)
    .option('--add <keys...>', 'adds keys to a dynamic set')
    .option('--remove <keys...>', 'removes keys from a dynamic set')
    .action(async (asset: string, options: PartitionsFlags) =>
      exit(await (await import('./partitions.ts')).partitionsCommand(context, asset, options)),
    );
  verb('status [selection...]', 'fresh, stale, due, overdue, failed or missing, and why')
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--exit-code', `exit with ${EXIT.work} when an asset is not fresh`)
    .action(async (selection: string[], options: StatusFlags) =>
      exit(await (await import('./status.ts')).statusCommand(context, selection, options)),
    );
  verb('why <asset>', 'the chain of reasons for the state of an asset').action(
    async (asset: string, options: JsonFlag) =>
      exit(await (await import('./why.ts')).whyCommand(context, asset, options)),
  );
  verb('ls [selection...]', 'the assets, with kind, owners and what they hold')
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--names', 'names only, one a line')
    .action(async (selection: string[], options: LsFlags) =>
      exit(await (await import('./ls.ts')).lsCommand(context, selection, options)),
    );
  verb(
    'jobs [job]',
    'the jobs, and what they would run; or one, with its ops and the plan of its assets',
  ).action(async (job: string | undefined, options: JobsFlags) =>
    exit(await (await import('./jobs.ts')).jobsCommand(context, job, options)),
  );
  automation(context, program, exit);
  consoleVerbs(context, program, exit);
  verb('show <asset>', 'definition, schema, record, what it depends on and what depends on it').action(
    async (asset: string, options: JsonFlag) =>
      exit(await (await import('./show.ts')).showCommand(context, asset, options)),
  );
  verb('preview [asset]', 'rows of an asset, or of SQL over materialized tables')
    .option('--limit <rows>', 'at most this many rows', wholeNumber, 10)
    .option('--partition <key>', 'only this partition')
    .option('--sql <query>', 'a query; tables are called group.name, or name where that is clear')
    .action(async (asset: string | undefined, options: PreviewFlags) =>
      exit(await (await import('./preview.ts')).previewCommand(context, asset, options)),
    );
  verb('runs [run]', 'the last runs; or the steps of one, by its id, the beginning of it, or "last"')
    .option('--limit <runs>', 'at most this many', wholeNumber, 20)
    .option('--status <status>', 'only runs that succeeded, failed, were cancelled or lost, or are running')
    .action(async (run: string | undefined, options: RunsFlags) =>
      exit(await (await import('./runs.ts')).runsCommand(context, run, options)),
    );
  verb('logs <run> [asset]', 'what the steps of a run logged, assets and ops').action(
    async (run: string, asset: string | undefined, options: JsonFlag) =>
      exit(await (await import('./logs.ts')).logsCommand(context, run, asset, options)),
  );
  verb(
    'diff <from> <to>',
    'what data differs between two runs or two record files: rows, columns, statistics',
  ).action(async (from: string, to: string, options: JsonFlag) =>
    exit(await (await import('./diff.ts')).diffCommand(context, from, to, options)),
  );
  verb('prune', 'removes old runs from the history, and files of assets that are no more')
    .option('--older-than <duration>', 'runs older than this, for example 30d')
    .option('--keep-runs <runs>', 'all but the newest', wholeNumber)
    .option('--dry-run', 'only says what would go')
    .action(async (options: PruneFlags) =>
      exit(await (await import('./prune.ts')).pruneCommand(context, options)),
    );
  program
    .command('completion <shell>')
    .description('a script that completes commands and names of assets, for bash, zsh or fish')
    .action(async (shell: string) => {
      const verbs = program.commands.map((command) => command.name());
      exit((await import('./completion.ts')).completionCommand(context, shell, verbs));
    });
  return program;
}

/** What runs by itself: a group of verbs, so that each has its own help. */
function automation(context: ProcessContext, program: Command, exit: (code: number) => void): void {
  const group = program
    .command('automation')
    .description('what runs by itself: schedules, sensors and conditions')
    .exitOverride();
  const verb = (name: string, summary: string) =>
    group.command(name).description(summary).option('--json', 'JSON instead of text');
  verb('serve', 'watches, decides and runs, until it is stopped; of several, one leads')
    .option('--every <duration>', 'how often conditions are asked', '15s')
    .option('--runs <requests>', 'how many requests may run at the same time', wholeNumber, 2)
    .option('--for <duration>', 'ends by itself after this time, for example 1h')
    .option('--verbose', 'also says what came to nothing')
    .action(async (options: ServeFlags) =>
      exit(await (await import('./automation-serve.ts')).serveCommand(context, options)),
    );
  verb('tick', 'looks once at everything, runs what is due, and waits for it: for cron, and for CI')
    .option('--runs <requests>', 'how many requests may run at the same time', wholeNumber, 2)
    .action(async (options: TickFlags) =>
      exit(await (await import('./automation-serve.ts')).tickCommand(context, options)),
    );
  verb('status', 'what there is, when it is due, and what it came to last').action(
    async (options: JsonFlag) =>
      exit(await (await import('./automation-status.ts')).statusCommand(context, options)),
  );
  verb('history [name]', 'the last ticks, the newest first: what each decided, and why')
    .option('--limit <ticks>', 'at most this many', wholeNumber, 20)
    .option('--tree', 'with every part of a condition')
    .action(async (name: string | undefined, options: HistoryFlags) =>
      exit(await (await import('./automation-history.ts')).historyCommand(context, name, options)),
    );
  group
    .command('run <request>', { hidden: true })
    .action(async (id: string) =>
      exit(await (await import('./automation-serve.ts')).runCommand(context, id)),
    );
}

/** Pages in a browser: served, or as files. */
function consoleVerbs(context: ProcessContext, program: Command, exit: (code: number) => void): void {
  const group = program
    .command('console')
    .description('groups, lineage, runs and every answer to why, in a browser')
    .option('--json', 'JSON instead of text')
    .option('--port <port>', 'where it listens; 0 for any port that is free', portNumber, 4680)
    .option('--host <address>', 'lets others reach it; asks for NX_ASSETS_CONSOLE_PASSWORD')
    .option('--name <names...>', 'by which names others may call it')
    .exitOverride()
    .action(async (options: ConsoleFlags) =>
      exit(await (await import('./console.ts')).consoleCommand(context, options)),
    );
  group
    .command('export')
    .description('writes the same as files that open without a server')
    .option('--json', 'JSON instead of text')
    .option('--to <folder>', 'where (default: output/console)')
    .option('--runs <runs>', 'how many runs go with it', wholeNumber, 50)
    .action(async (options: ConsoleExportFlags) =>
      exit(await (await import('./console.ts')).exportCommand(context, options)),
    );
  group
    .command('run <planned>', { hidden: true })
    .action(async (planned: string) =>
      exit(await (await import('./console.ts')).runCommand(context, planned)),
    );
}

function countOf(text: string): number {
  return text === '0' ? 0 : wholeNumber(text);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

function portNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('It must be a port: 0 to 65535.');
  return number;
}
