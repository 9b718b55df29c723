/**
 * A failure that somebody can act on: a stable code, the facts, a remedy, and whose bug it is.
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
  ASSET_OUTPUT_CONFLICT: { blame: 'author', remedy: 'Give each asset a file of its own.' },
  ASSET_VALUE_AMBIGUOUS: {
    blame: 'author',
    remedy: 'Give exactly one of `schema` (table rows), `value` (JSON) or `file` (a path under output/).',
  },
  ASSET_OPTION_INVALID: { blame: 'author', remedy: 'Correct the option in the definition.' },
  PARTITION_KEY_INVALID: {
    blame: 'data',
    remedy: 'A key is a name that files and command lines can carry; give each partition one of its own.',
  },
  PARTITION_UNKNOWN: { blame: 'author', remedy: 'See what there is with `nx-assets partitions <asset>`.' },
  PARTITION_MAPPING_MISSING: {
    blame: 'author',
    remedy:
      'Say which partitions it is made from: allPartitions(dep), lastPartition(dep), trailing(dep, 7), mapPartitions(dep, …) or customMapping(dep, …).',
  },
  PARTITION_MAPPING_THREW: {
    blame: 'author',
    remedy: 'Mend the function that was given to customMapping().',
  },
  PARTITION_NOT_ONE: {
    blame: 'author',
    remedy: 'Read all of them: the value is a map from key to value.',
  },
  PARTITION_COLUMN: {
    blame: 'author',
    remedy:
      'In a ranged step each row says by its `partitionColumn` to which of the asked partitions it belongs.',
  },
  ASSET_CYCLE: { blame: 'author', remedy: 'Remove one import, or merge the assets.' },
  ASSET_DEP_INVALID: {
    blame: 'author',
    remedy: 'A dep is an imported asset. If the import is undefined, two files import each other.',
  },
  ASSET_DEP_NOT_EXPORTED: {
    blame: 'author',
    remedy: 'Export the asset from the entry of a group, so that it has a name.',
  },
  ASSET_ENTRY_INVALID: {
    blame: 'author',
    remedy: 'An entry is data that JSON can hold, and becomes an asset; for a list, a name and an asset.',
  },
  ASSET_MEMBER_UNKNOWN: {
    blame: 'author',
    remedy: 'Correct the name, or add the entry to the list, before those that need it.',
  },
  ASSET_OUTPUT_NOT_EXPORTED: {
    blame: 'author',
    remedy: 'Export every output of a multiAsset from the entry of one group, so that each has a name.',
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
    remedy: 'Export it from the entry of a group, so that it has a name.',
  },
  OP_THREW: { blame: 'author', remedy: 'The function of the op threw; its stack is below.' },
  OP_INPUTS_INVALID: {
    blame: 'author',
    remedy: 'Correct what the ops before it give, or what the op says that it takes.',
  },
  OP_OUTPUT_INVALID: { blame: 'author', remedy: 'Return what the `output` of the op describes.' },
  OP_INVALID: { blame: 'author', remedy: 'Correct the op.' },
  AUTOMATION_INVALID: { blame: 'author', remedy: 'Correct the schedule, sensor or condition.' },
  AUTOMATION_LED: {
    blame: 'machine',
    remedy: 'One process decides at a time. End the other one, or leave it to it.',
  },
  SENSOR_FAILED: {
    blame: 'author',
    remedy: 'Mend its `check`. The cursor is as it was, and it looks again in its time.',
  },
  JOB_INVALID: { blame: 'author', remedy: 'Correct the job.' },
  DEFINITION_THREW: { blame: 'author', remedy: 'A definition must load; mend the line that throws.' },
  DEFINITION_IO: {
    blame: 'author',
    remedy: 'Move it into `materialize`: every nx command loads the definitions.',
  },
  DEFINITION_TIMEOUT: {
    blame: 'author',
    remedy: 'A definition must load at once. Look for a loop or an await at the top level.',
  },
  DEFINITION_IMPORT_UNRESOLVED: { blame: 'author', remedy: 'Correct the path, or install the package.' },
  DEFINITION_IMPORT_OPAQUE: {
    blame: 'author',
    remedy: 'Write the path of `import()` as a literal, so that a change behind it re-runs the asset.',
  },
  DEFINITION_SYNTAX: { blame: 'author', remedy: 'Mend the syntax.' },
  WORKSPACE_MISSING: { blame: 'author', remedy: 'Run the command inside of an Nx workspace.' },
  COMMAND_INVALID: { blame: 'author', remedy: 'Look at `nx-assets help`.' },
  GROUP_ENTRY_MISSING: { blame: 'author', remedy: 'Point `nx-assets.entry` in package.json at a file.' },
  MATERIALIZE_THREW: { blame: 'author', remedy: 'The function of the asset threw; its stack is below.' },
  STEP_TIMEOUT: {
    blame: 'machine',
    remedy: 'Raise `timeout` in the definition, or find out what it waits for.',
  },
  ITEMS_FAILED: {
    blame: 'data',
    remedy: 'The other items went through. Mend those that are named, then run again.',
  },
  MATERIALIZE_RESULT: { blame: 'author', remedy: 'Return what the schema of the asset describes.' },
  SELECTION_INVALID: {
    blame: 'author',
    remedy:
      'Correct the selection at the mark: it is made of names, `attribute:value`, `+`, `and`, `or`, `not` and parentheses.',
  },
  SCHEMA_UNSUPPORTED: { blame: 'author', remedy: 'Use a type that a table column can hold.' },
  SCHEMA_MISMATCH: { blame: 'author', remedy: 'Correct the SQL, or the schema of the asset.' },
  ROWS_INVALID: { blame: 'data', remedy: 'Correct the data where it comes from, or widen the schema.' },
  VALUE_INVALID: { blame: 'data', remedy: 'Correct the data where it comes from, or widen the schema.' },
  CONFIG_INVALID: {
    blame: 'author',
    remedy: 'Set the variables, or correct the values of the resource or the run config.',
  },
  CHECK_FAILED: {
    blame: 'data',
    remedy: 'Correct the data, or the check. A value that fails its own checks is not published.',
  },
  ORDER_AMBIGUOUS: {
    blame: 'author',
    remedy: 'Add a column to `orderBy` that tells such rows apart, or remove the rows that repeat.',
  },
  SQL_FAILED: { blame: 'author', remedy: 'Correct the SQL.' },
  NUMBER_UNSAFE: {
    blame: 'data',
    remedy: 'Keep such numbers as text: beyond 2^53 - 1 a number loses its last digits.',
  },
  SOURCE_UNREADABLE: {
    blame: 'machine',
    remedy: 'See that what makes it has run, and that it may be read.',
  },
  HTTP_FAILED: { blame: 'data', remedy: 'Check the address and the service, then run again.' },
  HTTP_BODY_TOO_LARGE: { blame: 'data', remedy: 'Ask for less, or raise the limit of the request.' },
  HTTP_NOT_JSON: { blame: 'data', remedy: 'Check that the address answers with a JSON document.' },
  UPSTREAM_MISSING: {
    blame: 'machine',
    remedy: 'Materialize the upstream asset first, or run without excluding task dependencies.',
  },
  HISTORY_UNREADABLE: {
    blame: 'machine',
    remedy: 'Update Nx Assets, or move the file away: the next run begins a new history.',
  },
  RECORD_INVALID: { blame: 'machine', remedy: 'Delete the file; the next run writes it again.' },
  STORAGE_WRITE_FAILED: {
    blame: 'machine',
    remedy: 'Check free space and permissions. What was there before is untouched.',
  },
  CACHE_INCOMPLETE: {
    blame: 'machine',
    remedy:
      'Run the same command again: it computes what was lost. `npx nx reset` deletes a cache as a whole.',
  },
  MEMORY_EXHAUSTED: {
    blame: 'machine',
    remedy:
      'Let the step use more with `duckdb.memory`, or all steps with NX_ASSETS_MEMORY_LIMIT, for example 2GB; the default is 512MB.',
  },
  PROCESS_ENDED: {
    blame: 'author',
    remedy:
      'The process that ran it ended: look for `process.exit` and for memory, in it and in what ran beside it.',
  },
  LISTENER_FAILED: {
    blame: 'machine',
    remedy:
      'The run goes on, and what it makes is kept. Free disk space, or make the folder `.nx` writable, before the next run.',
  },
  FRAMEWORK_BUG: { blame: 'framework', remedy: 'Please report it with the text above.' },
} as const satisfies Record<string, { blame: Blame; remedy: string }>;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;
