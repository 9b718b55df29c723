import { mkdirSync, rmSync } from 'node:fs';
import {
  type AnyOp,
  AssetError,
  type AssetKey,
  type DataVersion,
  type DefinitionKey,
  type Logger,
  type OpContext,
} from '@nx-assets/core';
import { type Connection, openInput, renderSql } from '@nx-assets/storage';
import { absolute, hashText, readRecord, requireIntact, scratchPath } from '@nx-assets/storage/records';
import type { Partitioning } from '../partitioning.ts';
import type { Redactor } from '../redact.ts';
import { withClients } from './clients.ts';
import type { StepEnvironment } from './step-environment.ts';

export interface OpOrder {
  readonly job: DefinitionKey;
  readonly op: AnyOp;
  readonly key: AssetKey;
  /** What ops before it gave, by name. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** Alias to the asset whose value it takes. */
  readonly deps: Readonly<Record<string, AssetKey>>;
  /** Which partitions there are of these. */
  readonly partitioning: Partitioning;
  announce(message: string): void;
}

/** One attempt of an op: opens its inputs and resources, calls its function, and checks what it gives. */
export async function runOp(
  order: OpOrder,
  environment: StepEnvironment,
): Promise<Readonly<Record<string, unknown>>> {
  const { op, key } = order;
  const { root, runId, signal } = environment;
  const scratch = absolute(root, scratchPath(runId, key));
  mkdirSync(scratch, { recursive: true });
  const connection = await environment.duckdb.connect();
  const onAbort = () => connection.interrupt();
  signal.addEventListener('abort', onAbort);
  try {
    const inputs = { ...inputsOf(order), ...(await valuesOf(order, environment, connection, scratch)) };
    const given = await withClients(op.resources, order, environment, async (resources) => {
      const context: OpContext = {
        job: order.job,
        op: op.name,
        runId,
        root,
        log: order.log,
        signal,
        resources,
        scratch,
        query: async <Row>(query: Parameters<OpContext['query']>[0]) => {
          const { text, values } = renderSql(query);
          return (await connection.rows(text, values)) as Row[];
        },
      };
      return call(op, inputs, context);
    });
    signal.throwIfAborted();
    return outputOf(op, given);
  } finally {
    signal.removeEventListener('abort', onAbort);
    connection.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What the author's function throws is the author's, and says so. */
async function call(op: AnyOp, inputs: unknown, context: OpContext): Promise<unknown> {
  const run = op.run as (inputs: unknown, context: OpContext) => unknown;
  try {
    return await run(inputs, context);
  } catch (thrown) {
    if (thrown instanceof AssetError) throw thrown;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    throw new AssetError('OP_THREW', `${error.name}: ${error.message}.`, { cause: error });
  }
}

function inputsOf({ op, given }: OpOrder): Readonly<Record<string, unknown>> {
  if (op.inputs === null) return {};
  const { data, error } = op.inputs.safeParse(given);
  if (!error) return data;
  throw new AssetError(
    'OP_INPUTS_INVALID',
    `The op ${op.name} cannot take what was given: ${issues(error)}.`,
  );
}

function outputOf(op: AnyOp, given: unknown): Readonly<Record<string, unknown>> {
  if (op.output === null) return {};
  const { data, error } = op.output.safeParse(given);
  if (!error) return data;
  throw new AssetError('OP_OUTPUT_INVALID', `The op ${op.name} gave something else: ${issues(error)}.`);
}

const MOST_ISSUES = 5;

function issues(error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }): string {
  const texts = error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  const more = texts.length > MOST_ISSUES ? `, and ${texts.length - MOST_ISSUES} more` : '';
  return texts.slice(0, MOST_ISSUES).join('; ') + more;
}

/** The values of assets, as they lie in storage: of one with partitions, those that are there. */
async function valuesOf(
  order: OpOrder,
  { root, store }: StepEnvironment,
  connection: Connection,
  scratch: string,
): Promise<Record<string, unknown>> {
  const { op, deps, partitioning } = order;
  const opened = Object.keys(op.deps).map(async (alias) => {
    const key = deps[alias];
    if (!key) throw new AssetError('FRAMEWORK_BUG', `The dep "${alias}" of ${op.name} is not in the graph.`);
    const records = partitioning.partitionsOf(key).flatMap((part) => {
      const reading = readRecord(root, key, part);
      return reading.status === 'found' ? [reading.record] : [];
    });
    const [first] = records;
    if (!first) {
      const facts = `The op ${op.name} takes ${key}, which is not materialized.`;
      throw new AssetError('UPSTREAM_MISSING', facts);
    }
    for (const record of records) await requireIntact(store, record);
    const { partitions, output } = partitioning.manifest(key) ?? {};
    const versions = JSON.stringify(records.map(({ dataVersion }) => dataVersion));
    const dataVersion = hashText(versions) as DataVersion;
    const partitioned = (partitions && output) ?? null;
    const input = { key, dataVersion, records, partitioned };
    return [alias, await openInput(store, input, connection, `${scratch}/inputs/${alias}`)] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}
