import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  CHECKED,
  type CheckResult,
  type Context,
  type DataVersion,
  identifier,
  type Json,
  type Logger,
  type Partition,
  type PartitionKeys,
  type Resource,
  type Resources,
  sql,
  type Sql,
  type Table,
  type Together,
} from '@nx-assets/core';
import {
  configError,
  configOfAsset,
  configOfResource,
  configOfRun,
  type RunConfig,
} from '@nx-assets/core/config';
import {
  cannotWrite,
  type Connection,
  type DuckDb,
  isRefusedByDisk,
  openInput,
  renderSql,
  type StepInput,
  valueAt,
  writeValue,
} from '@nx-assets/storage';
import {
  absolute,
  type AssetRecord,
  changeDynamicKeys,
  hashText,
  type InputRecord,
  readDynamicKeys,
  type Publication,
  RECORD_VERSION,
  scratchPath,
  type StagedValue,
  valuePath,
  type ValueStore,
} from '@nx-assets/storage/records';
import type { Ingredients } from './action-key.ts';
import { queriesOn } from './queries.ts';
import { Redactor } from './redact.ts';
import { type Audit, audit, enforce } from './audit.ts';
import { takeSlot } from './slots.ts';

/** What one step needs of the process that runs it. */
export interface Workshop {
  readonly root: string;
  readonly store: ValueStore;
  readonly runId: string;
  readonly duckdb: DuckDb;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the run gives to assets. */
  readonly runConfig?: RunConfig;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly versions: Readonly<Record<string, string>>;
  /** What a check of an asset saw in the last runs in which it passed, the newest first. */
  passedBefore?(key: AssetKey, check: string, runs: number): Promise<readonly CheckResult['facts'][]>;
}

export interface StepOrder {
  /** What is made: one value, the partitions of a stretch, or all that one function makes. */
  readonly parts: readonly StepPart[];
  /** What the function sees of the partitions; `null` for an asset without any. */
  readonly partition: Partition | null;
  readonly log: Logger;
  /** Says what is worth knowing of the whole run. */
  announce(message: string): void;
  /** Takes secrets out of what is kept. */
  readonly redactor?: Redactor;
  /** Clients that stand in for the resources of the definition. */
  readonly clients?: Readonly<Record<string, unknown>>;
}

/** One value that a step makes. */
export interface StepPart {
  readonly manifest: AssetManifest;
  readonly definition: AnyAsset;
  readonly partition: string | null;
  readonly actionKey: string;
  readonly ingredients: Ingredients;
  readonly inputs: Readonly<Record<string, StepInput>>;
  /** What was there before, to compare with. */
  readonly previous?: AssetRecord | null;
}

/**
 * Materializes one asset, partitions of one, or all that one function makes: calls the function, checks and writes what it
 * returns beside the final place, and only then replaces value and record. Before that nothing on disk changes; in between
 * there is no record, so a crash leaves an asset to do again and never a record that does not match its bytes. Gives a
 * record for each part. Partitions are replaced one by one, what one function makes all at once.
 */
