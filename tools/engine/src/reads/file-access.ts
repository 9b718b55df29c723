import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { queryChannel } from '@nx-assets/storage';
import { watchStarts } from './file-starts.ts';

/** Hears of what code does with files, by `node:fs` or by SQL. Paths are as they were given. */
export interface FileAccess {
  /** Opens a file, or lists a folder. */
  read(path: string): void;
  /** Gives it to a worker, a process or the linker: what may be the path of a file to run. */
  ran(path: string): void;
  wrote(path: string): void;
  queried(text: string, values: readonly unknown[]): void;
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;
/** What a call does with the paths among its arguments. */
type Effect = (access: FileAccess, args: readonly unknown[]) => void;

const listening = new AsyncLocalStorage<FileAccess>();
let isInstalled = false;

/** Runs what an author wrote, and tells of its files, and of nobody else's. */
export function withFileAccess<T>(access: FileAccess, run: () => T): T {
  watchFileAccess();
  return listening.run(access, run);
}

/** Runs what is not the author's in between. */
export const withoutFileAccess = <T>(run: () => T): T => listening.exit(run);

/**
 * From now on calls of `node:fs` are seen, wherever it is imported later. A library that has taken a function out of it before is
 * not seen: so this comes before definitions load.
 */
export function watchFileAccess(): void {
  if (isInstalled) return;
  isInstalled = true;
  for (const [name, effect] of Object.entries(EFFECTS)) {
    for (const [target, own] of [
      [fs, name],
      [fs, `${name}Sync`],
      [fs.promises, name],
    ] as const) {
      const original: unknown = Reflect.get(target, own);
      if (typeof original === 'function') Reflect.set(target, own, watched(original as Callable, effect));
    }
  }
  watchStarts((path) => {
    const access = listening.getStore();
    if (access) listening.exit(() => access.ran(path));
  });
  syncBuiltinESMExports();
  queryChannel.subscribe((message) => {
    const { text, values } = message as { text: string; values: readonly unknown[] };
    const access = listening.getStore();
    if (access) listening.exit(() => access.queried(text, values));
  });
}

function watched(original: Callable, effect: Effect): Callable {
  const wrapper: Callable = function (...args) {
    const access = listening.getStore();
    // What the listener does with files itself is nobody's.
    if (access) listening.exit(() => effect(access, args));
    return original.apply(this, args);
  };
  // Its name, and what `util.promisify` looks for.
  return Object.defineProperties(wrapper, Object.getOwnPropertyDescriptors(original));
}

const reads: Effect = (access, [path]) => tell(path, (text) => access.read(text));
const writes: Effect = (access, [path]) => tell(path, (text) => access.wrote(text));
const nothing: Effect = () => undefined;
const copies: Effect = (access, [from, to]) => {
  tell(from, (text) => access.read(text));
  tell(to, (text) => access.wrote(text));
};

const EFFECTS: Readonly<Record<string, Effect>> = {
  readFile: reads,
  // Streams open their files by it, too.
  open: (access, args) => effectOf(args[1])(access, args),
  openAsBlob: reads,
  readdir: reads,
  opendir: reads,
  copyFile: copies,
  cp: copies,
  writeFile: writes,
  rename: (access, [, to]) => tell(to, (text) => access.wrote(text)),
};

/** What opening a file with these flags comes to: `w` begins an empty one, `a` only adds to one. */
function effectOf(flags: unknown): Effect {
  const { O_TRUNC, O_WRONLY } = fs.constants;
  if (typeof flags === 'number')
    return (flags & O_TRUNC) !== 0 ? writes : (flags & O_WRONLY) !== 0 ? nothing : reads;
  const text = String(flags ?? 'r');
  return text.startsWith('w') ? writes : text.startsWith('a') && !text.includes('+') ? nothing : reads;
}

function tell(path: unknown, say: (text: string) => void): void {
  // A number is a file that is open already.
  if (typeof path === 'string') say(path);
  else if (path instanceof URL) say(path.protocol === 'file:' ? fileURLToPath(path) : '');
  else if (path instanceof Uint8Array) say(Buffer.from(path).toString());
}
