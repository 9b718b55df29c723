import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  AssetError,
  type AssetKey,
  type AssetManifest,
  type GroupManifest,
  type OtherManifest,
} from '@nx-assets/core/data';
import type { GroupSource } from '@nx-assets/engine';
import {
  absolute,
  globHash,
  HashCache,
  hashFile,
  linkHash,
  matchingFiles,
  outcomesPath,
  STATE,
  stampOf,
  writeAtomic,
} from '@nx-assets/storage/records';
import type { Loaded, LoadFailure, LoadMessage, LoadOrder } from './load-order.ts';
import { runWorker } from './worker.ts';

/** What loading the definitions gave, and every file that this depends on, from the root. */
interface CachedManifest {
  readonly version: string;
  /** The groups as their package.json files describe them. */
  readonly sources: string;
  readonly groups: readonly GroupManifest[];
  readonly consulted: readonly Consulted[];
}

type Consulted = readonly [path: string, stamp: string, hash: string | null];

const VERSION = `11 ${process.version}`;
const TIMEOUT_MS = 30_000;

const manifestPath = (root: string): string => join(root, STATE, 'manifest.json');

/**
 * What the definitions of all groups say. Loads them, in a process of their own, only when a file that they
 * consist of changed; otherwise this costs one read and a `stat` for each of those files. `conditions`: those by which Node
 * resolves packages, besides its own.
 */
export async function readManifest(
  root: string,
  sources: readonly GroupSource[],
  conditions: readonly string[] = [],
): Promise<readonly GroupManifest[]> {
  if (sources.length === 0) return [];
  const cached = readCache(root);
  const key = JSON.stringify(sources);
  const version = versionFor(conditions);
  if (cached?.version === version && cached.sources === key) {
    const hashes = dataHashes(root);
    const fresh = cached.consulted.map((entry) => look(root, entry, hashes));
    hashes.save();
    if (fresh.every(([, , hash], index) => hash === cached.consulted[index]?.[2])) {
      // Same content under new times (a checkout, a touch): spare the next command the hashing.
      if (fresh.some(([, stamp], index) => stamp !== cached.consulted[index]?.[1])) {
        writeCache(root, { ...cached, consulted: fresh });
      }
      return cached.groups;
    }
  }
  const { groups, consulted } = await loadInWorker(root, sources);
  const locks = [
    'node_modules/.package-lock.json',
    'node_modules/.modules.yaml',
    'node_modules/.yarn-state.yml',
  ];
  // From the root: a workspace may be copied or moved with everything that it knows.
  const files = [
    ...consulted.map(([path, hash]) => [relative(root, path), hash] as const),
    ...locks.map((lock) => [lock, null] as const),
  ];
  const hashes = dataHashes(root);
  const looked = files.map((file) => lookAfterwards(root, file, hashes));
  hashes.save();
  writeCache(root, { version, sources: key, groups, consulted: looked });
  return groups;
}

const versionFor = (conditions: readonly string[]): string => [VERSION, ...conditions].join(' ');

/**
 * Loads the definitions again where another process found them with another Node, or by other conditions: Nx's daemon is
 * not started as each command is. What this process runs by is what counts.
 */
export async function readManifestAsHere(root: string, conditions: readonly string[]): Promise<void> {
  // Compared as text: most commands find what they need, and parsing it costs more than reading it.
  const path = manifestPath(root);
  const begins = `{"version":${JSON.stringify(versionFor(conditions))},`;
  if (!existsSync(path) || readFileSync(path, 'utf8').startsWith(begins)) return;
  await readManifest(root, lastSources(root), conditions);
}

