import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { absolute, fileName, hashText, STATE, writeAtomic } from '@nx-assets/storage/records';
import type { RunContext } from './run-context.ts';

/**
 * Nx keeps files of its cache in one folder, and what it knows of them in a database in another. Where somebody deletes
 * the first alone, it goes on saying that it restored what is no longer there, and old data would count as new. So
 * hashes change when that has happened: another epoch begins. Its name is random: a counter would start again where this
 * state is deleted too, and give names that the database knows from before.
 */
interface CacheState {
  readonly database: string | null;
  readonly files: string | null;
  readonly epoch: Epoch;
}

/** Empty for the first one. */
type Epoch = string;

/** Where Nx keeps its cache depends on these. */
type Place = Pick<RunContext, 'root' | 'env'>;

const statePath = (root: string): string => absolute(root, `${STATE}/nx-cache.json`);

/** Where Nx keeps the outputs of tasks: a folder for each hash. */
export function cacheFolder({ root, env }: Place): string {
  const given = env.NX_CACHE_DIRECTORY ?? nxJsonOf(root).cacheDirectory ?? '.nx/cache';
  return isAbsolute(given) ? given : join(root, given);
}

function nxJsonOf(root: string): { readonly cacheDirectory?: string } {
  try {
    return JSON.parse(readFileSync(join(root, 'nx.json'), 'utf8')) as { cacheDirectory?: string };
  } catch {
    return {}; // Nx itself has words for it
  }
}

/** A folder as it is now: another one of the same name is another. */
function identityOf(folder: string): string | null {
  const stats = statSync(folder, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.birthtimeNs}` : null;
}

function readState(root: string): CacheState | null {
  try {
    const state = JSON.parse(readFileSync(statePath(root), 'utf8')) as CacheState;
    return typeof state.epoch === 'string' ? state : null;
  } catch {
    return null; // nothing ran yet
  }
}

function look({ root, env }: Place): CacheState {
  const before = readState(root);
  const data = env.NX_WORKSPACE_DATA_DIRECTORY ?? '.nx/workspace-data';
  const database = identityOf(isAbsolute(data) ? data : join(root, data));
  const files = identityOf(cacheFolder({ root, env }));
  if (!before || before.database !== database) return { database, files, epoch: '' };
  const isLost = before.files !== null && before.files !== files;
  return { database, files, epoch: isLost ? randomUUID() : before.epoch };
}

/** Looks at the cache before a run, and remembers what it saw. Gives the epoch. */
export function beginEpoch(place: Place): Epoch {
  const state = look(place);
  writeState(place.root, state);
  return state.epoch;
}

/** Remembers the cache as a run left it. With `lost`, files were missing from it: the next run begins another epoch. */
export function endEpoch(place: Place, lost: boolean): void {
  const state = look(place);
  writeState(place.root, lost ? { ...state, epoch: randomUUID() } : state);
}

/** The epoch of the run that has begun; of the next one, if the cache has lost files since, a name that it will not have. */
export const currentEpoch = (place: Place): Epoch => look(place).epoch;

function writeState(root: string, state: CacheState): void {
  if (JSON.stringify(state) !== JSON.stringify(readState(root))) {
    writeAtomic(statePath(root), JSON.stringify(state));
  }
}

/** Gives what Nx knows a step by. */
export type TaskHashes = (actionKey: string) => string;

/**
 * What Nx knows steps by in an epoch: their action keys, the same on every machine, but where a cache has lost files, or
 * where it has an older value for the key than there is.
 */
export function taskHashes(place: Place, epoch: Epoch): TaskHashes {
  const [here, beside] = supersededPaths(place).map(readSuperseded);
  return (actionKey) => {
    const times = Math.max(here?.get(actionKey) ?? 0, beside?.get(actionKey) ?? 0);
    if (times === 0) return epoch === '' ? actionKey : hashText(`${actionKey} ${epoch}`);
    return hashText(`${actionKey} ${epoch} ${times}`);
  };
}

/**
 * Says that a value was made anew under its old key, and may be another: of two, the newest counts. What a cache has under
 * that key, here or elsewhere, is not asked for again by this workspace.
 */
export function supersede(place: Place, actionKey: string): void {
  const [here, beside] = supersededPaths(place);
  mkdirSync(dirname(here), { recursive: true });
  appendFileSync(here, `${actionKey}\n`);
  // A cache that is not there yet has nothing older.
  if (existsSync(dirname(beside))) appendFileSync(beside, `${actionKey}\n`);
}

/**
 * It is known twice: what is in a cache is old wherever that goes, also without our own state, as in CI; and what a remote
 * cache has is old also after the local one was deleted.
 */
const supersededPaths = (place: Place): readonly [here: string, besideTheCache: string] => [
  absolute(place.root, `${STATE}/superseded.txt`),
  join(cacheFolder(place), 'nx-assets-superseded.txt'),
];

/** Action key to how often a newer value took the place of what caches have. A line of the file is one of these times. */
function readSuperseded(path: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return times; // it never was
  }
  for (const line of text.split('\n')) if (line !== '') times.set(line, (times.get(line) ?? 0) + 1);
  return times;
}

/**
 * Whether Nx caches the files of a partition under its own hash. It knows their place beforehand only where the option
 * of the command is the very name in their path: not for `latest`, a range of one, or a name that is written otherwise.
 */
export const hasOwnHash = (part: string, option: unknown): boolean =>
  String(option) === part && fileName(part) === part;
