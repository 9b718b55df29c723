import type { AssetKey, AssetManifest, DataVersion } from '@nx-assets/core';
import { inputsOf, Partitioning, type PartitionKey } from '@nx-assets/engine';
import type { RequestStatus } from '@nx-assets/event-log';
import type { Made, View } from './view.ts';

export const key = (text: string) => text as AssetKey;

/** How things are, in memory. */
export class MemoryState implements View {
  readonly partitioning: Partitioning;
  readonly #manifests: Map<AssetKey, AssetManifest>;
  readonly #made = new Map<string, Made>();
  readonly #makers = new Map<string, string>();
  readonly #requests = new Map<string, RequestStatus>();

  constructor(manifests: readonly AssetManifest[], now: number) {
    this.#manifests = new Map(manifests.map((manifest) => [manifest.key, manifest]));
    const world = { now, dynamicKeys: () => [], custom: () => null };
    this.partitioning = new Partitioning(this.#manifests, world);
  }

  manifest = (asset: AssetKey) => this.#manifests.get(asset);
  made = (asset: AssetKey, partition: PartitionKey) => this.#made.get(`${asset} ${partition ?? ''}`) ?? null;
  maker = (asset: AssetKey, partition: PartitionKey) =>
    this.#makers.get(`${asset} ${partition ?? ''}`) ?? null;
  requested = (id: string) => this.#requests.get(id) ?? null;

  /** Makes it of what its deps are now, with the code that it has now. */
  make(name: string, partition: PartitionKey = null, data = 'one'): this {
    const manifest = this.#manifests.get(key(name)) as AssetManifest;
    const versionOf = (dep: AssetKey, part: PartitionKey) => this.made(dep, part)?.dataVersion ?? null;
    const inputs = Object.entries(inputsOf(manifest, partition, this.partitioning, versionOf)).flatMap(
      ([alias, { key: dep, dataVersion }]) =>
        dataVersion === null ? [] : [[alias, { key: dep, dataVersion }] as const],
    );
    const made = { codeVersion: manifest.code.version, inputs: Object.fromEntries(inputs) };
    this.#made.set(`${name} ${partition ?? ''}`, { ...made, dataVersion: data as DataVersion });
    return this;
  }

  lose(name: string, partition: PartitionKey = null): this {
    this.#made.delete(`${name} ${partition ?? ''}`);
    return this;
  }

  /** Edits its code. */
  edit(name: string, version: string): this {
    const manifest = this.#manifests.get(key(name)) as AssetManifest;
    this.#manifests.set(key(name), { ...manifest, code: { ...manifest.code, version } });
    return this;
  }

  /** Somebody is about to make it, or nobody any more. */
  making(name: string, partition: PartitionKey, maker: string | null): this {
    if (maker === null) this.#makers.delete(`${name} ${partition ?? ''}`);
    else this.#makers.set(`${name} ${partition ?? ''}`, maker);
    return this;
  }

  /** What became of a request. */
  became(id: string, status: RequestStatus): this {
    this.#requests.set(id, status);
    return this;
  }
}
