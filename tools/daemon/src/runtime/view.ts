import type { AssetKey, AssetManifest } from '@nx-assets/core';
import type { Partitioning, PartitionKey } from '@nx-assets/engine';
import type { HistoryReader, RunRequest, Step } from '@nx-assets/event-log';
import {
  absolute,
  readRecord,
  RecordIndex,
  recordPath,
  stampOf,
  type ValueRecord,
  workingCopySize,
} from '@nx-assets/storage/records';
import type { Made, StateView } from '../view.ts';

interface Known {
  readonly stamp: string;
  readonly made: Made | null;
  readonly value: Pick<ValueRecord, 'path'>;
}

/** What was read of records, kept from tick to tick: one `stat` tells whether it still holds. */
export class Records {
  readonly #root: string;
  readonly #known = new Map<AssetKey, Known>();

  constructor(root: string) {
    this.#root = root;
  }

  made(key: AssetKey): Made | null {
    const stamp = stampOf(absolute(this.#root, recordPath(key)));
    if (stamp === null) return null;
    const known = this.#known.get(key);
    const now = known?.stamp === stamp ? known : this.#read(key, stamp);
    this.#known.set(key, now);
    return now.made && workingCopySize(this.#root, now.value) !== null ? now.made : null;
  }

  #read(key: AssetKey, stamp: string): Known {
    const reading = readRecord(this.#root, key);
    if (reading.status !== 'found') return { stamp, made: null, value: { path: '' } };
    const { dataVersion, code, inputs, value } = reading.record;
    const made = { dataVersion, codeVersion: code.version, inputs };
    return { stamp, made, value };
  }
}

export interface ViewOptions {
  readonly root: string;
  readonly manifests: ReadonlyMap<AssetKey, AssetManifest>;
  readonly partitioning: Partitioning;
  readonly records: Records;
  readonly history: HistoryReader;
  /** Requests that have not come to their end. */
  readonly open: readonly RunRequest[];
}

/** How things are on disk and in the history, for conditions. */
export async function viewOf(options: ViewOptions): Promise<StateView> {
  const { root, manifests, partitioning, records, open } = options;
  const running = await runningSteps(options.history);
  const indexes = new Map<AssetKey, RecordIndex>();
  const parts = new Map<AssetKey, Map<string, Made | null>>();
  const isAbout = aboutWhat();
  const madeOf = (key: AssetKey, partition: string): Made | null => {
    const manifest = manifests.get(key);
    if (!manifest) return null;
    const index = indexes.get(key) ?? new RecordIndex(root, manifest);
    indexes.set(key, index);
    const reading = index.reading(partition);
    if (reading.status !== 'found') return null;
    const { dataVersion, code, inputs, value } = reading.record;
    if (workingCopySize(root, value) === null) return null;
    return { dataVersion, codeVersion: code.version, inputs };
  };
  return {
    partitioning,
    manifest: (key) => manifests.get(key),
    made: (key, partition) => {
      if (partition === null) return records.made(key);
      const own = parts.get(key) ?? new Map<string, Made | null>();
      parts.set(key, own);
      const known = own.get(partition);
      if (known !== undefined) return known;
      const made = madeOf(key, partition);
      own.set(partition, made);
      return made;
    },
    maker: (key, partition) => {
      const request = open.find((one) => one.target.assets?.includes(key) && isAbout(one, partition));
      if (request) return `request ${request.id}`;
      const run = running.find(
        ({ requested, ended }) => requested.has(key) && !ended.has(`${key} ${partition ?? ''}`),
      );
      return run ? `run ${run.runId}` : null;
    },
  };
}

/** Tells whether a request may make a partition. Ranges and words such as `latest` are not looked into. */
function aboutWhat(): (request: RunRequest, partition: PartitionKey) => boolean {
  // Asked of each partition; a request may name ten thousand.
  const known = new Map<string, ReadonlySet<string> | 'any'>();
  return ({ target }, partition) => {
    if (target.partition === null || partition === null) return true;
    const found = known.get(target.partition) ?? namedIn(target.partition);
    known.set(target.partition, found);
    return found === 'any' || found.has(partition);
  };
}

function namedIn(text: string): ReadonlySet<string> | 'any' {
  const keys = text.split(',');
  return keys.some((key) => !/^[0-9A-Za-z_/+-]+$/.test(key) || key === 'latest') ? 'any' : new Set(keys);
}

/** No more runs than these are looked at: they are those that run now. */
const MOST_RUNS = 50;

async function runningSteps(history: HistoryReader) {
  const runs = await history.runs({ limit: MOST_RUNS, status: 'running' });
  return Promise.all(
    runs.map(async ({ runId, requested }) => {
      const steps = await history.steps(runId);
      const hasEnded = ({ status }: Step) => status !== 'running';
      const ended = steps.filter(hasEnded).map(({ key, partition }) => `${key} ${partition ?? ''}`);
      return { runId, requested: new Set(requested), ended: new Set(ended) };
    }),
  );
}
