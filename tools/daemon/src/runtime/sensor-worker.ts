// Calls the functions of sensors. A process of its own: nothing stale stays in the daemon, and one that hangs or exits
// takes only this process with it.
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@nx-assets/core';
import type { Seen, Sensor } from '@nx-assets/core/automation';
import { authorStack, type GroupSource, loadGroups } from '@nx-assets/engine/description';

export interface SensorOrder {
  readonly call: number;
  readonly root: string;
  readonly sources: readonly GroupSource[];
  readonly name: string;
  readonly cursor: Json;
  readonly now: number;
  readonly timeout: number;
}

export type SensorAnswer =
  | { readonly call: number; readonly seen: Seen }
  | { readonly call: number; readonly failed: string }
  | { readonly call: number; readonly log: string };

const send = (answer: SensorAnswer): void => void process.send?.(answer);

let loading: Promise<ReadonlyMap<string, Sensor>> | undefined;

process.on('message', (order: SensorOrder) => {
  void answer(order).then(send);
});

async function answer(order: SensorOrder): Promise<SensorAnswer> {
  const { call, root, sources, name, cursor, now, timeout } = order;
  try {
    loading ??= load(root, sources);
    const check = (await loading).get(name)?.check;
    if (!check) return { call, failed: `${name} has no check.` };
    const log = (message: string) => send({ call, log: message });
    const signal = AbortSignal.timeout(timeout);
    const context = {
      root,
      now: new Date(now),
      log: { debug: () => undefined, info: log, warn: log },
      signal,
    };
    // Also where nobody listens to the signal: others look in this process.
    const seen: unknown = await Promise.race([check(cursor, context), isOver(signal, timeout)]);
    const problem = problemOf(seen);
    return problem === null
      ? { call, seen: seen as Seen }
      : { call, failed: `${problem} A check gives { cursor, requests, because }.` };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const at = authorStack(error)?.split('\n')[0]?.trim();
    return { call, failed: `${error.name}: ${error.message}${at ? ` (${at})` : ''}` };
  }
}

const isOver = (signal: AbortSignal, timeout: number): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error(`it took longer than ${timeout / 1_000} s`))),
  );

async function load(root: string, sources: readonly GroupSource[]): Promise<ReadonlyMap<string, Sensor>> {
  const { others } = await loadGroups(root, sources);
  return new Map(
    others.flatMap(({ key, definition }) =>
      definition.type === 'sensor' ? [[key, definition as Sensor] as const] : [],
    ),
  );
}

/** Whether it is kept as it is. */
function isJson(value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    return false; // a BigInt, or what holds itself
  }
}

/** What is wrong with what a check gave, as a sentence. */
function problemOf(seen: unknown): string | null {
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen)) return 'It gave no object.';
  const { requests = [], because, cursor } = seen as Partial<Seen>;
  if (cursor !== undefined && !isJson(cursor)) return '`cursor` is no JSON value.';
  if (because !== undefined && typeof because !== 'string') return '`because` is not a text.';
  if (!Array.isArray(requests)) return '`requests` is not a list.';
  const isRequest = (one: unknown) =>
    typeof one === 'object' &&
    one !== null &&
    ['id', 'partition', 'because'].every((field) => {
      const value = (one as Record<string, unknown>)[field];
      return value === undefined || typeof value === 'string';
    });
  return requests.every(isRequest) ? null : 'One of `requests` is not a request.';
}
