import { mkdirSync, rmSync } from 'node:fs';
import {
  type AnyAsset,
  type AssetKey,
  type AssetManifest,
  CHECKED,
  type CheckResult,
  type Context,
  type Json,
  type Logger,
  type Resource,
  type Resources,
} from '@nx-assets/core';
import {
  cannotWrite,
  type Connection,
  type DuckDb,
  isRefusedByDisk,
  literal,
  moveIntoPlace,
  openValue,
  renderSql,
  sweepTemporaries,
  temporaryBeside,
  writeValue,
} from '@nx-assets/storage';
import {
  absolute,
  type AssetRecord,
  recordPath,
  RECORD_VERSION,
  scratchPath,
  valuePath,
  writeRecordBeside,
} from '@nx-assets/storage/records';
import type { Ingredients } from './action-key.ts';
import { Redactor } from './redact.ts';
import { type Audit, audit, enforce, valueAt } from './audit.ts';

/** What one step needs of the process that runs it. */
export interface Workshop {
  readonly root: string;
  readonly runId: string;
  readonly duckdb: DuckDb;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly versions: Readonly<Record<string, string>>;
  /** What a check of an asset saw in the last runs in which it passed, the newest first. */
  passedBefore?(key: AssetKey, check: string, runs: number): Promise<readonly CheckResult['facts'][]>;
}

export interface StepOrder {
  readonly manifest: AssetManifest;
  readonly definition: AnyAsset;
  readonly actionKey: string;
  readonly ingredients: Ingredients;
  readonly inputs: Readonly<Record<string, AssetRecord>>;
  readonly log: Logger;
  /** What was there before, to compare with. */
  readonly previous?: AssetRecord | null;
  /** Says what is worth knowing of the whole run. */
  announce(message: string): void;
  /** Takes secrets out of what is kept. */
  readonly redactor?: Redactor;
  /** Clients that stand in for the resources of the definition. */
  readonly clients?: Readonly<Record<string, unknown>>;
}

/**
 * Materializes one asset: calls its function, checks and writes what it returns beside the final place,
 * and only then replaces value and record. Before that nothing on disk changes; in between there is no record,
 * so a crash leaves an asset to do again and never a record that does not match its bytes.
 */
