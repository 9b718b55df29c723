import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnyAsset,
  assetKey,
  type Context,
  type Json,
  type PartitionKeys,
  type ValueOf,
} from '@nx-assets/core';
import { queriesOn } from '@nx-assets/engine/execution';
import { type Connection, openValue } from '@nx-assets/storage';
import { StepRig } from './step-rig.ts';
import { asLiteral, type LiteralOf } from './literal.ts';

export interface BuildContextOptions<Clients extends object, Config extends object, P> {
  readonly resources?: Clients;
  readonly config?: Config;
  readonly signal?: AbortSignal;
  /** What `context.partition` is, for an asset with partitions. */
  readonly partition?: P;
}

/** A context for calling a function directly, and what it was told. Use it with `await using`, or close it. */
export interface BuiltContext<Clients, Config, P> extends Omit<
  Context,
  'resources' | 'config' | 'partition'
> {
  readonly partition: P;
  readonly resources: Clients;
  readonly config: Config;
  /** What was logged, a line each. */
  readonly logs: readonly string[];
  /** What `metadata()` was given. */
  readonly entries: Readonly<Record<string, Json>>;
  /** A literal as `materialize` would receive it: a table handle, a value or a file. */
  input<A extends AnyAsset>(asset: A, given: LiteralOf<A>): Promise<ValueOf<A>>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Keys that are only in memory. */
function keysOf(all: Map<string, string[]>, name: string): PartitionKeys {
  const own = () => all.get(name) ?? [];
  const set = (keys: Iterable<string>) => Promise.resolve(void all.set(name, [...new Set(keys)]));
  return {
    list: own,
    add: (...keys) => set([...own(), ...keys]),
    remove: (...keys) => set(own().filter((key) => !keys.includes(key))),
  };
}

/** What `materialize` gets besides its inputs, in a temporary folder that is gone when it is closed. */
export function buildContext<
  Clients extends object = Record<never, never>,
  Config extends object = Record<never, never>,
  P = 'This asset has no `partitions`.',
>(options: BuildContextOptions<Clients, Config, P> = {}): BuiltContext<Clients, Config, P> {
  const bench = new StepRig({});
  const logs: string[] = [];
  const entries: Record<string, Json> = {};
  const log = (message: string) => void logs.push(message);
  const scratch = join(bench.root, 'scratch');
  mkdirSync(scratch);
  let connection: Promise<Connection> | undefined;
  const connect = () => (connection ??= bench.duckdb.connect());
  const keys = new Map<string, string[]>();
  let inputs = 0;
  const close = async () => {
    (await connection)?.close();
    await bench.close();
  };
  return {
    asset: assetKey('test', 'asset'),
    partition: options.partition as P,
    partitionKeys: (name) => keysOf(keys, name),
    runId: 'test',
    root: bench.root,
    log: { debug: log, info: log, warn: log },
    signal: options.signal ?? bench.signal,
    resources: options.resources ?? ({} as Clients),
    config: options.config ?? ({} as Config),
    scratch,
    file: join(bench.root, 'file'),
    ...queriesOn(connect),
    metadata: (given) => void Object.assign(entries, given),
    logs,
    entries,
    async input(asset, given) {
      const record = await bench.step(`input_${++inputs}`, asLiteral(asset, given));
      return (await openValue(bench.store, record, await connect())) as never;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
