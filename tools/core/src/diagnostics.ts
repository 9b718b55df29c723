/**
 * An actionable failure: a stable code, the facts, a remedy, and whose bug it is.
 *
 * `blame` is `author` when a definition or its function is wrong, `data` when what came from outside is,
 * `machine` when a disk, network or process is, and `framework` when it is ours.
 */
export class AssetError extends Error {
  override readonly name = 'AssetError';
  readonly code: DiagnosticCode;
  readonly facts: string;
  readonly remedy: string;
  readonly blame: Blame;

  constructor(code: DiagnosticCode, facts: string, options: { remedy?: string; cause?: unknown } = {}) {
    const { blame, remedy } = DIAGNOSTICS[code];
    super(
      // A list of facts ends its line; a remedy does not hang on to it.
      `${code}: ${facts}${facts.endsWith('\n') ? '' : ' '}${options.remedy ?? remedy}`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.facts = facts;
    this.remedy = options.remedy ?? remedy;
    this.blame = blame;
  }
}

export type Blame = 'author' | 'data' | 'machine' | 'framework';

/** Every code, whose bug it is, and what to do. The docs page of errors is made from this table. */
export const DIAGNOSTICS = {
  ASSET_DESCRIPTION_MISSING: { blame: 'author', remedy: 'Say in one sentence what the asset holds.' },
  ASSET_NAME_INVALID: {
    blame: 'author',
    remedy: 'Rename the export: lower-case letters, digits and underscores, starting with a letter.',
  },
  ASSET_NAME_RESERVED: {
    blame: 'author',
    remedy: 'Rename the asset: its package already has an Nx target of that name.',
  },
  ASSET_DUPLICATE: { blame: 'author', remedy: 'Export each asset once, from the package that owns it.' },
  ASSET_OUTPUT_CONFLICT: { blame: 'author', remedy: 'Give each asset its own `file`.' },
  ASSET_VALUE_AMBIGUOUS: {
    blame: 'author',
    remedy: 'Give exactly one of `schema` (table rows), `value` (JSON) or `file` (a path under output/).',
  },
  ASSET_OPTION_INVALID: { blame: 'author', remedy: 'Correct the option in the definition.' },
  PARTITION_KEY_INVALID: {
    blame: 'data',
    remedy:
      'Use keys that are valid in file names and on a command line, and give each partition a unique one.',
  },
  PARTITION_UNKNOWN: { blame: 'author', remedy: 'List the partitions with `nx-assets partitions <asset>`.' },
  PARTITION_MAPPING_MISSING: {
    blame: 'author',
    remedy:
      'Map the partitions of the dep: allPartitions(dep), lastPartition(dep), trailing(dep, 7), mapPartitions(dep, …) or customMapping(dep, …).',
  },
  PARTITION_MAPPING_THREW: {
    blame: 'author',
    remedy: 'Fix the function passed to customMapping().',
  },
  PARTITION_MISSING: {
    blame: 'data',
    remedy:
      'Run it when that partition exists, or correct the ranges; if the data is complete without it, map the dep with existingPartitions(dep).',
  },
  PARTITION_NOT_ONE: {
    blame: 'author',
    remedy: 'Read each partition: the value is a map from partition key to value.',
  },
  PARTITION_COLUMN: {
    blame: 'author',
    remedy:
      'With a single-run backfill, the `partitionColumn` of each row must hold the key of one of the requested partitions.',
  },
  ASSET_CYCLE: { blame: 'author', remedy: 'Remove one import, or merge the assets.' },
  ASSET_DEP_INVALID: {
    blame: 'author',
    remedy: 'Pass an imported asset. If the import is undefined, two files import each other.',
  },
  ASSET_DEP_NOT_EXPORTED: {
    blame: 'author',
    remedy: 'Export the asset from the entry file of a group: the export gives it its name.',
  },
  ASSET_ENTRY_INVALID: {
    blame: 'author',
    remedy:
      'Use JSON-serializable entries and return an asset for each; for a list, return a name and an asset.',
  },
  ASSET_MEMBER_UNKNOWN: {
    blame: 'author',
    remedy: 'Correct the name, or add the entry to the list before the entries that depend on it.',
  },
  ASSET_OUTPUT_NOT_EXPORTED: {
    blame: 'author',
    remedy:
      'Export every output of the multiAsset from the entry file of one group: the export gives it its name.',
  },
  DEFINITION_DUPLICATE: {
    blame: 'author',
    remedy: 'Export each definition once, from the package that owns it.',
  },
  DEFINITION_NAME_RESERVED: {
    blame: 'author',
    remedy: 'Rename the export: its package already has an Nx target of that name.',
  },
  DEFINITION_NOT_EXPORTED: {
    blame: 'author',
    remedy: 'Export it from the entry file of a group: the export gives it its name.',
  },
  OP_THREW: { blame: 'author', remedy: 'Fix the function of the op; the stack trace is below.' },
  OP_INPUTS_INVALID: {
    blame: 'author',
    remedy: 'Correct the outputs of the preceding ops, or the `inputs` of this op.',
  },
  OP_OUTPUT_INVALID: {
    blame: 'author',
    remedy: 'Return a value that matches the `output` schema of the op.',
  },
  OP_INVALID: { blame: 'author', remedy: 'Correct the op.' },
  AUTOMATION_INVALID: { blame: 'author', remedy: 'Correct the schedule, sensor or condition.' },
  AUTOMATION_LED: {
    blame: 'machine',
    remedy: 'Only one automation daemon can run at a time. Stop the other one, or leave it running.',
  },
  SENSOR_FAILED: {
    blame: 'author',
    remedy: 'Fix its `check`. The cursor is unchanged, and the sensor runs again at its next interval.',
  },
  JOB_INVALID: { blame: 'author', remedy: 'Correct the job.' },
  DEFINITION_THREW: {
    blame: 'author',
    remedy: 'Fix the line that throws: definitions must load without errors.',
  },
  DEFINITION_IO: {
    blame: 'author',
    remedy: 'Move the I/O into `materialize`: every nx command loads the definitions.',
  },
  DEFINITION_TIMEOUT: {
    blame: 'author',
    remedy: 'Definitions must load quickly. Look for an endless loop or a top-level await.',
  },
  DEFINITION_IMPORT_UNRESOLVED: { blame: 'author', remedy: 'Correct the path, or install the package.' },
  DEFINITION_IMPORT_OPAQUE: {
    blame: 'author',
    remedy:
      'Use a string literal in `import()`, `require()` or `new URL()`, so that changes to the file re-run the asset.',
  },
  CODE_NOT_FOLLOWED: {
    blame: 'author',
    remedy:
      'Name the file in a string literal, in `import()`, `require()` or `new URL(…, import.meta.url)`, so that changes to it re-run the asset.',
  },
  CODE_CHANGED_DURING_RUN: {
    blame: 'author',
    remedy: 'Run the same command again. The previous value is unchanged.',
  },
  FILE_CHANGED_DURING_RUN: {
    blame: 'author',
    remedy: 'Run the same command again. The previous value is unchanged.',
  },
  INPUT_CHANGED_DURING_RUN: {
    blame: 'author',
    remedy:
      'Run the same command again. Where the asset itself writes there, let it write to `scratch` or return what it makes.',
  },
  READ_MISSING: {
    blame: 'author',
    remedy:
      'Correct the path in `reads`, or add the file. Where there may be none, write a pattern: data/*.csv.',
  },
  READ_OUTSIDE: {
    blame: 'author',
    remedy:
      'Copy the file into the workspace, or observe it with `external({ source: file(…) })`, so that changes to it re-run the asset.',
  },
  READ_UNDECLARED: {
    blame: 'author',
    remedy: 'Add the line to the definition, so that changes to the file re-run the asset.',
  },
  DEFINITION_SYNTAX: { blame: 'author', remedy: 'Fix the syntax error.' },
  WORKSPACE_MISSING: { blame: 'author', remedy: 'Run the command inside an Nx workspace.' },
  COMMAND_INVALID: { blame: 'author', remedy: 'See `nx-assets help`.' },
  GROUP_ENTRY_MISSING: {
    blame: 'author',
    remedy: 'Set `nx-assets.entry` in package.json to a file that exists.',
  },
  MATERIALIZE_THREW: { blame: 'author', remedy: 'Fix the function of the asset; the stack trace is below.' },
  STEP_TIMEOUT: {
    blame: 'machine',
    remedy: 'Raise `timeout` in the definition, or find out what the step is waiting for.',
  },
  ITEMS_FAILED: {
    blame: 'data',
    remedy: 'All other items succeeded. Fix the ones listed, then run again.',
  },
  MATERIALIZE_RESULT: { blame: 'author', remedy: 'Return a value that matches the schema of the asset.' },
  SELECTION_INVALID: {
    blame: 'author',
    remedy:
      'Correct the selection at the mark. A selection consists of names, `attribute:value`, `+`, `and`, `or`, `not` and parentheses.',
  },
  SCHEMA_UNSUPPORTED: { blame: 'author', remedy: 'Use a type that a table column can store.' },
  SCHEMA_MISMATCH: { blame: 'author', remedy: 'Correct the SQL, or the schema of the asset.' },
  ROWS_INVALID: { blame: 'data', remedy: 'Fix the data at its source, or widen the schema.' },
  VALUE_INVALID: { blame: 'data', remedy: 'Fix the data at its source, or widen the schema.' },
  CONFIG_INVALID: {
    blame: 'author',
    remedy: 'Set the missing variables, or correct the values of the resource or of the run config.',
  },
  CHECK_FAILED: {
    blame: 'data',
    remedy: 'Fix the data or the check. A value that fails its own checks is not published.',
  },
  ORDER_AMBIGUOUS: {
    blame: 'author',
    remedy: 'Add a column to `orderBy` that makes the order unique, or remove the duplicate rows.',
  },
  SQL_FAILED: { blame: 'author', remedy: 'Correct the SQL.' },
  NUMBER_UNSAFE: {
    blame: 'data',
    remedy: 'Store such numbers as text: JavaScript numbers lose precision beyond 2^53 - 1.',
  },
  SOURCE_UNREADABLE: {
    blame: 'machine',
    remedy: 'Check that the source exists and that this process has permission to read it.',
  },
  HTTP_FAILED: { blame: 'data', remedy: 'Check the URL and the service, then run again.' },
  HTTP_BODY_TOO_LARGE: { blame: 'data', remedy: 'Request less data, or raise `maxBytes`.' },
  HTTP_NOT_JSON: { blame: 'data', remedy: 'Check that the URL returns a JSON document.' },
  UPSTREAM_MISSING: {
    blame: 'machine',
    remedy: 'Materialize the upstream asset first, or run without excluding task dependencies.',
  },
  HISTORY_UNREADABLE: {
    blame: 'machine',
    remedy: 'Update Nx Assets, or move the file away; the next run starts a new history.',
  },
  RECORD_INVALID: { blame: 'machine', remedy: 'Delete the file; the next run writes it again.' },
  STORAGE_WRITE_FAILED: {
    blame: 'machine',
    remedy: 'Check disk space and permissions. The previous value is unchanged.',
  },
  OUTPUT_IS_LINK: {
    blame: 'machine',
    remedy:
      'Nx would replace the link with a folder, and leave the data behind. Mount the other disk at this path, or move the whole workspace there.',
  },
  CACHE_INCOMPLETE: {
    blame: 'machine',
    remedy: 'Run the same command again to recompute what was lost. `npx nx reset` deletes the whole cache.',
  },
  REMOTE_CACHE_FAILED: {
    blame: 'machine',
    remedy:
      'The data of this run is not affected: it was computed here instead. Check the address, the access token and the log of the server. What it did not take, other machines compute again.',
  },
  REMOTE_ENTRY_INVALID: {
    blame: 'machine',
    remedy:
      'It was not used; the asset was computed here instead. Delete the entry on the server, and find out who may write there.',
  },
  MEMORY_LIMIT_INVALID: {
    blame: 'machine',
    remedy: 'Set NX_ASSETS_MEMORY_LIMIT, or `duckdb.memory` of the asset, to a size such as 2GB.',
  },
  MEMORY_EXHAUSTED: {
    blame: 'machine',
    remedy:
      'Raise the limit of the step with `duckdb.memory`, or of all steps with NX_ASSETS_MEMORY_LIMIT, for example 2GB. The default is 512MB.',
  },
  PROCESS_ENDED: {
    blame: 'author',
    remedy:
      'The process running the step exited. Look for calls to `process.exit` and for high memory use, in this step and in steps that ran at the same time.',
  },
  LISTENER_FAILED: {
    blame: 'machine',
    remedy:
      'The run continues and its results are kept. Free disk space or make the folder `.nx` writable before the next run.',
  },
  FRAMEWORK_BUG: { blame: 'framework', remedy: 'Please report this bug and include the message above.' },
} as const satisfies Record<string, { blame: Blame; remedy: string }>;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;