export async function runStep(order: StepOrder, workshop: Workshop): Promise<AssetRecord> {
  const { manifest, definition } = order;
  const { root, runId } = workshop;
  const startedAt = workshop.now().toISOString();
  const path = valuePath(manifest.key, manifest.output);
  const place = absolute(root, path);
  const scratch = absolute(root, scratchPath(runId, manifest.key));
  sweepTemporaries(place);
  sweepTemporaries(absolute(root, recordPath(manifest.key)));
  const target = temporaryBeside(place);
  mkdirSync(scratch, { recursive: true });
  const limits = manifest.control.duckdb;
  const duckdb = limits ? workshop.duckdb.with(limits) : workshop.duckdb;
  const connection = await duckdb.connect();
  const onAbort = () => connection.interrupt();
  workshop.signal.addEventListener('abort', onAbort);
  const metadata: Record<string, Json> = {};
  try {
    const written = await withClients(definition.resources, order, workshop, async (resources) => {
      const context: Context = {
        asset: manifest.key,
        runId,
        root,
        log: order.log,
        signal: workshop.signal,
        resources,
        scratch,
        file: target,
        query: async <Row>(query: Parameters<Context['query']>[0]) => {
          const { text, values } = renderSql(query);
          return (await connection.rows(text, values)) as Row[];
        },
        copy: async (query, to, { format }) => {
          const { text, values } = renderSql(query);
          return connection.run(`COPY (${text}) TO ${literal(to)} (${COPY_OPTIONS[format]})`, values);
        },
        metadata: (entries) => void Object.assign(metadata, entries),
      };
      const materialize = definition.materialize as (inputs: unknown, context: Context) => unknown;
      const inputs = openInputs(order, root, connection);
      const check = (made: Audit['made']) =>
        audit({
          manifest,
          definition,
          made,
          inputs,
          connection,
          signal: workshop.signal,
          now: workshop.now(),
          previous: order.previous ?? null,
          passedBefore: async (name, runs) =>
            (await workshop.passedBefore?.(manifest.key, name, runs)) ?? null,
        });
      const isOnInput = definition.checked !== null;
      const result = isOnInput ? await check(null) : await materialize(inputs, context);
      workshop.signal.throwIfAborted();
      // Inside: what is returned may be a stream that still reads from a client.
      const scope = { target, scratch, source: manifest.key, preview: manifest.preview, connection };
      const value = await writeValue(definition.output, result, scope);
      const checks = isOnInput
        ? (result as CheckResult[])
        : await check({ value: valueAt(manifest, target, value, connection), columns: value.columns });
      enforce(manifest.checked ?? manifest.key, checks);
      const { columns = null } = order.inputs[CHECKED]?.value ?? {};
      if (isOnInput) Object.assign(metadata, { columns });
      return { ...value, checks };
    });
    workshop.signal.throwIfAborted();
    const { redactor = new Redactor() } = order;
    const { dataVersion, bytes, columns, statistics, preview } = written;
    const rows = typeof metadata.rows === 'number' ? metadata.rows : null;
    const record: AssetRecord = {
      recordVersion: RECORD_VERSION,
      key: manifest.key,
      partition: null,
      runId,
      actionKey: order.actionKey,
      code: manifest.code,
      inputs: Object.fromEntries(
        Object.entries(order.inputs).map(([alias, input]) => [
          alias,
          { key: input.key, dataVersion: input.dataVersion },
        ]),
      ),
      env: order.ingredients.env,
      observedAt: order.ingredients.observedAt,
      dataVersion,
      value: { type: manifest.output.type, path, bytes, rowCount: written.rowCount ?? rows, columns },
      statistics: redactor.data(statistics),
      checks: redactor.checks(written.checks),
      metadata: redactor.data(metadata),
      preview: redactor.data(preview),
      startedAt,
      finishedAt: workshop.now().toISOString(),
      engine: workshop.versions,
    };
    commit(root, target, place, record);
    return record;
  } catch (error) {
    throw isRefusedByDisk(error, [target, scratch]) ? cannotWrite(place, error) : error;
  } finally {
    workshop.signal.removeEventListener('abort', onAbort);
    connection.close();
    if (limits) await duckdb.close();
    rmSync(target, { force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
}

const COPY_OPTIONS = {
  csv: `FORMAT csv, HEADER true, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR ''`,
  // The CSV writer without quotes: it is the only one that writes text.
  lines: `FORMAT csv, HEADER true, QUOTE '', ESCAPE '', NULLSTR ''`,
  parquet: 'FORMAT parquet',
} as const;

function commit(root: string, target: string, place: string, record: AssetRecord): void {
  const recordPlace = absolute(root, recordPath(record.key));
  // Before anything is replaced: a disk may have room for the value and none for the record.
  const recordTarget = writeRecordBeside(root, record);
  try {
    rmSync(recordPlace, { force: true });
    moveIntoPlace(target, place);
    moveIntoPlace(recordTarget, recordPlace);
  } catch (error) {
    rmSync(recordTarget, { force: true });
    throw cannotWrite(place, error);
  }
}

function openInputs(order: StepOrder, root: string, connection: Connection): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(order.inputs).map(([alias, record]) => [alias, openValue(root, record, connection)]),
  );
}

/** Opens resources, hands them to `use`, and closes what was opened whatever happens. */
async function withClients<T>(
  resources: Resources,
  order: Pick<StepOrder, 'clients' | 'announce' | 'redactor'>,
  workshop: Workshop,
  use: (clients: Record<string, never>) => Promise<T>,
): Promise<T> {
  const opened: [Resource<unknown>, unknown][] = [];
  const clients: Record<string, unknown> = {};
  const { env, signal } = workshop;
  try {
    for (const [name, resource] of Object.entries(resources)) {
      if (order.clients && name in order.clients) {
        clients[name] = order.clients[name];
        continue;
      }
      const secret = (value: string) => order.redactor?.add(value);
      const client = await resource.open({ env, signal, secret, announce: order.announce });
      opened.push([resource, client]);
      clients[name] = client;
    }
    return await use(clients as Record<string, never>);
  } finally {
    for (const [resource, client] of opened.reverse()) await resource.close?.(client);
  }
}
