import { mkdirSync, rmSync } from 'node:fs';
import { AssetError, type Context, type Json, type Siblings } from '@nx-assets/core';
import { cannotWrite, type Connection, isRefusedByDisk, openInput, type StepInput } from '@nx-assets/storage';
import {
  absolute,
  type AssetRecord,
  type Publication,
  scratchPath,
  type StagedValue,
  type ValueStore,
} from '@nx-assets/storage/records';
import { ownConfig, withClients } from './clients.ts';
import { confirmCode } from './confirm-code.ts';
import { checkPart, makeValue } from './make-value.ts';
import { partitionKeys } from './partition-keys.ts';
import { queriesOn } from './queries.ts';
import { allInputs, split } from './ranged.ts';
import type { StepEnvironment, StepOrder, StepPart } from './step-environment.ts';
import type { StepScope } from './step-scope.ts';

/**
 * Materializes one asset, partitions of one, or all that one function makes: calls the function, checks and writes what it
 * returns beside the final place, and only then replaces value and record. Before that nothing on disk changes; in between
 * there is no record, so a crash leaves an asset to do again and never a record that does not match its bytes. Gives a
 * record for each part. Partitions are replaced one by one, what one function makes all at once.
 */
export async function runStep(order: StepOrder, environment: StepEnvironment): Promise<AssetRecord[]> {
  const { parts } = order;
  const { root, store, runId } = environment;
  const [first] = parts;
  if (!first) return [];
  const { manifest, definition } = first;
  const startedAt = environment.now().toISOString();
  const scratch = absolute(root, scratchPath(runId, manifest.key, first.partition));
  const targets = new Map<StepPart, StagedValue>();
  for (const part of parts) {
    const { key, output } = part.manifest;
    targets.set(part, await store.stage({ key, output, partition: part.partition }));
  }
  const target = targets.get(first) as StagedValue;
  mkdirSync(scratch, { recursive: true });
  const limits = manifest.control.duckdb;
  const duckdb = limits ? environment.duckdb.with(limits) : environment.duckdb;
  const connection = await duckdb.connect();
  const onAbort = () => connection.interrupt();
  environment.signal.addEventListener('abort', onAbort);
  const metadata: Record<string, Json> = {};
  // Of keys of partitions. Nobody has to wait for them: the step does, and fails where one of them does.
  const changes: Promise<void>[] = [];
  try {
    const reads = environment.reads?.begin(manifest, manifest.isExternal);
    const use = async (resources: Context['resources']) => {
      const context: Context = {
        asset: manifest.key,
        partition: order.partition as Context['partition'],
        partitionKeys: (name) => partitionKeys(environment, name, changes),
        runId,
        root,
        log: order.log,
        signal: environment.signal,
        resources,
        config: ownConfig(first, environment),
        scratch,
        file: target.path,
        ...queriesOn(() => Promise.resolve(connection)),
        metadata: (entries) => void Object.assign(metadata, entries),
      };
      const inputs = await openInputs(store, allInputs(parts), connection, scratch);
      const scope: StepScope = { order, environment, connection, scratch, inputs, metadata, startedAt };
      const made: Publication[] = [];
      const records = new Map<StepPart, AssetRecord>();
      // Inside: what is returned may be a stream that still reads from a client.
      for await (const [part, result] of resultsOf(scope, context, targets)) {
        const one = await makeValue(scope, part, result, targets.get(part) as StagedValue);
        await Promise.all(changes);
        if (environment.loaded) await confirmCode(root, part.manifest, environment.loaded);
        reads?.confirm();
        order.confirmInputs?.();
        if (definition.siblings) made.push(one);
        else await store.publish([one]);
        records.set(part, one.record);
      }
      await store.publish(made);
      const warning = reads?.warning();
      if (warning) order.announce(warning);
      return parts.map((part) => records.get(part) as AssetRecord);
    };
    return await withClients(definition.resources, order, environment, (resources) =>
      reads ? reads.watch(() => use(resources)) : use(resources),
    );
  } catch (error) {
    const staged = [...targets.values()].map(({ path }) => path);
    const isOurs = isRefusedByDisk(error, [...staged, scratch]);
    throw isOurs ? cannotWrite(target.place, error) : error;
  } finally {
    environment.signal.removeEventListener('abort', onAbort);
    connection.close();
    if (limits) await duckdb.close();
    for (const staged of targets.values()) await staged.discard();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Calls the function once, and gives to each part what is its own of the result. */
async function* resultsOf(
  scope: StepScope,
  context: Context,
  targets: ReadonlyMap<StepPart, StagedValue>,
): AsyncGenerator<readonly [StepPart, unknown]> {
  const { order, environment, inputs } = scope;
  const [first, ...others] = order.parts as readonly [StepPart, ...StepPart[]];
  const { siblings, checked, materialize } = first.definition;
  // For one alone, as in a test, its own function gives what is its own.
  if (siblings && others.length > 0) {
    const named = order.parts.map((part) => [outputName(siblings, part), part] as const);
    const files = Object.fromEntries(named.map(([name, part]) => [name, targets.get(part)?.path]));
    const results = await siblings.materialize(inputs as never, { ...context, files } as never);
    environment.signal.throwIfAborted();
    for (const [name, part] of named) yield [part, results[name]];
    return;
  }
  const call = materialize as (inputs: unknown, context: Context) => unknown;
  const result = checked === null ? await call(inputs, context) : await checkPart(scope, first, null);
  environment.signal.throwIfAborted();
  if (others.length === 0) yield [first, result];
  else yield* split(scope, result);
}

/** The name under which a function returns what a part is for. */
function outputName({ outputs }: Siblings, { definition, manifest }: StepPart): string {
  const found = Object.keys(outputs).find((name) => outputs[name] === definition);
  if (found === undefined) throw new AssetError('FRAMEWORK_BUG', `No definition makes ${manifest.key}.`);
  return found;
}

async function openInputs(
  store: ValueStore,
  inputs: Readonly<Record<string, StepInput>>,
  connection: Connection,
  scratch: string,
): Promise<Record<string, unknown>> {
  const opened = Object.entries(inputs).map(
    async ([alias, input]) =>
      [alias, await openInput(store, input, connection, `${scratch}/inputs/${alias}`)] as const,
  );
  return Object.fromEntries(await Promise.all(opened));
}