/** Changes when what definitions say may have: with the file, and not with the names that runs give it to keep it. */
export function manifestStamp(root: string): string | null {
  const stats = statSync(manifestPath(root), { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.mtimeNs} ${stats.size} ${stats.ino}` : null;
}

/** What the last nx command found. For what runs inside it: hasher, executor, report. */
export const lastManifest = (root: string): ReadonlyMap<AssetKey, AssetManifest> =>
  manifestsAt(manifestPath(root));

function manifestsAt(path: string): ReadonlyMap<AssetKey, AssetManifest> {
  const cached = readCached(path);
  if (!cached) throw new AssetError('FRAMEWORK_BUG', `${path} is missing.`);
  return new Map(cached.groups.flatMap((group) => group.assets.map((asset) => [asset.key, asset])));
}

/** Keeps what was found for a run: what it is planned by stays, whatever other commands find while it goes on. */
export function keepManifest(root: string, runId: string): void {
  const kept = keptPath(root, runId);
  if (existsSync(kept) || !existsSync(manifestPath(root))) return;
  try {
    mkdirSync(dirname(kept), { recursive: true });
    // It is never written in place: a second name for it keeps it as it is.
    linkSync(manifestPath(root), kept);
  } catch {
    copyFileSync(manifestPath(root), kept);
  }
}

/** What a run was planned by; where nobody kept it, what the last nx command found. */
export const manifestOfRun = (root: string, runId: string): ReadonlyMap<AssetKey, AssetManifest> =>
  existsSync(keptPath(root, runId)) ? manifestsAt(keptPath(root, runId)) : lastManifest(root);

const keptPath = (root: string, runId: string): string => `${absolute(root, outcomesPath(runId))}.manifest`;

/** What groups define next to assets, as the last nx command found it. */
export const lastOthers = (root: string): readonly OtherManifest[] =>
  (readCache(root)?.groups ?? []).flatMap(({ others }) => others);

/** What was found when definitions last loaded; nothing where that was never, or in another version. */
export function lastGroups(root: string): readonly GroupManifest[] {
  const cached = readCache(root);
  return cached?.version.startsWith(VERSION) ? cached.groups : [];
}

/** Targets of groups that are no assets, as `group/name`, as the last nx command found them. */
export const lastOtherTargets = (root: string): ReadonlySet<string> =>
  new Set([
    ...lastOthers(root).map(({ key }) => key),
    ...lastSources(root).flatMap(({ name, reserved }) => reserved.map((target) => `${name}/${target}`)),
  ]);

/** The groups of the last nx command, to load their definitions. */
export const lastSources = (root: string): readonly GroupSource[] =>
  JSON.parse(readCache(root)?.sources ?? '[]') as GroupSource[];

const readCache = (root: string): CachedManifest | null => readCached(manifestPath(root));

function readCached(path: string): CachedManifest | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as CachedManifest;
  } catch {
    return null; // not there yet, or torn: load again
  }
}

const writeCache = (root: string, manifest: CachedManifest): void =>
  writeAtomic(manifestPath(root), JSON.stringify(manifest));

/** Hashes of data files: they may be large, and some that others have read before. Nothing is loaded until one is asked for. */
interface DataHashes {
  hash(path: string): string | null;
  save(): void;
}

function dataHashes(root: string): DataHashes {
  let cache: HashCache | undefined;
  let realRoot: string | undefined;
  return {
    hash(path) {
      cache ??= new HashCache(root);
      realRoot ??= realpathSync(root);
      // By where it really is: of a link the cache knows nothing.
      return cache.hash(relative(realRoot, realpathSync(join(root, path))).replaceAll('\\', '/'));
    },
    save: () => cache?.save(),
  };
}

/** The file's stamp and hash now; the old hash when the stamp is as it was. */
function look(root: string, [path, stamp, hash]: Consulted, hashes: DataHashes): Consulted {
  const file = join(root, path);
  // A link is followed each time: its own times say nothing of where it leads.
  if (hash?.startsWith('link:')) return [path, stamp, linkHash(root, file)];
  if (hash?.startsWith('glob:')) return [path, stamp, globHash(matchingFiles(root, path))];
  const now = stampOf(file);
  if (now === null) return [path, 'missing', null];
  if (now === stamp) return [path, stamp, hash];
  return [path, now, hash?.startsWith('data:') ? `data:${hashes.hash(path)}` : hashFile(file)];
}

/** A file that was edited while it was read keeps the old hash without a stamp, so that the next look sees it. */
function lookAfterwards(
  root: string,
  [path, hash]: readonly [path: string, hash: string | null],
  hashes: DataHashes,
): Consulted {
  if (hash?.startsWith('link:') || hash?.startsWith('glob:')) return [path, '', hash];
  const now = look(root, [path, '', hash?.startsWith('data:') ? hash : null], hashes);
  return hash === null || now[2] === hash ? now : [path, '', hash];
}

async function loadInWorker(root: string, sources: readonly GroupSource[]): Promise<Loaded> {
  mkdirSync(join(root, STATE), { recursive: true });
  let loading = sources[0]?.name ?? '';
  let answer: Loaded | LoadFailure | undefined;
  const end = await runWorker<LoadMessage>({
    from: import.meta.url,
    name: '@nx-assets/workspace/load-worker',
    cwd: root,
    order: { root, sources } satisfies LoadOrder,
    timeout: TIMEOUT_MS,
    onMessage: (message) => {
      if (message.type === 'loading') loading = message.group;
      else answer = message;
    },
  });
  if (answer?.type === 'done') return answer;
  if (answer) throw new AssetError(answer.code, answer.facts, { remedy: answer.remedy });
  if (end.isTimeout) {
    const seconds = TIMEOUT_MS / 1000;
    throw new AssetError('DEFINITION_TIMEOUT', `Group "${loading}" did not load within ${seconds} s.`);
  }
  const facts = `Group "${loading}" ended the process that loads it (${end.how}). ${end.lastWords}`;
  throw new AssetError('DEFINITION_THREW', facts);
}
