import { AssetError } from '@nx-assets/core';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { sayError } from '../reporter.ts';

/** What scripts can rely on. */
export const EXIT = { ok: 0, failed: 1, usage: 2, work: 10 } as const;

/** Runs one command line; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = build((result) => (code = result));
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof AssetError)) throw error;
    sayError(error);
    return error.code === 'SELECTION_INVALID' || error.code === 'COMMAND_INVALID' ? EXIT.usage : EXIT.failed;
  }
}

const SELECTION = 'assets: a name, group:x, kind:x, status:x, +x and x+, with and, or, not (default: all)';

function build(exit: (code: number) => void): Command {
  const program = new Command('nx-assets')
    .description('Data assets on the project graph of Nx: what is there, what would run, and why.')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showSuggestionAfterError()
    .exitOverride();
  const verb = (name: string, summary: string) =>
    program.command(name).description(summary).option('--json', 'one JSON document instead of text');

  verb('plan [selection...]', 'what would run and why; touches nothing')
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--refresh', 'as if data from outside were asked for again')
    .option('--force', 'as if everything were computed again')
    .option('--exit-code', `exit with ${EXIT.work} when something would run`)
    .action(async (selection: string[], options: PlanFlags) =>
      exit(await (await import('./plan.ts')).planCommand(selection, options)),
    );
  verb(
    'materialize [selection...]',
    'bring assets up to date, with what they need; runs nx only when there is work',
  )
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--refresh', 'ask for data from outside again')
    .option('--force', 'compute everything again')
    .option('--dry-run', 'the same as plan')
    .option('--parallel <steps>', 'how many steps at the same time', wholeNumber)
    .option('--no-batch', 'a process for each step')
    .action(async (selection: string[], options: MaterializeFlags) =>
      exit(await (await import('./materialize.ts')).materializeCommand(selection, options)),
    );
  verb('status [selection...]', 'fresh, stale, due, overdue, failed or missing, and why')
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--exit-code', `exit with ${EXIT.work} when an asset is not fresh`)
    .action(async (selection: string[], options: StatusFlags) =>
      exit(await (await import('./status.ts')).statusCommand(selection, options)),
    );
  verb('why <asset>', 'the chain of reasons for the state of an asset').action(
    async (asset: string, options: JsonFlag) =>
      exit(await (await import('./why.ts')).whyCommand(asset, options)),
  );
  verb('ls [selection...]', 'the assets, with kind, owners and what they hold')
    .addHelpText('after', `\nselection: ${SELECTION}`)
    .option('--names', 'names only, one a line')
    .action(async (selection: string[], options: LsFlags) =>
      exit(await (await import('./ls.ts')).lsCommand(selection, options)),
    );
  verb('show <asset>', 'definition, schema, record, what it depends on and what depends on it').action(
    async (asset: string, options: JsonFlag) =>
      exit(await (await import('./show.ts')).showCommand(asset, options)),
  );
  verb('preview [asset]', 'rows of an asset, or of SQL over materialized tables')
    .option('--limit <rows>', 'at most this many rows', wholeNumber, 10)
    .option('--sql <query>', 'a query; tables are called group.name, or name where that is clear')
    .action(async (asset: string | undefined, options: PreviewFlags) =>
      exit(await (await import('./preview.ts')).previewCommand(asset, options)),
    );
  verb('runs [run]', 'the last runs; or the steps of one, by its id, the beginning of it, or "last"')
    .option('--limit <runs>', 'at most this many', wholeNumber, 20)
    .option('--status <status>', 'only runs that succeeded, failed, were cancelled or lost, or are running')
    .action(async (run: string | undefined, options: RunsFlags) =>
      exit(await (await import('./runs.ts')).runsCommand(run, options)),
    );
  verb('logs <run> [asset]', 'what the steps of a run logged').action(
    async (run: string, asset: string | undefined, options: JsonFlag) =>
      exit(await (await import('./logs.ts')).logsCommand(run, asset, options)),
  );
  verb(
    'diff <from> <to>',
    'what data differs between two runs or two record files: rows, columns, statistics',
  ).action(async (from: string, to: string, options: JsonFlag) =>
    exit(await (await import('./diff.ts')).diffCommand(from, to, options)),
  );
  verb('prune', 'removes old runs from the history, and files of assets that are no more')
    .option('--older-than <duration>', 'runs older than this, for example 30d')
    .option('--keep-runs <runs>', 'all but the newest', wholeNumber)
    .option('--dry-run', 'only says what would go')
    .action(async (options: PruneFlags) => exit(await (await import('./prune.ts')).pruneCommand(options)));
  program
    .command('completion <shell>')
    .description('a script that completes commands and names of assets, for bash, zsh or fish')
    .action(async (shell: string) => {
      const verbs = program.commands.map((command) => command.name());
      exit((await import('./completion.ts')).completionCommand(shell, verbs));
    });
  return program;
}

export interface JsonFlag {
  readonly json?: boolean;
}
export interface PlanFlags extends JsonFlag {
  readonly refresh?: boolean;
  readonly force?: boolean;
  readonly exitCode?: boolean;
}
export interface MaterializeFlags extends JsonFlag {
  readonly refresh?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly parallel?: number;
  readonly batch?: boolean;
}
export interface StatusFlags extends JsonFlag {
  readonly exitCode?: boolean;
}
export interface LsFlags extends JsonFlag {
  readonly names?: boolean;
}
export interface RunsFlags extends JsonFlag {
  readonly limit: number;
  readonly status?: string;
}
export interface PruneFlags extends JsonFlag {
  readonly olderThan?: string;
  readonly keepRuns?: number;
  readonly dryRun?: boolean;
}
export interface PreviewFlags extends JsonFlag {
  readonly limit: number;
  readonly sql?: string;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}