export async function runStep(order: StepOrder, workshop: Workshop): Promise<AssetRecord[]> {
  const { parts } = order;
  const { root, store, runId } = workshop;
  const [first] = parts;
  if (!first) return [];
  const { manifest, definition } = first;
  const startedAt = workshop.now().toISOString();
  const scratch = absolute(root, scratchPath(runId, manifest.key, first.partition));
  const targets = new Map<StepPart, StagedValue>();
  for (const part of parts) {
    const { key, output } = part.manifest;
    targets.set(part, await store.stage({ key, output, partition: part.partition }));
  }
  const target = targets.get(first) as StagedValue;
  mkdirSync(scratch, { recursive: true });
  const limits = manifest.control.duckdb;
  const duckdb = limits ? workshop.duckdb.with(limits) : workshop.duckdb;
  const connection = await duckdb.connect();
  const onAbort = () => connection.interrupt();
  workshop.signal.addEventListener('abort', onAbort);
  const metadata: Record<string, Json> = {};
  // Of keys of partitions. Nobody has to wait for them: the step does, and fails where one of them does.
  const changes: Promise<void>[] = [];
  try {
    return await withClients(definition.resources, order, workshop, async (resources) => {
      const context: Context = {
        asset: manifest.key,
        partition: order.partition as Context['partition'],
        partitionKeys: (name) => partitionKeys(root, name, workshop.signal, changes),
        runId,
        root,
        log: order.log,
        signal: workshop.signal,
        resources,
        config: ownConfig(first, workshop),
        scratch,
        file: target.path,
        ...queriesOn(() => Promise.resolve(connection)),
        metadata: (entries) => void Object.assign(metadata, entries),
      };
      const inputs = await openInputs(store, allInputs(parts), connection);
      const bench: Bench = { order, workshop, connection, scratch, inputs, metadata, startedAt };
      const made: Publication[] = [];
      const records = new Map<StepPart, AssetRecord>();
      // Inside: what is returned may be a stream that still reads from a client.
      for await (const [part, result] of resultsOf(bench, context, targets)) {
        const one = await make(bench, part, result, targets.get(part) as StagedValue);
        await Promise.all(changes);
        if (definition.together) made.push(one);
        else await store.publish([one]);
        records.set(part, one.record);
      }
      await store.publish(made);
      return parts.map((part) => records.get(part) as AssetRecord);
    });
  } catch (error) {
    const isOurs = isRefusedByDisk(error, [...[...targets.values()].map(({ path }) => path), scratch]);
    throw isOurs ? cannotWrite(target.place, error) : error;
  } finally {
    workshop.signal.removeEventListener('abort', onAbort);
    connection.close();
    if (limits) await duckdb.close();
    for (const staged of targets.values()) await staged.discard();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What the parts of a step share while it runs. */
interface Bench {
  readonly order: StepOrder;
  readonly workshop: Workshop;
  readonly connection: Connection;
  readonly scratch: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, Json>>;
  readonly startedAt: string;
}

/** Calls the function once, and gives to each part what is its own of the result. */
async function* resultsOf(
  bench: Bench,
  context: Context,
  targets: ReadonlyMap<StepPart, StagedValue>,
): AsyncGenerator<readonly [StepPart, unknown]> {
  const { order, workshop, inputs } = bench;
  const [first, ...others] = order.parts as readonly [StepPart, ...StepPart[]];
  const { together, checked, materialize } = first.definition;
  // For one alone, as in a test, its own function gives what is its own.
  if (together && others.length > 0) {
    const named = order.parts.map((part) => [outputName(together, part), part] as const);
    const files = Object.fromEntries(named.map(([name, part]) => [name, targets.get(part)?.path]));
    const results = await together.materialize(inputs as never, { ...context, files } as never);
    workshop.signal.throwIfAborted();
    for (const [name, part] of named) yield [part, results[name]];
    return;
  }
  const call = materialize as (inputs: unknown, context: Context) => unknown;
  const result = checked === null ? await call(inputs, context) : await checkPart(bench, first, null);
  workshop.signal.throwIfAborted();
  if (others.length === 0) yield [first, result];
  else yield* split(bench, result);
}

/** The name under which a function returns what a part is for. */
function outputName({ outputs }: Together, { definition, manifest }: StepPart): string {
  const found = Object.keys(outputs).find((name) => outputs[name] === definition);
  if (found === undefined) throw new AssetError('FRAMEWORK_BUG', `Nothing makes ${manifest.key}.`);
  return found;
}

/** Checks and writes the staged value of one part, and what there is to say of it. */
async function make(
  bench: Bench,
  part: StepPart,
  result: unknown,
  staged: StagedValue,
): Promise<Publication> {
  const { order, workshop, connection, scratch, metadata, startedAt } = bench;
  const { redactor = new Redactor() } = order;
  const { runId, signal } = workshop;
  const { manifest, definition, partition, ingredients } = part;
  const isOnInput = definition.checked !== null;
  const scope = {
    target: staged.path,
    scratch,
    source: nameOf(manifest.key, partition),
    preview: manifest.preview,
    connection,
  };
  const written = await writeValue(definition.output, result, scope);
  const { dataVersion, bytes, columns, statistics, preview } = written;
  const rowCount = written.rowCount ?? (typeof metadata.rows === 'number' ? metadata.rows : null);
  const path = valuePath(manifest.key, manifest.output, partition);
  const value = { type: manifest.output.type, path, bytes, rowCount, columns };
  const checks = isOnInput
    ? (result as CheckResult[])
    : await checkPart(bench, part, {
        value: valueAt(staged.path, { key: manifest.key, dataVersion, value }, connection),
        columns,
      });
  enforce(manifest.checked ?? nameOf(manifest.key, partition), checks);
  const checkedColumns = isOnInput
    ? { columns: part.inputs[CHECKED]?.records[0]?.value.columns ?? null }
    : {};
  signal.throwIfAborted();
  const record: AssetRecord = {
    recordVersion: RECORD_VERSION,
    key: manifest.key,
    partition,
    runId,
    actionKey: part.actionKey,
    code: manifest.code,
    inputs: Object.fromEntries(
      Object.entries(ingredients.inputs).map(([alias, { key, dataVersion: version, partitions }]) => {
        const input = { key, dataVersion: version, ...(partitions ? { partitions } : {}) };
        return [alias, input as InputRecord];
      }),
    ),
    env: ingredients.env,
    ...(ingredients.config ? { config: redactor.data(ingredients.config) } : {}),
    observedAt: ingredients.observedAt,
    dataVersion,
    value,
    statistics: redactor.data(statistics),
    checks: redactor.checks(checks),
    metadata: redactor.data({ ...metadata, ...checkedColumns } as Record<string, Json>),
    preview: redactor.data(preview),
    startedAt,
    finishedAt: workshop.now().toISOString(),
    engine: workshop.versions,
  };
  return { staged, record };
}

const nameOf = (key: AssetKey, partition: string | null): string =>
  partition === null ? key : `${key} [${partition}]`;

/** Runs the checks over what was made, or over the input that they are on. */
function checkPart({ workshop, inputs, connection }: Bench, part: StepPart, made: Audit['made']) {
  const { manifest, definition } = part;
  return audit({
    manifest,
    definition,
    made,
    inputs,
    connection,
    signal: workshop.signal,
    now: workshop.now(),
    previous: part.previous ?? null,
    passedBefore: async (name, runs) => (await workshop.passedBefore?.(manifest.key, name, runs)) ?? null,
  });
}

/** The rows of a ranged step by partition. Throws `PARTITION_COLUMN` for rows of partitions that were not asked for. */
async function* split(
  { order, connection, scratch }: Bench,
  result: unknown,
): AsyncGenerator<readonly [StepPart, Sql]> {
  const { parts } = order;
  const [{ manifest, definition }] = parts as readonly [StepPart, ...StepPart[]];
  const column = manifest.backfill?.column ?? '';
  const target = join(scratch, 'whole.parquet');
  const scope = { target, scratch, source: manifest.key, preview: false, connection };
  const whole = await writeValue(definition.output, result, scope);
  const { key, output } = manifest;
  const facts = { key, dataVersion: whole.dataVersion, value: { ...whole, ...output, path: target } };
  const table = valueAt(target, facts, connection) as Table<object>;
  const name: Sql = { type: 'sql', strings: [identifier(column)], values: [] };
  const { text, values } = renderSql(sql`SELECT DISTINCT ${name} AS key FROM ${table}`);
  const asked = new Set(parts.map(({ partition }) => partition));
  const foreign = (await connection.rows(text, values))
    .map(({ key }) => String(key))
    .filter((key) => !asked.has(key));
  if (foreign.length > 0) {
    const facts = `${manifest.key} gave rows of ${foreign.slice(0, 3).join(', ')} in ${column}, and was asked for ${order.partition?.key ?? ''}.`;
    throw new AssetError('PARTITION_COLUMN', facts);
  }
  for (const part of parts) yield [part, sql`SELECT * FROM ${table} WHERE ${name} = ${part.partition ?? ''}`];
}

/** The inputs of all parts as one: what a ranged step reads. Those that one function makes have the same. */
function allInputs(parts: readonly StepPart[]): Readonly<Record<string, StepInput>> {
  const [first] = parts;
  if (!first || parts.length === 1 || first.definition.together) return first?.inputs ?? {};
  return Object.fromEntries(
    Object.entries(first.inputs).map(([alias, input]) => {
      const all = parts.flatMap(({ inputs }) => inputs[alias]?.records ?? []);
      const records = [...new Map(all.map((record) => [record.partition, record])).values()];
      const versions = parts.map(({ inputs }) => inputs[alias]?.dataVersion);
      return [alias, { ...input, records, dataVersion: hashText(JSON.stringify(versions)) as DataVersion }];
    }),
  );
}

/** A set of partitions as a function may change it. */
function partitionKeys(
  root: string,
  name: string,
  signal: AbortSignal,
  changes: Promise<void>[],
): PartitionKeys {
  const changeNow = async (given: Parameters<typeof changeDynamicKeys>[2]) => {
    const slot = await takeSlot(root, `partitions ${name}`, 1, signal);
    try {
      changeDynamicKeys(root, name, given);
    } finally {
      slot.release();
    }
  };
  const change = (given: Parameters<typeof changeDynamicKeys>[2]) => {
    const changing = changeNow(given);
    changing.catch(() => undefined);
    changes.push(changing);
    return changing;
  };
  return {
    list: () => readDynamicKeys(root, name),
    add: (...add) => change({ add }),
    remove: (...remove) => change({ remove }),
  };
}

async function openInputs(
  store: ValueStore,
  inputs: Readonly<Record<string, StepInput>>,
  connection: Connection,
): Promise<Record<string, unknown>> {
  const opened = Object.entries(inputs).map(async ([alias, input]) => {
    return [alias, await openInput(store, input, connection)] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}

/** What the run gives an asset. Whoever starts a run has checked it; this is for those who have not. */
function ownConfig({ manifest, definition }: StepPart, { env, runConfig }: Workshop): unknown {
  const given = configOfAsset(runConfig, manifest.key);
  const { value, problems } = configOfRun(definition, given);
  if (problems.length > 0)
    throw configError(
      problems.map((problem) => `${manifest.key}: ${problem}`),
      env,
    );
  return value;
}

/**
 * Opens resources, hands them to `use`, and closes what was opened whatever happens. What failed first is what is thrown:
 * one that does not close keeps no other from being closed, and hides no failure of the step.
 */
export async function withClients<T>(
  resources: Resources,
  order: Pick<StepOrder, 'clients' | 'announce' | 'redactor' | 'log'>,
  workshop: Workshop,
  use: (clients: Record<string, never>) => Promise<T>,
): Promise<T> {
  const opened: [Resource<unknown>, unknown][] = [];
  const clients: Record<string, unknown> = {};
  const { env, signal } = workshop;
  const failures: unknown[] = [];
  let result: T | undefined;
  try {
    for (const [name, resource] of Object.entries(resources)) {
      if (order.clients && name in order.clients) {
        clients[name] = order.clients[name];
        continue;
      }
      const secret = (value: string) => order.redactor?.add(value);
      const { value: config, problems } = configOfResource(resource, env);
      if (problems.length > 0)
        throw configError(
          problems.map((problem) => `resource ${name}: ${problem}`),
          env,
        );
      const { announce, log } = order;
      const client = await resource.open({ env, signal, secret, announce, log, config });
      opened.push([resource, client]);
      clients[name] = client;
    }
    result = await use(clients as Record<string, never>);
  } catch (error) {
    failures.push(error);
  }
  for (const [resource, client] of opened.reverse()) {
    try {
      await resource.close?.(client);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return result as T;
}
