import { join } from 'node:path';
import {
  AssetError,
  type AssetKey,
  type AssetManifest,
  buildGraph,
  type Graph,
  type GroupManifest,
} from '@nx-assets/core';
import { lastObservation, plan, type PlannedStep, type PlanOptions, type World } from '@nx-assets/engine';
import {
  absolute,
  type AssetRecord,
  hashFile,
  HashCache,
  readRecord,
  readRecordAt,
  recordPath,
  type RecordReading,
} from '@nx-assets/storage/records';
import { findRoot } from '../compile-cache.ts';
import { readGroups } from '../groups.ts';
import { readManifest } from '../manifest.ts';
import { cacheFolder, currentEpoch, taskHash } from '../nx-cache.ts';
import { findPackageFiles } from '../package-files.ts';

/** A workspace as a command sees it: definitions, and a look at what is on disk. Starts no Nx. */
export class Workspace {
  readonly root: string;
  readonly groups: readonly GroupManifest[];
  readonly graph: Graph<AssetManifest>;
  readonly #hashes: HashCache;
  readonly #readings = new Map<AssetKey, RecordReading>();

  /** Throws `WORKSPACE_MISSING` outside of a workspace, and the errors of definitions. */
  static async open(from = process.cwd()): Promise<Workspace> {
    const root = findRoot(from);
    if (root === null)
      throw new AssetError('WORKSPACE_MISSING', `There is no nx.json in ${from}, nor above.`);
    const sources = readGroups(root, findPackageFiles(root));
    return new Workspace(root, await readManifest(root, sources));
  }

  private constructor(root: string, groups: readonly GroupManifest[]) {
    this.root = root;
    this.groups = groups;
    this.graph = buildGraph(groups.flatMap((group) => group.assets));
    this.#hashes = new HashCache(root);
  }

  get assets(): AssetManifest[] {
    return this.graph.order.flatMap((key) => this.graph.nodes.get(key) ?? []);
  }

  reading(key: AssetKey): RecordReading {
    const known = this.#readings.get(key);
    if (known) return known;
    const reading = readRecord(this.root, key);
    this.#readings.set(key, reading);
    return reading;
  }

  /** Where the value of a record can be read: in output/, or in Nx's cache; `null` where it is gone. */
  valueOf({ actionKey, dataVersion, value }: AssetRecord): string | null {
    const hash = taskHash(actionKey, currentEpoch(this.root));
    const places = [absolute(this.root, value.path), join(cacheFolder(this.root), hash, value.path)];
    return places.find((place) => hashFile(place) === dataVersion) ?? null;
  }

  plan(keys: Iterable<AssetKey>, options: PlanOptions): PlannedStep[] {
    const steps = plan(this.graph, keys, this.#world(), options);
    this.#hashes.save();
    return steps;
  }

  #world(): World {
    const cache = cacheFolder(this.root);
    const epoch = currentEpoch(this.root);
    return {
      now: new Date(),
      env: process.env,
      reading: (key) => this.reading(key),
      lastObservation: (manifest) => lastObservation(this.root, manifest),
      bytesOnDisk: (path) => this.#hashes.hash(path),
      // Nx keeps the outputs of a task in a folder that is called like its hash.
      cachedReading: (key, actionKey) =>
        readRecordAt(join(cache, taskHash(actionKey, epoch), recordPath(key)), key),
    };
  }
}
